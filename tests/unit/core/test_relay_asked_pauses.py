"""Endpoints that say when to come again: they are called then, and not before."""

from __future__ import annotations

import pytest

from shared.core.relay.records import Outcome
from shared.core.relay.schedule import LONGEST_ASKED_FOR
from tests.unit.core.relay_world import OK, World

MINUTE, DAY = 60.0, 86_400.0
NAMES = [f"conv_{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("outcome", "pause"),
    [
        (Outcome("retry", 5, 429, "http_429", 90.0), 90.0),
        (Outcome("retry", 5, 503, "http_503", 7200.0), 7200.0),
        (Outcome("retry", 5, 500, "http_500", 4000.0), 4000.0),
        (Outcome("retry", 5, 429, "http_429", 10 * DAY), LONGEST_ASKED_FOR),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_an_endpoint_that_says_when_to_come_again_is_called_then_within_a_second(
    outcome: Outcome, pause: float, seed: int
) -> None:
    # Given an endpoint that asks for a pause
    world = World(seed=seed)
    endpoint = world.subscribe()
    asked = iter([outcome])
    endpoint.answer = lambda now, event: next(asked, OK)

    # When there is an event
    world.write("conv_1")
    world.time.settle()

    # Then it comes again after the pause, and not before
    first, second = (at for at, _ in endpoint.calls)
    assert pause <= second - first <= pause + 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_that_has_too_much_is_left_alone_with_everything(status: int) -> None:
    # Given an endpoint that asks for a pause of ten minutes
    world = World()
    endpoint = world.subscribe()
    asked = iter([Outcome("retry", 5, status, f"http_{status}", 600.0)])
    endpoint.answer = lambda now, event: next(asked, OK)
    began = world.time()

    # When events come in all conversations
    world.write("conv_0")
    for _ in range(9):
        world.time.pass_by(MINUTE)
        for name in NAMES:
            world.write(name)
    world.time.settle()

    # Then none is told before the pause is over, and all are afterwards
    assert [at - began < 600 for at, _ in endpoint.calls].count(True) == 1
    assert all(endpoint.sequences(name) == world.everything(name) for name in NAMES)
    assert endpoint.repeated() == []


def test_any_other_answer_with_a_time_to_come_again_holds_up_its_own_conversation_only() -> None:
    world = World()
    endpoint = world.subscribe()
    refused = Outcome("retry", 5, 500, "http_500", 600.0)
    began = world.time()
    endpoint.answer = lambda now, event: refused if event.subject == "conv_1" and now < began + 600 else OK

    world.write("conv_1")
    world.write("conv_2")
    world.time.pass_by(MINUTE)

    assert endpoint.sequences("conv_2") == [1]
    assert endpoint.sequences("conv_1") == []
