"""Given customers who wait, when time goes by, then the log says in time and once that they can soon not be written to
any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.control.parties import Controller, Party
from shared.core.records import Entry, Head, NewEntry, RouteState, Window
from shared.core.watching import WindowWatch
from shared.core.windows import due_at, opened, used
from shared.errors import NotFound, WriteConflict
from shared.model.capabilities import WindowRule
from shared.model.timestamps import rfc3339
from tests.support.stores import START, Clock
from tests.unit.core.memory import MemoryStore

HOUR = 3600.0
SWEEP = 300.0
RULES: dict[str, tuple[WindowRule, ...]] = {
    "letters": (),
    "daily": (WindowRule(opens_on="message", seconds=24 * 3600),),
    "wechat": (WindowRule(opens_on="message", seconds=48 * 3600, sends=5),),
}


class WatchedStore(MemoryStore):
    """Also implements DueConversations; ``moved`` are the times that conversations were moved to."""

    def __init__(self) -> None:
        super().__init__()
        self.moved: list[float] = []
        self.pages = 0

    def due(self, hour_of: float, after: str | None, limit: int) -> tuple[list[Head], str | None]:
        self.pages += 1
        hour = rfc3339(hour_of)[:13]
        found = sorted(
            name
            for name, head in self.heads.items()
            if head.due_at is not None and rfc3339(head.due_at)[:13] == hour and name > (after or "")
        )
        page = found[:limit]
        return [self.heads[name] for name in page], page[-1] if len(found) > limit else None

    def look_again(self, head: Head, at: float) -> None:
        if self.heads[head.conversation_id] == head:
            self.heads[head.conversation_id] = replace(head, due_at=at)
            self.moved.append(at)


@dataclass
class Hall:
    """A store, a clock, and a watch."""

    store: WatchedStore
    clock: Clock
    watch: WindowWatch

    def customer_writes(self, name: str, channel: str = "wechat", at: float | None = None) -> None:
        """On a route of the channel's name, as the intake writes it down."""
        head = self.store.heads.get(name) or Head(name, "cus_1", "open", 0, self.clock(), self.clock())
        route = opened(
            head.routes.get(channel) or RouteState(channel, "main"), "message", self.clock() if at is None else at
        )
        waiting_since = head.waiting_since if head.waiting_since is not None else self.clock()
        self.write(
            replace(head, routes={**head.routes, channel: replace(route, blocked=None)}, waiting_since=waiting_since),
            "message.received",
        )

    def agent_replies(self, name: str, channel: str = "wechat") -> None:
        head = self.store.heads[name]
        route = used(head.routes[channel], RULES[channel], 1, self.clock())
        self.write(replace(head, routes={**head.routes, channel: route}, waiting_since=None), "message.sent")

    def write(self, head: Head, kind: str = "conversation.updated") -> None:
        following = replace(head, sequence=head.sequence + 1, updated_at=self.clock())
        following = replace(following, due_at=due_at(following, RULES.__getitem__))
        self.store.heads.setdefault(head.conversation_id, head)
        self.store.append(following, NewEntry(type=kind, at=self.clock(), data={}))

    def sweep(self) -> int:
        return sum(self.watch(name) for name in self.watch.due())

    def announced(self, name: str = "conv_1") -> list[Entry]:
        return [entry for entry in self.store.logs[name] if entry.type == "window.closing"]


@pytest.fixture
def hall() -> Hall:
    return make_hall()


def bot_at(seen_at: float) -> Controller:
    """A bot that has an hour to answer, heard last at this time."""
    return Controller(Party("bot", "key-1"), START, seen_at, int(HOUR), 1)


def make_hall() -> Hall:
    store, clock = WatchedStore(), Clock()
    return Hall(store, clock, WindowWatch(store, store, RULES.__getitem__, clock, lambda _: None))


def test_an_unanswered_window_is_announced_two_hours_before_it_shuts(hall: Hall) -> None:
    # given
    hall.customer_writes("conv_1")
    # when
    hall.clock.advance(46 * HOUR - 1)
    early = hall.sweep()
    hall.clock.advance(1)
    # then
    assert (early, hall.sweep()) == (0, 1)
    (entry,) = hall.announced()
    assert (entry.sequence, entry.at, entry.channel, entry.account) == (2, START + 46 * HOUR, "wechat", "main")
    assert entry.data == {
        "conversation": {"id": "conv_1"},
        "route": {
            "identity_id": "wechat",
            "channel": "wechat",
            "account": "main",
            "can_reply": True,
            "closes_at": rfc3339(START + 48 * HOUR),
            "remaining": 5,
        },
        "closes_at": rfc3339(START + 48 * HOUR),
        "waiting_since": rfc3339(START),
    }


