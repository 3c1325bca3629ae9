"""A slow endpoint beside a healthy one: workers are few, and one endpoint may hold only so many of them."""

from __future__ import annotations

import math

import pytest

from shared.core.relay.records import Outcome
from tests.unit.core.relay_world import BUCKETS, OK, World

SECONDS, PER_SECOND, CONVERSATIONS = 90, 10, 120
TIMED_OUT = Outcome("retry", 20_000, code="timeout")


def slowest_in_a_hundred(*, beside: Outcome | None, workers: int) -> float:
    """Seconds from an entry to the healthy endpoint having it, which 99 in 100 are below. ``beside`` is what a slow
    endpoint answers in the end, when there is one. What has not come at the end never does."""
    world = World(workers=workers, sleeping=True)
    healthy = world.subscribe("sub_healthy")
    healthy.seconds = 0.05
    if beside is not None:
        slow = world.subscribe("sub_slow")
        slow.seconds, slow.answer = 20.0, lambda now, event: beside
    written: dict[str, float] = {}
    for number in range(SECONDS * PER_SECOND):
        entry = world.write(f"conv_{number * 7 % CONVERSATIONS}")
        written[f"{entry.conversation_id}:{entry.sequence}"] = world.time()
        world.time.pass_by(1 / PER_SECOND)
    came = {event.id: at for at, event in healthy.taken}
    waits = sorted(came.get(name, math.inf) - at for name, at in written.items())
    return waits[len(waits) * 99 // 100]


@pytest.mark.parametrize("answer", [TIMED_OUT, OK])
def test_a_healthy_endpoint_is_told_as_fast_beside_a_slow_one_as_alone(answer: Outcome) -> None:
    alone = slowest_in_a_hundred(beside=None, workers=32)
    beside = slowest_in_a_hundred(beside=answer, workers=32)
    assert beside <= 1.1 * alone


def test_a_slow_endpoint_that_may_hold_all_workers_would_hold_the_others_up() -> None:
    """That the limit is what does it: with fewer workers than one endpoint may hold, the healthy one waits."""
    alone = slowest_in_a_hundred(beside=None, workers=BUCKETS)
    beside = slowest_in_a_hundred(beside=OK, workers=BUCKETS)
    assert beside > 2 * alone
