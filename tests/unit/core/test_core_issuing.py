"""Given a customer, when a link code is asked for, then it is theirs, for a while, with an address on every channel
that has one; and nobody gets codes without end."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.linking.issuing import MOST_CODES, IssueLinkCode, LinkCodeRequest
from shared.errors import (
    Conflict,
    DeliveryError,
    InfrastructureError,
    NotFound,
    TooManyRequests,
    UnknownAccount,
    Unprocessable,
)
from shared.model import link_codes
from shared.ports.connector import DeepLink
from shared.ports.context import ChannelContext
from tests.support.providers import channel_context
from tests.support.stores import Surroundings
from tests.unit.core.desk import Desk
from tests.unit.core.people import LINKED, brings, customer_of, merge

BY = {"type": "agent", "id": "key-1"}


class Issuing:
    """Where codes are handed out: on the accounts of a desk. ``failed`` are the accounts that gave no address."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.accounts = [("letters", "main"), ("lounge", "second"), ("lounge", "main")]
        self.failed: list[tuple[str, str, str]] = []
        self.taken_down: set[tuple[str, str]] = set()
        self.issue = IssueLinkCode(
            desk.links,
            desk.links,
            accounts=lambda: self.accounts,
            connector_of=desk.channels.__getitem__,
            context_of=self._context,
            failed=lambda *which: self.failed.append(which),
            clock=desk.clock,
        )

    def __call__(self, customer_id: str, **request: str) -> dict[str, Any]:
        return self.issue(customer_id, LinkCodeRequest(**request), BY)

    def _context(self, channel: str, account: str) -> ChannelContext:
        if (channel, account) in self.taken_down:
            raise UnknownAccount(account)
        return channel_context({}, http=Surroundings(), name=account)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.write("ann")
    return desk


@pytest.fixture
def ann(desk: Desk) -> str:
    return customer_of(desk, "ann")


@pytest.fixture
def counter(desk: Desk) -> Issuing:
    return Issuing(desk)


def plain(answer: dict[str, Any]) -> str:
    code = link_codes.read_code(answer["code"])
    assert code is not None
    return code