def test_the_state_after_the_announcement_says_that_it_was_made(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(47 * HOUR)
    hall.sweep()

    head = hall.store.heads["conv_1"]

    assert head.routes["wechat"].windows == {"message": Window(START, announced=True)}
    assert (head.due_at, head.waiting_since, head.updated_at) == (None, START, START + 47 * HOUR)


def test_it_is_announced_once_however_often_one_looks(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(46 * HOUR)

    assert [hall.sweep() for _ in range(3)] == [1, 0, 0]
    assert [hall.watch("conv_1") for _ in range(3)] == [0, 0, 0]
    assert len(hall.announced()) == 1


def test_a_conversation_that_was_answered_is_left_alone(hall: Hall) -> None:
    # given: answered by somebody who leaves the conversation's place in the index as it is
    hall.customer_writes("conv_1")
    hall.store.heads["conv_1"] = replace(hall.store.heads["conv_1"], waiting_since=None)
    before = hall.store.heads["conv_1"]
    # when
    hall.clock.advance(46 * HOUR)
    # then
    assert list(hall.watch.due()) == []
    assert hall.watch("conv_1") == 0
    assert hall.store.heads["conv_1"] == before


def test_a_conversation_that_was_closed_is_left_alone(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.store.heads["conv_1"] = replace(hall.store.heads["conv_1"], status="closed")
    hall.clock.advance(46 * HOUR)

    assert hall.sweep() == 0


def test_a_conversation_is_looked_at_when_its_controller_is_due(hall: Hall) -> None:
    # given: a bot controls it, with an hour to answer
    hall.customer_writes("conv_1")
    hall.write(replace(hall.store.heads["conv_1"], controller=bot_at(hall.clock())))
    assert hall.store.heads["conv_1"].due_at == START + HOUR
    # when
    hall.clock.advance(HOUR - 1)
    early = list(hall.watch.due())
    hall.clock.advance(1)
    # then
    assert (early, list(hall.watch.due())) == ([], ["conv_1"])


def test_a_controller_that_gave_a_sign_of_life_is_looked_at_later_and_windows_are_not_forgotten(hall: Hall) -> None:
    # given: the bot was heard after half an hour, by a write that left the time of the look as it was
    hall.customer_writes("conv_1")
    hall.write(replace(hall.store.heads["conv_1"], controller=bot_at(hall.clock())))
    hall.clock.advance(HOUR / 2)
    hall.store.heads["conv_1"] = replace(hall.store.heads["conv_1"], controller=bot_at(hall.clock()))
    # when
    hall.clock.advance(HOUR / 2)
    hall.sweep()
    # then
    assert hall.store.heads["conv_1"].due_at == START + 1.5 * HOUR
    # and when the bot has lost it, the window is next
    hall.store.heads["conv_1"] = replace(hall.store.heads["conv_1"], controller=None)
    hall.clock.advance(HOUR / 2)
    hall.sweep()
    assert hall.store.heads["conv_1"].due_at == START + 46 * HOUR


def test_what_the_index_says_is_checked_against_the_conversation_as_it_is_now(hall: Hall) -> None:
    # given: the sweep has seen the conversation, and a reply is faster than its announcement
    hall.customer_writes("conv_1")
    hall.clock.advance(46 * HOUR)
    found = list(hall.watch.due())
    hall.agent_replies("conv_1")
    # when
    announced = [hall.watch(name) for name in found]
    # then
    assert (found, announced, hall.announced()) == (["conv_1"], [0], [])


def test_every_route_that_is_due_has_an_entry_of_its_own(hall: Hall) -> None:
    hall.customer_writes("conv_1", "wechat")
    hall.clock.advance(24 * HOUR)
    hall.customer_writes("conv_1", "daily")
    hall.clock.advance(22 * HOUR)

    assert hall.sweep() == 2
    assert [entry.data["route"]["channel"] for entry in hall.announced()] == ["wechat", "daily"]
    assert [entry.data["route"].get("remaining") for entry in hall.announced()] == [5, None]


def test_a_route_that_is_due_later_is_looked_at_later(hall: Hall) -> None:
    # given: two routes, of which the one that is due first is closed by its provider, who says nothing of the other
    hall.customer_writes("conv_1", "daily")
    hall.customer_writes("conv_1", "wechat")
    head = hall.store.heads["conv_1"]
    closed = replace(head.routes["daily"], windows={}, blocked="blocked")
    hall.store.heads["conv_1"] = replace(head, routes={**head.routes, "daily": closed})
    # when
    hall.clock.advance(22 * HOUR)
    first = hall.sweep()
    hall.clock.advance(24 * HOUR)
    # then
    assert (first, hall.store.moved) == (0, [START + 46 * HOUR])
    assert hall.sweep() == 1
    assert hall.announced()[0].data["route"]["channel"] == "wechat"


def test_a_conversation_that_was_made_due_at_once_is_moved_to_when_it_is_due(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.store.heads["conv_1"] = replace(hall.store.heads["conv_1"], due_at=START)

    assert (hall.sweep(), hall.store.moved) == (0, [START + 46 * HOUR])


def test_a_window_that_shut_before_anybody_looked_is_not_announced(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(48 * HOUR)

    assert hall.sweep() == 0
    assert hall.announced() == []


@pytest.mark.parametrize("late", [0.0, 1.0, HOUR, 1.9 * HOUR])
def test_a_watch_that_stood_still_announces_what_is_still_open(hall: Hall, late: float) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(46 * HOUR + late)

    assert hall.sweep() == 1


def test_many_conversations_are_read_page_by_page(hall: Hall) -> None:
    for number in range(250):
        hall.customer_writes(f"conv_{number}")
    hall.clock.advance(46 * HOUR)

    assert hall.sweep() == 250
    assert hall.store.pages == 5  # three of the hour, and one for each of the two before


def test_conversations_that_are_due_later_in_the_hour_are_not_touched(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(60)
    hall.customer_writes("conv_2")
    hall.clock.advance(46 * HOUR - 60)

    assert list(hall.watch.due()) == ["conv_1"]


def test_after_a_lost_race_the_state_is_looked_at_again(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(46 * HOUR)
    hall.store.races = 2

    assert hall.watch("conv_1") == 1
    assert len(hall.announced()) == 1


def test_what_cannot_be_written_is_said(hall: Hall) -> None:
    hall.customer_writes("conv_1")
    hall.clock.advance(46 * HOUR)
    hall.store.races = 100

    with pytest.raises(WriteConflict):
        hall.watch("conv_1")
    with pytest.raises(NotFound):
        hall.watch("conv_0")


STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(["wechat", "daily", "letters"])),
    st.tuples(st.just("reply"), st.just("")),
    st.tuples(st.just("block"), st.sampled_from(["wechat", "daily"])),
    st.tuples(st.just("wait"), st.sampled_from([600.0, 5 * HOUR, 20 * HOUR, 30 * HOUR])),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_happens_an_open_window_in_which_a_customer_waits_is_announced_once_and_no_other(
    steps: list[tuple[str, str | float]],
) -> None:
    """Counted beside the watch: at every sweep, the windows that have to have been announced by then."""
    hall = make_hall()
    hall.customer_writes("conv_1", "letters")
    expected: set[tuple[str, float]] = set()

    def tick() -> None:
        head = hall.store.heads["conv_1"]
        now = hall.clock()
        for name, route in head.routes.items():
            for rule in RULES[name]:
                window = route.windows.get("message")
                if window is None or window.used or route.blocked is not None or head.waiting_since is None:
                    continue
                closes_at = window.opened_at + rule.seconds
                if closes_at - 2 * HOUR <= now < closes_at:
                    expected.add((name, closes_at))
        hall.sweep()

    act: dict[str, Callable[[str], None]] = {
        "write": lambda channel: hall.customer_writes("conv_1", channel),
        "reply": lambda _: _reply_where_possible(hall),
        "block": lambda channel: _block_without_looking(hall, channel),
    }
    for kind, value in steps:
        if isinstance(value, float):
            for _ in range(int(value // SWEEP)):
                hall.clock.advance(SWEEP)
                tick()
        else:
            act[kind](value)
            tick()

    said = [(entry.data["route"]["channel"], entry.data["closes_at"]) for entry in hall.announced()]
    assert len(said) == len(set(said))
    assert set(said) == {(name, rfc3339(closes_at)) for name, closes_at in expected}


def _reply_where_possible(hall: Hall) -> None:
    head = hall.store.heads["conv_1"]
    name = list(head.routes)[-1]
    if head.routes[name].blocked is None:
        hall.agent_replies("conv_1", name)


def _block_without_looking(hall: Hall, channel: str) -> None:
    """As shared.core.routes does: it knows nothing of the other routes' windows."""
    head = hall.store.heads["conv_1"]
    if channel in head.routes:
        closed = replace(head.routes[channel], windows={}, blocked="blocked")
        following = replace(
            head, sequence=head.sequence + 1, updated_at=hall.clock(), routes={**head.routes, channel: closed}
        )
        hall.store.append(following, NewEntry(type="conversation.updated", at=hall.clock(), data={}))
