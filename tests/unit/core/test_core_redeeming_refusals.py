"""Given a code that does not count, or that comes more than once, then nobody is linked by it who should not be, and
nobody twice."""

from __future__ import annotations

import pytest

from shared.core.linking.redeeming import MOST_WRONG
from shared.errors import InfrastructureError
from shared.model import link_codes
from shared.model.inbound import Sender
from tests.support.channels import text_message, webhook
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    LINKED,
    STORED,
    brings,
    code_for,
    customer_of,
    everybody,
    identities_of,
    log_of,
    merge,
    named,
    texts_of,
    unlink,
)

ANN, BOB = named("ann"), named("bob", "lounge")


@pytest.fixture
def desk() -> Desk:
    """Ann has written a letter."""
    desk = Desk()
    desk.write("ann", "from ann")
    return desk


@pytest.fixture
def ann(desk: Desk) -> str:
    return customer_of(desk, "ann")


@pytest.fixture
def code(desk: Desk, ann: str) -> str:
    return code_for(desk, ann)


def anns(desk: Desk) -> str:
    return desk.conversation("ann").conversation_id


class TestCodesThatDoNotCount:
    @pytest.mark.parametrize(
        "case", ["wrong", "used", "expired", "other channel", "other account", "customer gone", "malformed"]
    )
    @pytest.mark.parametrize("link_only", [True, False])
    def test_it_links_nobody_and_what_was_said_is_stored_as_it_is(
        self, desk: Desk, ann: str, case: str, link_only: bool
    ) -> None:
        more = {"other channel": {"channel": "post"}, "other account": {"account": "second"}}.get(case, {})
        code = code_for(desk, "cus_gone" if case == "customer gone" else ann, **more)
        if case == "used":
            brings(desk, "cid", code)
        if case == "expired":
            desk.clock.advance(link_codes.SECONDS)
        brought = {"wrong": "ABCD2345", "malformed": "ABCD-23"}.get(case, code)

        assert desk.write("bob", "hi", channel="lounge", link_code=brought, link_only=link_only) == STORED

        assert BOB not in identities_of(desk, ann)
        assert texts_of(desk, desk.conversation("bob", "lounge").conversation_id) == ["hi"]

    def test_a_code_counts_to_its_last_moment(self, desk: Desk, code: str) -> None:
        desk.clock.advance(link_codes.SECONDS - 0.001)
        assert brings(desk, "bob", code) == LINKED

    @pytest.mark.parametrize(
        "more", [{"channel": "lounge"}, {"account": "main"}, {"channel": "lounge", "account": "main"}]
    )
    def test_a_code_for_one_place_counts_there(self, desk: Desk, ann: str, more: dict[str, str]) -> None:
        assert brings(desk, "bob", code_for(desk, ann, **more)) == LINKED

    def test_a_sender_whom_anybody_could_be_cannot_use_it(self, desk: Desk, ann: str, code: str) -> None:
        message = text_message("bob", "1", code, link_code=code, link_only=True)
        message.sender = Sender(external_id="bob", scope="main", unproven=True)
        assert desk.ingest(webhook(message, "lounge")) == STORED
        assert identities_of(desk, ann) == {ANN}
        assert desk.links.codes[code].used_by is None

    def test_after_too_many_wrong_ones_not_even_the_right_one_is_looked_at_for_a_while(
        self, desk: Desk, ann: str, code: str
    ) -> None:
        for _ in range(MOST_WRONG):
            assert brings(desk, "bob", link_codes.new_code()) == STORED
        assert brings(desk, "bob", code) == STORED
        assert desk.links.codes[code].used_by is None
        assert brings(desk, "cid", code) == LINKED

        desk.clock.advance(link_codes.SECONDS)
        assert brings(desk, "bob", code_for(desk, ann)) == LINKED

    def test_four_wrong_ones_are_forgiven(self, desk: Desk, code: str) -> None:
        for _ in range(MOST_WRONG - 1):
            brings(desk, "bob", link_codes.new_code())
        assert brings(desk, "bob", code) == LINKED

    def test_a_wrong_one_that_is_delivered_again_is_counted_once(self, desk: Desk) -> None:
        for _ in range(3):
            brings(desk, "bob", "ABCD2345", provider_id="1")
        assert desk.links.wrong(BOB, link_codes.SECONDS) == 1

    def test_a_customer_with_as_many_identities_as_there_may_be_gets_no_more(self, desk: Desk, ann: str) -> None:
        for number in range(24):
            brings(desk, f"friend-{number}", code_for(desk, ann))
        code = code_for(desk, ann)
        desk.write("known", channel="lounge")
        for sender in ("new", "known"):
            assert brings(desk, sender, code) == STORED
        assert len(identities_of(desk, ann)) == 25
        assert desk.links.codes[code].used_by is None