class TestWhatIsHandedOut:
    def test_a_code_its_end_and_an_address_for_every_account(self, desk: Desk, counter: Issuing, ann: str) -> None:
        answer = counter(ann)
        code = plain(answer)
        assert answer["code"] == link_codes.shown(code)
        assert answer["expires_at"] == "2027-01-15T08:15:00.000Z"
        assert answer["links"] == [
            {"channel": "letters", "account": "main", "url": f"https://letters.example/{code}"},
            {"channel": "lounge", "account": "main", "url": f"https://lounge.example/{code}"},
            {"channel": "lounge", "account": "second", "url": f"https://lounge.example/{code}"},
        ]
        assert answer["deep_links"] == {
            "letters": f"https://letters.example/{code}",
            "lounge": f"https://lounge.example/{code}",
        }
        kept = desk.links.codes[code]
        assert (kept.customer_id, kept.by, kept.channel, kept.account) == (ann, BY, None, None)
        assert kept.expires_at == desk.clock() + 15 * 60

    def test_it_is_a_code_that_counts(self, desk: Desk, counter: Issuing, ann: str) -> None:
        assert brings(desk, "bob", plain(counter(ann))) == LINKED

    @pytest.mark.parametrize(
        ("request_", "accounts"),
        [
            ({"channel": "lounge"}, [("lounge", "main"), ("lounge", "second")]),
            ({"channel": "lounge", "account": "second"}, [("lounge", "second")]),
            ({"account": "main"}, [("letters", "main"), ("lounge", "main")]),
        ],
    )
    def test_a_code_for_some_accounts_has_their_addresses_and_counts_there_only(
        self, desk: Desk, counter: Issuing, ann: str, request_: dict[str, str], accounts: list[tuple[str, str]]
    ) -> None:
        answer = counter(ann, **request_)
        assert [(link["channel"], link["account"]) for link in answer["links"]] == accounts
        kept = desk.links.codes[plain(answer)]
        assert (kept.channel, kept.account) == (request_.get("channel"), request_.get("account"))

    def test_a_channel_without_such_addresses_is_left_out(
        self, desk: Desk, counter: Issuing, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(desk.channels["letters"], "deep_link", lambda code, context: None)
        assert list(counter(ann)["deep_links"]) == ["lounge"]
        assert counter.failed == []

    def test_what_a_qr_code_has_to_hold_is_handed_on(
        self, desk: Desk, counter: Issuing, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(desk.channels["letters"], "deep_link", lambda code, context: DeepLink("https://a", "qr:a"))
        [link] = counter(ann, channel="letters")["links"]
        assert link == {"channel": "letters", "account": "main", "url": "https://a", "qr": "qr:a"}

    def test_an_account_that_gives_no_address_just_now_is_left_out_and_told_of(
        self, desk: Desk, counter: Issuing, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(code: str, context: ChannelContext) -> DeepLink:
            raise DeliveryError("retry", "provider_unreachable", "nobody is there")

        monkeypatch.setattr(desk.channels["letters"], "deep_link", refuse)
        counter.taken_down.add(("lounge", "second"))
        answer = counter(ann)
        assert [(link["channel"], link["account"]) for link in answer["links"]] == [("lounge", "main")]
        assert counter.failed == [
            ("letters", "main", "provider_unreachable"),
            ("lounge", "second", "UnknownAccount"),
        ]
        assert brings(desk, "bob", plain(answer)) == LINKED

    def test_a_code_that_is_in_use_is_not_handed_out_again(
        self, counter: Issuing, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn = iter(["ABCD2345", "ABCD2345", "ABCD2345", "WXYZ6789"])
        monkeypatch.setattr(link_codes, "new_code", lambda: next(drawn))
        assert [counter(ann)["code"] for _ in range(2)] == ["ABCD-2345", "WXYZ-6789"]
        monkeypatch.setattr(link_codes, "new_code", lambda: "ABCD2345")
        with pytest.raises(InfrastructureError):
            counter(ann)


class TestRefusals:
    def test_a_customer_whom_nobody_knows_gets_none(self, counter: Issuing) -> None:
        with pytest.raises(NotFound) as refused:
            counter("cus_nobody")
        assert refused.value.code == "unknown_customer"

    def test_a_customer_who_was_merged_gets_none_and_it_is_said_who_they_are(
        self, desk: Desk, counter: Issuing, ann: str
    ) -> None:
        desk.write("bob", channel="lounge")
        merge(desk, ann, bob := customer_of(desk, "bob", "lounge"))
        with pytest.raises(Conflict) as refused:
            counter(ann)
        assert (refused.value.code, refused.value.members) == ("customer_merged", {"merged_into": bob})

    @pytest.mark.parametrize(
        "request_", [{"channel": "pigeon"}, {"channel": "letters", "account": "second"}, {"account": "third"}]
    )
    def test_there_is_no_code_for_a_channel_that_is_not_set_up(
        self, desk: Desk, counter: Issuing, ann: str, request_: dict[str, str]
    ) -> None:
        with pytest.raises(Unprocessable) as refused:
            counter(ann, **request_)
        assert refused.value.code == "unknown_channel"
        assert desk.links.codes == {}
        assert desk.links.issued == {}

    def test_after_so_many_codes_one_has_to_wait(self, desk: Desk, counter: Issuing, ann: str) -> None:
        for _ in range(MOST_CODES):
            counter(ann)
            desk.clock.advance(1)
        with pytest.raises(TooManyRequests) as refused:
            counter(ann)
        assert refused.value.code == "too_many_codes"
        assert refused.value.members == {"retry_after": link_codes.SECONDS - MOST_CODES}
        assert len(desk.links.codes) == MOST_CODES

        desk.write("bob", channel="lounge")
        counter(customer_of(desk, "bob", "lounge"))
        desk.clock.advance(link_codes.SECONDS)
        counter(ann)
