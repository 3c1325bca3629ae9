"""Given a reply with other routes left, when it stays unread for as long as its author said, then it is sent on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.core.delivery_state import DeliveryState
from shared.core.later import TryLater
from shared.core.records import Entry, RouteName
from shared.core.unread import LEAST_PAUSE, LONGEST_WAIT, FollowUnread
from tests.support.stores import START, Clock
from tests.unit.core.memory import MemoryStore

MINUTES = 60.0
UNREAD_AFTER = 10 * MINUTES
SMS, EMAIL = RouteName("idn_sms", "sms", "main"), RouteName("idn_email", "email", "main")


@dataclass
class AskedStore(MemoryStore):
    """``asked`` are the routes that a message was to leave, and why."""

    asked: list[tuple[str, int, str, int, str]] = field(default_factory=list)

    def want_next(
        self,
        conversation_id: str,
        sequence: int,
        message_id: str,
        route: int,
        reason: str,
        *,
        error: dict[str, Any] | None = None,
    ) -> bool:
        self.asked.append((conversation_id, sequence, message_id, route, reason))
        return True


@dataclass
class Desk:
    """One conversation whose first entry is a reply that was accepted now."""

    store: AskedStore = field(default_factory=AskedStore)
    clock: Clock = field(default_factory=Clock)

    def reply(self, *fallback: RouteName, unread_after: float | None = UNREAD_AFTER, **message: Any) -> None:
        self.log(
            "message.sent",
            "agent",
            message_id="msg_1",
            data={"message": {"id": "msg_1", **message}},
            fallback=fallback,
            unread_after=unread_after,
        )

    def log(self, kind: str, origin: str | None, **more: Any) -> None:
        entries = self.store.logs.setdefault("conv_1", [])
        values = {"data": {}, **more}
        entries.append(Entry("conv_1", len(entries) + 1, kind, self.clock(), origin=origin, **values))

    def state(self, **values: Any) -> None:
        self.store.states["conv_1", 1] = DeliveryState(**values)

    def look(self) -> str | float:
        """What became of the message, or in how many seconds it is to be looked at again."""
        try:
            return FollowUnread(self.store, self.store, self.clock)("conv_1", 1)
        except TryLater as later:
            return later.delay


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_until_its_time_has_come_nothing_happens(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.state(status="delivered")
    desk.clock.advance(UNREAD_AFTER - 90)

    assert desk.look() == 90
    assert desk.store.asked == []


def test_a_message_that_is_unread_then_is_sent_on(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.state(status="delivered")
    desk.clock.advance(UNREAD_AFTER)

    assert desk.look() == "sent_on"
    assert desk.store.asked == [("conv_1", 1, "msg_1", 0, "unread")]


@pytest.mark.parametrize("status", ["queued", "unknown", "sent", "delivered"])
def test_what_is_not_known_to_be_read_is_unread(desk: Desk, status: str) -> None:
    desk.reply(EMAIL)
    desk.state(status=status)
    desk.clock.advance(UNREAD_AFTER)

    assert desk.look() == "sent_on"


def test_a_message_of_which_nothing_is_known_is_unread(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.clock.advance(UNREAD_AFTER)

    assert desk.look() == "sent_on"


def test_a_message_that_was_read_stays_where_it_is(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.state(status="read")

    assert desk.look() == "read"
    assert desk.store.asked == []


def test_a_message_that_failed_is_the_senders_matter(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.state(status="failed")
    desk.clock.advance(UNREAD_AFTER)

    assert (desk.look(), desk.store.asked) == ("failed", [])


def test_a_customer_who_has_written_since_counts_as_having_read(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.log("conversation.updated", None)
    desk.log("message.received", "customer", channel="webchat")
    desk.clock.advance(UNREAD_AFTER)

    assert (desk.look(), desk.store.asked) == ("answered", [])


def test_what_others_do_in_the_conversation_does_not_count(desk: Desk) -> None:
    desk.reply(EMAIL)
    desk.log("message.sent", "agent")
    desk.log("message.sent", "echo")
    desk.log("window.closing", None)
    desk.clock.advance(UNREAD_AFTER)

    assert desk.look() == "sent_on"


def test_each_further_route_has_the_same_time_to_itself(desk: Desk) -> None:
    # given
    desk.reply(SMS, EMAIL)
    desk.clock.advance(UNREAD_AFTER)
    # when
    first = desk.look()
    desk.clock.advance(2 * MINUTES)  # until it was sent there
    desk.state(route=1, wanted=1, taken={"identity_id": "idn_sms", "at": desk.clock()})
    desk.clock.advance(8 * MINUTES)
    second = desk.look()
    desk.clock.advance(2 * MINUTES)
    third = desk.look()
    # then
    assert (first, second, third) == (UNREAD_AFTER, 2 * MINUTES, "sent_on")
    assert [asked[3] for asked in desk.store.asked] == [0, 1]


@pytest.mark.parametrize("state", [{"route": 1, "wanted": 1}, {"wanted": 1}, {"ended": True}])
def test_when_no_route_is_left_there_is_nothing_to_do(desk: Desk, state: dict[str, Any]) -> None:
    desk.reply(EMAIL)
    desk.state(**state)

    assert desk.look() == "exhausted"


def test_a_message_that_is_being_sent_on_is_looked_at_again_without_haste(desk: Desk) -> None:
    desk.reply(SMS, EMAIL, unread_after=60.0)
    desk.state(wanted=1, leaving={"reason": "blocked", "at": START})
    desk.clock.advance(UNREAD_AFTER)

    assert (desk.look(), desk.store.asked) == (LEAST_PAUSE, [])


def test_a_wait_is_taken_in_pieces_that_a_queue_can_bear(desk: Desk) -> None:
    desk.reply(EMAIL, unread_after=86_400.0)

    waits = []
    while isinstance(delay := desk.look(), float):
        waits.append(delay)
        desk.clock.advance(delay)

    assert (waits, delay) == ([LONGEST_WAIT, LONGEST_WAIT, 86_400 - 2 * LONGEST_WAIT], "sent_on")


def test_a_message_that_was_taken_back_or_erased_is_not_sent_on(desk: Desk) -> None:
    assert desk.look() == "gone"

    desk.reply(EMAIL, deleted_at="2027-01-15T08:00:00.000Z")
    desk.clock.advance(UNREAD_AFTER)

    assert (desk.look(), desk.store.asked) == ("gone", [])