class TestOnceAndForAll:
    def test_a_message_that_is_delivered_again_links_and_switches_once(self, desk: Desk, code: str) -> None:
        for _ in range(3):
            assert brings(desk, "bob", code, provider_id="1") == LINKED
        assert log_of(desk, anns(desk))[2:] == ["identity.linked", "conversation.channel_switched"]

    def test_a_late_delivery_does_not_fetch_the_customer_back(self, desk: Desk, code: str) -> None:
        brings(desk, "bob", code, provider_id="1")
        desk.write("ann", "on my way")
        assert brings(desk, "bob", code, provider_id="1") == LINKED
        assert desk.conversation("ann").active_identity == ANN

    def test_a_late_delivery_does_not_undo_an_unlink(self, desk: Desk, ann: str, code: str) -> None:
        brings(desk, "bob", code, provider_id="1")
        unlink(desk, ann, BOB)
        before = everybody(desk)
        brings(desk, "bob", code, provider_id="1")
        assert everybody(desk) == before

    def test_a_message_around_the_code_that_is_delivered_again_is_stored_once(self, desk: Desk, code: str) -> None:
        desk.write("bob", "here I am", channel="lounge", link_code=code, provider_id="1")
        again = desk.write("bob", "here I am", channel="lounge", link_code=code, provider_id="1")
        assert again == {"received": 1, "duplicate": 1}
        assert texts_of(desk, anns(desk)) == ["from ann", "here I am"]

    def test_a_crash_between_the_link_and_the_switch_is_mended_by_the_next_delivery(
        self, desk: Desk, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: object, **__: object) -> None:
            raise InfrastructureError("the power went out")

        with monkeypatch.context() as broken:
            broken.setattr(desk.store, "append", crash)
            with pytest.raises(InfrastructureError):
                brings(desk, "bob", code, provider_id="1")
        assert log_of(desk, anns(desk))[-1] == "identity.linked"

        assert brings(desk, "bob", code, provider_id="1") == LINKED

        assert log_of(desk, anns(desk))[2:] == ["identity.linked", "conversation.channel_switched"]
        assert desk.conversation("ann").active_identity == BOB

    def test_of_two_who_race_for_a_code_one_gets_it(self, desk: Desk, ann: str, code: str) -> None:
        desk.links.meanwhile.append(lambda: brings(desk, "cid", code))
        assert brings(desk, "bob", code) == STORED
        assert identities_of(desk, ann) == {ANN, named("cid", "lounge")}

    @pytest.mark.parametrize("known", [True, False])
    def test_a_code_of_a_customer_who_is_merged_meanwhile_still_leads_to_them(
        self, desk: Desk, ann: str, code: str, known: bool
    ) -> None:
        desk.write("cid", channel="post")
        cid = customer_of(desk, "cid", "post")
        if known:
            desk.write("bob", channel="lounge")
        desk.links.meanwhile.append(lambda: merge(desk, ann, cid))
        assert brings(desk, "bob", code) == LINKED
        assert identities_of(desk, cid) == {ANN, BOB, named("cid", "post")}

    def test_a_sender_who_is_linked_to_the_customer_meanwhile_is_linked_once(
        self, desk: Desk, ann: str, code: str
    ) -> None:
        desk.write("bob", channel="lounge")
        desk.links.meanwhile.append(lambda: merge(desk, customer_of(desk, "bob", "lounge"), ann))
        assert brings(desk, "bob", code) == LINKED
        assert log_of(desk, anns(desk)).count("identity.linked") == 1
