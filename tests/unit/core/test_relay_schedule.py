"""When failed events are tried again: spread evenly, within bounds, and when the endpoint asked for it."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.relay.records import Health
from shared.core.relay.schedule import EARLY, LONGEST_ASKED_FOR, is_due, limit, next_try
from tests.unit.core.relay_world import BROKEN, OK, World

DELIVERIES = 10_000
STEPS = {1: 5, 2: 30, 3: 120, 4: 600, 5: 1800, 6: 3600, 7: 3600, 50: 3600}


def delays(failures: int) -> list[float]:
    """Of many events that fail in the same moment for the same time."""
    chance = random.Random(failures)
    return [next_try(0.0, failures, None, chance.uniform) for _ in range(DELIVERIES)]


@pytest.mark.parametrize(("failures", "longest"), STEPS.items())
def test_pauses_are_anything_between_nothing_and_a_limit_that_grows(failures: int, longest: int) -> None:
    found = delays(failures)
    assert limit(failures) == longest
    assert 0 <= min(found) < 0.01 * longest
    assert 0.99 * longest < max(found) <= longest


@pytest.mark.parametrize(("failures", "longest"), STEPS.items())
def test_pauses_are_evenly_spread(failures: int, longest: int) -> None:
    """The Kolmogorov-Smirnov statistic against the uniform distribution stays under its critical value for p = 0.01,
    1.628 / sqrt(n)."""
    found = sorted(each / longest for each in delays(failures))
    count = len(found)
    distance = max(max((place + 1) / count - value, value - place / count) for place, value in enumerate(found))
    assert distance < 1.628 / math.sqrt(count)


@pytest.mark.parametrize(("failures", "longest"), STEPS.items())
def test_nobody_is_overrun_by_tries(failures: int, longest: int) -> None:
    """No second has more than twice the mean load; of windows over ten minutes, where a second has so few tries that
    chance alone would do that, no six-hundredth of the window."""
    slot = max(1.0, longest / 600)
    load = Counter(int(each / slot) for each in delays(failures))
    assert max(load.values()) <= 2 * DELIVERIES * slot / longest


def test_what_the_stack_really_waits_is_what_the_schedule_says() -> None:
    # Given events of very many conversations that all fail in the same moment, at an endpoint that is tried by each
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: BROKEN
    names = [f"conv_{number}" for number in range(2000)]
    for name in names:
        world.write_silently(name)
    for name in names:
        world.relay.healths.clear()
        world.write(name)
        world.time.pass_by(0)

    # When each is put off for the first time
    pauses = sorted((each.next_at or 0) - each.at for each in world.relay.attempts["sub_1"])

    # Then the pauses are those of the first step
    assert len(pauses) == len(names)
    assert pauses[0] >= 0
    assert pauses[-1] <= 5
    middle = sum(pauses) / len(pauses)
    assert 2.3 < middle < 2.7


@given(
    asked=st.floats(0.01, 10 * 86_400),
    failures=st.integers(1, 200),
    now=st.floats(1.7e9, 1.9e9),
    chance=st.randoms(use_true_random=False),
)
def test_a_pause_that_was_asked_for_is_kept_and_exceeded_by_less_than_a_second(
    asked: float, failures: int, now: float, chance: random.Random
) -> None:
    at = next_try(now, failures, asked, chance.uniform)
    wanted = min(asked, LONGEST_ASKED_FOR)
    assert now + wanted <= at - EARLY + 1e-6
    assert at <= now + wanted + 1
    assert is_due(at, at - EARLY + 1e-6)
    assert not is_due(at, now + wanted - EARLY)


def test_no_pause_at_all_is_not_what_an_endpoint_may_ask_for() -> None:
    found = [next_try(0.0, 3, 0.0, random.Random(seed).uniform) for seed in range(100)]
    assert max(found) > 60


def test_a_pause_grows_with_every_failure_of_the_same_event_and_begins_anew_with_the_next() -> None:
    # Given an endpoint that fails eight times, and takes one event
    world = World()
    endpoint = world.subscribe()
    failing = iter([BROKEN] * 8 + [OK])
    endpoint.answer = lambda now, event: next(failing, BROKEN)
    world.write("conv_1")
    world.write("conv_1")

    # When the circuit does not get in between
    while world.last("conv_1") != len(endpoint.sequences("conv_1")) + 1:
        world.relay.healths["sub_1"] = Health(version=world.relay.health("sub_1").version)
        world.time.pass_by(1)
    world.time.pass_by(1)

    # Then the pauses have grown, and are those of the first step again
    numbers = [each.number for each in world.relay.attempts["sub_1"]]
    pauses = [(each.next_at or each.at) - each.at for each in world.relay.attempts["sub_1"]]
    assert numbers[:10] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]
    assert all(pause <= limit(number) for number, pause in zip(numbers, pauses, strict=True))
