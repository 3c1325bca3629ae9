"""Given wake-ups and sweeps, when they are put into the ordered queue, now or later, then they come out as they went
in, in the group of their conversation, and none is taken for another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.aws.queues import QueueEntry
from shared.aws.relay_queue import (
    BUCKETS,
    LONGEST_DELAY,
    LONGEST_HIDDEN,
    ReleaseDue,
    SqsForwardQueue,
    SqsRelayQueue,
    from_json,
    is_timed,
    to_json,
)
from shared.core.later import TryLater
from shared.core.relay.records import Skip, Sweep, WakeUp

NOW = 1_800_000_000.0
WAKE = WakeUp("sub_1", "conv_1", first=3)


class Queues:
    """SQS as it is told to be: ``sent`` by address, and ``refused`` are the ids that it does not take."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.sent: list[tuple[str, QueueEntry]] = []

    def send(
        self,
        queue_url: str,
        body: str,
        group_id: str | None = None,
        dedup_id: str | None = None,
        delay_seconds: int | None = None,
    ) -> str:
        self.sent.append((queue_url, QueueEntry("", body, group_id, dedup_id, delay_seconds)))
        return "id"

    def send_batch(self, queue_url: str, entries: Sequence[QueueEntry]) -> list[str]:
        self.sent += [(queue_url, entry) for entry in entries if entry.id not in self.refused]
        return [entry.id for entry in entries if entry.id in self.refused]

    @property
    def entries(self) -> list[QueueEntry]:
        return [entry for _, entry in self.sent]


def relay_queue(queues: Any) -> SqsRelayQueue:
    return SqsRelayQueue(queues, "forward", "timers", lambda: NOW)


names = st.text("abc#\x00é", min_size=1, max_size=6)
values = st.dictionaries(names, st.one_of(st.none(), st.booleans(), st.integers(), names), max_size=3)
wake_ups = st.builds(
    WakeUp,
    subscription_id=names,
    conversation_id=names,
    first=st.integers(0, 99),
    states=st.lists(values, max_size=3).map(tuple),
    urgent=st.booleans(),
    restart=st.one_of(st.none(), st.integers(-1, 9)),
    owed=st.lists(st.integers(1, 9), max_size=3).map(tuple),
    skip=st.one_of(st.none(), st.builds(Skip, sequence=st.integers(1, 9), by=names, at=st.floats(0, 2e9))),
)
sweeps = st.builds(
    Sweep,
    subscription_id=names,
    pending=st.booleans(),
    probe=st.booleans(),
    since=st.one_of(st.none(), st.just(0.0), st.floats(0, 2e9)),
    restart=st.one_of(st.none(), st.integers(-1, 9)),
    position=st.one_of(st.none(), names),
)


@given(item=st.one_of(wake_ups, sweeps))
def test_an_item_comes_out_as_it_went_in(item: WakeUp | Sweep) -> None:
    assert from_json(json.loads(json.dumps(to_json(item)))) == item


def test_what_says_nothing_is_left_out() -> None:
    assert to_json(WAKE) == {"kind": "wake", "subscription_id": "sub_1", "conversation_id": "conv_1", "first": 3}
    assert to_json(Sweep("sub_1", since=0.0, restart=0)) == {
        "kind": "sweep",
        "subscription_id": "sub_1",
        "since": 0.0,
        "restart": 0,
    }


@pytest.mark.parametrize("value", [{"kind": "other"}, {}, {"kind": "wake", "nonsense": 1}, {"kind": "sweep"}])
def test_what_is_no_item_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        from_json(value)


def test_a_conversation_of_a_subscription_keeps_to_one_group_whatever_is_said_of_it() -> None:
    queues = Queues()

    relay_queue(queues).put([WAKE, WakeUp("sub_1", "conv_1", urgent=True, restart=0), WakeUp("sub_1", "conv_1")])

    assert len({entry.group_id for entry in queues.entries}) == 1


def test_a_subscription_takes_part_in_sixteen_groups_and_one_for_sweeps() -> None:
    queues = Queues()

    relay_queue(queues).put([WakeUp("sub_1", f"conv_{number}") for number in range(500)])
    relay_queue(queues).put([Sweep("sub_1", pending=True), Sweep("sub_1", since=1.0)])

    groups = {entry.group_id for entry in queues.entries}
    assert len(groups) == BUCKETS + 1 == 17
    assert "sub_1#sweep" in groups


def test_two_subscriptions_have_no_group_in_common() -> None:
    queues = Queues()

    relay_queue(queues).put([WakeUp(f"sub_{number}", "conv_1") for number in range(3)])

    assert len({entry.group_id for entry in queues.entries}) == 3


def test_those_that_were_not_taken_are_told_by_their_places() -> None:
    queues = Queues("0", "2")

    assert relay_queue(queues).put([WAKE, WakeUp("sub_2", "conv_1"), WakeUp("sub_3", "conv_1")]) == {0, 2}
    assert relay_queue(Queues()).put([]) == set()


def test_a_batch_of_the_stream_that_comes_again_is_the_same_occasion() -> None:
    queues: Any = Queues()
    for _ in range(2):
        SqsForwardQueue(queues, "forward", lambda: "stream").put([WAKE])

    assert len({entry.dedup_id for entry in queues.entries}) == 1


def test_who_says_the_same_again_on_purpose_is_heard_again() -> None:
    """Otherwise an endpoint that comes back twice within five minutes would be caught up with once."""
    queues = Queues()
    for _ in range(2):
        relay_queue(queues).put([Sweep("sub_1", pending=True)])

    assert len({entry.dedup_id for entry in queues.entries}) == 2


@pytest.mark.parametrize(
    ("ahead", "delay"), [(-5, 0), (0, 0), (0.1, 1), (12.5, 13), (900, 900), (86_400, LONGEST_DELAY)]
)
def test_what_is_put_in_for_later_is_never_early(ahead: float, delay: int) -> None:
    queues = Queues()

    relay_queue(queues).put_later(WAKE, NOW + ahead)

    ((url, entry),) = queues.sent
    assert (url, entry.delay_seconds, entry.group_id) == ("timers", delay, None)
    assert is_timed(json.loads(entry.body))


@pytest.mark.parametrize(("ahead", "pause"), [(0.2, 1), (30.5, 31), (86_400, LONGEST_HIDDEN)])
def test_what_is_not_due_waits(ahead: float, pause: int) -> None:
    queues: Any = Queues()

    with pytest.raises(TryLater) as waits:
        ReleaseDue(queues, "forward", lambda: NOW)({"relay": to_json(WAKE), "due_at": NOW + ahead})

    assert waits.value.delay == pause
    assert queues.sent == []


def test_what_is_due_goes_into_its_group_once_however_often_the_queue_of_timers_hands_it_out() -> None:
    queues: Any = Queues()
    relay_queue(queues).put([WAKE])
    for due_at in (NOW, NOW, NOW - 60):
        ReleaseDue(queues, "forward", lambda: NOW)({"relay": to_json(WAKE), "due_at": due_at})

    at_once, first, again, other = queues.entries
    assert from_json(json.loads(first.body)) == WAKE
    assert first.group_id == at_once.group_id
    assert first.dedup_id == again.dedup_id
    assert len({at_once.dedup_id, first.dedup_id, other.dedup_id}) == 3


def test_a_message_with_a_timer_is_not_the_relays() -> None:
    assert not is_timed({"subject": "conv_1", "sequence": 7, "type": "message.sent"})
