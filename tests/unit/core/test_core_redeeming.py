"""Given a link code, when somebody brings it on another channel, then they are who it was made for and go on from
there; and a code that does not count links nobody."""

from __future__ import annotations

from typing import Any

import pytest

from shared.model import link_codes
from shared.model.inbound import InboundMessage, Sender
from shared.model.media import Media
from shared.model.parts import ImagePart, TextPart
from tests.support.channels import text_message, webhook
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    LINKED,
    STORED,
    brings,
    close,
    code_for,
    customer_of,
    identities_of,
    last_of,
    log_of,
    merge,
    named,
    texts_of,
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


class TestWhoBringsIt:
    def test_somebody_new_joins_the_customer_and_the_conversation_goes_on_there(
        self, desk: Desk, ann: str, code: str
    ) -> None:
        assert brings(desk, "bob", code) == LINKED

        assert identities_of(desk, ann) == {ANN, BOB}
        identity = desk.store.identities[BOB].identity
        assert (identity.verification, identity.external_id) == ("code", "bob")
        head = desk.conversation("bob", "lounge")
        assert head == desk.conversation("ann")
        assert (list(head.routes), head.active_identity) == ([ANN, BOB], BOB)
        assert log_of(desk, head.conversation_id)[2:] == ["identity.linked", "conversation.channel_switched"]
        switched = last_of(desk, head.conversation_id, "conversation.channel_switched").data
        assert (switched["from"]["identity_id"], switched["to"]["identity_id"]) == (ANN, BOB)
        assert switched["reason"] == "link_code"
        assert desk.answer(head.conversation_id)["route"]["identity_id"] == BOB

    def test_somebody_known_brings_all_of_their_identities(self, desk: Desk, ann: str, code: str) -> None:
        desk.write("bob", "from bob", channel="lounge")
        desk.write("bea", channel="post")
        merge(desk, customer_of(desk, "bea", "post"), customer_of(desk, "bob", "lounge"))
        bobs = desk.conversation("bob", "lounge").conversation_id

        assert brings(desk, "bob", code) == LINKED

        assert identities_of(desk, ann) == {ANN, BOB, named("bea", "post")}
        assert log_of(desk, bobs)[-1] == "conversation.closed"
        assert desk.conversation("ann").active_identity == BOB

    def test_somebody_who_is_there_already_only_switches(self, desk: Desk, ann: str, code: str) -> None:
        brings(desk, "bob", code)
        desk.write("ann", "back to letters")
        links = dict(desk.links.links)

        assert brings(desk, "bob", again := code_for(desk, ann)) == LINKED

        assert desk.links.links == links
        assert desk.links.codes[again].used_by == BOB
        assert desk.conversation("ann").active_identity == BOB
        assert log_of(desk, anns(desk))[-1] == "conversation.channel_switched"

    def test_the_customer_themselves_switches_nowhere(self, desk: Desk, code: str) -> None:
        before = log_of(desk, anns(desk))
        assert brings(desk, "ann", code, channel="letters") == LINKED
        assert log_of(desk, anns(desk)) == before

    def test_the_link_says_who_asked_for_the_code(self, desk: Desk, ann: str, code: str) -> None:
        brings(desk, "bob", code)
        link = last_of(desk, anns(desk), "identity.linked").data["link"]
        assert (link["evidence"], link["verification"]) == ("code", "code")
        assert link["by"] == {"type": "customer", "id": BOB, "code_by_type": "agent", "code_by_id": "key-1"}

    def test_who_comes_by_a_code_sees_what_was_said_before(self, desk: Desk, code: str) -> None:
        brings(desk, "bob", code)
        assert desk.conversation("ann").routes[BOB].shows_from == 0

    def test_a_code_of_a_customer_who_was_merged_since_leads_to_who_they_are_now(
        self, desk: Desk, ann: str, code: str
    ) -> None:
        for sender in ("cid", "dan"):
            desk.write(sender, channel="post")
        cid, dan = customer_of(desk, "cid", "post"), customer_of(desk, "dan", "post")
        merge(desk, ann, cid)
        merge(desk, cid, dan)
        assert brings(desk, "bob", code) == LINKED
        assert customer_of(desk, "bob", "lounge") == dan

    def test_a_code_counts_when_the_conversation_is_closed_and_the_next_one_is_for_both(
        self, desk: Desk, ann: str, code: str
    ) -> None:
        close(desk, "ann")
        assert brings(desk, "bob", code) == LINKED
        assert "conversation.channel_switched" not in log_of(desk, anns(desk))
        desk.write("bob", channel="lounge")
        assert set(desk.conversation("bob", "lounge").routes) == {ANN, BOB}


class TestHowItIsBrought:
    @pytest.mark.parametrize(
        "spelling",
        [
            lambda code: code,
            link_codes.shown,
            lambda code: link_codes.shown(code).lower(),
            lambda code: f"  {code[:4]} {code[4:]} \n",
            lambda code: f"{code[:4]}—{code[4:]}",
            lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in link_codes.shown(code)),
        ],
        ids=["plain", "shown", "small", "spaces", "long dash", "full width"],
    )
    def test_a_typed_code_is_one_in_every_spelling_and_no_message(self, desk: Desk, code: str, spelling: Any) -> None:
        assert desk.write("bob", spelling(code), channel="lounge") == LINKED
        assert desk.conversation("bob", "lounge") == desk.conversation("ann")
        assert texts_of(desk, anns(desk)) == ["from ann"]

    @pytest.mark.parametrize("text", ["my code is {}", "{} please", "{0} {0}"])
    def test_a_code_in_the_middle_of_a_text_is_no_code(self, desk: Desk, code: str, text: str) -> None:
        assert desk.write("bob", text.format(link_codes.shown(code)), channel="lounge") == STORED
        assert desk.conversation("bob", "lounge") != desk.conversation("ann")
        assert desk.links.codes[code].used_by is None

    def test_a_code_beside_something_else_is_no_code(self, desk: Desk, code: str) -> None:
        message = text_message("bob", "1", code)
        message.parts = [TextPart(text=code), TextPart(text="and a question")]
        assert desk.ingest(webhook(message, "lounge")) == STORED
        assert desk.links.codes[code].used_by is None

    def test_a_scan_opens_the_window_that_it_opens(self, desk: Desk, code: str) -> None:
        desk.clock.advance(100)
        brings(desk, "bob", code, opens="message", occurred_at=desk.clock() - 3)
        window = desk.conversation("ann").routes[BOB].windows["message"]
        assert (window.opened_at, window.used) == (desk.clock() - 3, 0)

    def test_a_scan_of_somebody_known_opens_it_too_and_keeps_the_thread(self, desk: Desk, code: str) -> None:
        desk.write("bob", channel="lounge", opens=None)
        brings(desk, "bob", code, opens="message", thread_id="thread-1")
        route = desk.conversation("ann").routes[BOB]
        assert (route.windows["message"].opened_at, route.thread_id) == (desk.clock(), "thread-1")

    def test_a_message_around_the_code_is_stored_where_it_leads(self, desk: Desk, code: str) -> None:
        assert desk.write("bob", "here I am", channel="lounge", link_code=code) == STORED
        assert texts_of(desk, anns(desk)) == ["from ann", "here I am"]
        assert log_of(desk, anns(desk))[2:] == [
            "identity.linked",
            "conversation.channel_switched",
            "message.received",
        ]

    @pytest.mark.parametrize("origin", ["echo"])
    def test_a_code_that_staff_typed_is_not_looked_at(self, desk: Desk, code: str, origin: Any) -> None:
        desk.write("bob", channel="lounge")
        desk.write("bob", link_codes.shown(code), channel="lounge", origin=origin)
        assert desk.links.codes[code].used_by is None
        assert desk.conversation("bob", "lounge") != desk.conversation("ann")

    def test_a_picture_is_no_code(self, desk: Desk, code: str) -> None:
        message = InboundMessage(
            provider_id="1",
            sender=Sender(external_id="bob", scope="main"),
            parts=[ImagePart(media=Media())],
            occurred_at=1.0,
        )
        assert desk.ingest(webhook(message, "lounge")) == STORED
