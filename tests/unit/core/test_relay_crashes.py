"""A worker that dies between any two steps, and an event that our own code cannot make: nothing is lost, and nothing
is overtaken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest

from shared.core.records import Entry
from shared.core.relay.itinerary import PAGE
from shared.core.relay.records import Outcome, Sweep, WakeUp
from shared.core.relay.visit import SAVED_AFTER
from shared.errors import InfrastructureError
from tests.unit.core.relay_world import BROKEN, OK, Died, SimulatedEndpoint, World


@dataclass
class Mortality:
    """The worker dies at the ``at``-th call that it makes to anything, before that is carried out or after it; or the
    call fails, when ``failing``. ``calls`` counts."""

    at: int = 0
    carried_out: bool = False
    failing: bool = False
    calls: int = 0

    def __call__(self, target: Any) -> Any:
        return _Mortal(target, self)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self.calls += 1
            hit = self.calls == self.at
            if hit and not self.carried_out:
                raise self._end()
            result = call(*arguments)
            if hit:
                raise self._end()
            return result

        return called

    def _end(self) -> BaseException:
        return InfrastructureError("no answer") if self.failing else Died()


class _Mortal:
    def __init__(self, target: Any, mortality: Mortality) -> None:
        self._target = target
        self._mortality = mortality

    def __getattr__(self, name: str) -> Any:
        return self._mortality.around(getattr(self._target, name))


def healthy(world: World, endpoint: SimulatedEndpoint) -> None:
    """Three entries and a status."""
    world.write("conv_1")
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.write("conv_1")


def catching_up(world: World, endpoint: SimulatedEndpoint) -> None:
    """More than one write of the lane covers, in one visit, with states among them."""
    for _ in range(SAVED_AFTER):
        world.write_silently("conv_1")
    held = world.hold()
    world.reach(world.send("conv_1"), "sent")
    world.mangle = list
    for _ in range(SAVED_AFTER + 3):
        world.write_silently("conv_1")
    world.queue.put(held[-1:])


def refused_in_the_middle(world: World, endpoint: SimulatedEndpoint) -> None:
    refusals = iter([BROKEN])
    endpoint.answer = lambda now, event: next(refusals, OK) if event.sequence == SAVED_AFTER + 5 else OK
    catching_up(world, endpoint)


def failing_once(world: World, endpoint: SimulatedEndpoint) -> None:
    refusals = iter([BROKEN])
    endpoint.answer = lambda now, event: next(refusals, OK)
    healthy(world, endpoint)


def coming_back(world: World, endpoint: SimulatedEndpoint) -> None:
    """The circuit is open, six conversations wait, and the endpoint has just recovered."""
    mortal, world.forward = world.forward, world.make_forward()
    endpoint.answer = lambda now, event: BROKEN
    for number in range(1, 7):
        world.write(f"conv_{number}")
    world.time.pass_by(1)
    assert world.relay.health("sub_1").open_since is not None
    endpoint.answer = lambda now, event: OK
    world.forward = mortal


def opening(world: World, endpoint: SimulatedEndpoint) -> None:
    """One more failure opens the circuit; then the endpoint recovers."""
    refusals = iter([BROKEN] * 5)
    endpoint.answer = lambda now, event: next(refusals, OK)
    for number in range(4):
        world.write(f"conv_{number + 2}")
    world.time.pass_by(0)
    world.write("conv_1")


def holding(world: World, endpoint: SimulatedEndpoint) -> None:
    refusals = iter([Outcome("retry", 5, 429, "http_429", 60.0)])
    endpoint.answer = lambda now, event: next(refusals, OK)
    world.write("conv_2")
    world.write("conv_1")


STORIES = [healthy, catching_up, refused_in_the_middle, failing_once, coming_back, opening, holding]


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("failing", [False, True])
def test_a_worker_that_dies_at_any_call_leaves_nothing_untold_and_nothing_overtaken(
    story: Callable[[World, SimulatedEndpoint], None], carried_out: bool, failing: bool
) -> None:
    calls = _play(story, Mortality())
    assert calls.mortality.calls > 4
    for at in range(1, calls.mortality.calls + 1):
        # Given work during which the worker dies at this call, and comes again a little later
        played = _play(story, Mortality(at, carried_out, failing))

        # Then everything was told, in order; what came twice was what one write of the lane covers
        for name in played.world.store.logs:
            told = played.endpoint.sequences(name)
            assert list(dict.fromkeys(told)) == played.world.everything(name), f"call {at}"
            assert sum(after <= before for before, after in pairwise(told)) <= 1, f"call {at}"
        assert len(played.endpoint.repeated()) <= SAVED_AFTER, f"call {at}"
        assert not any(lane.pending or lane.owed for lane in played.world.relay.lanes.values()), f"call {at}"
        assert played.world.relay.health("sub_1").open_since is None, f"call {at}"
        assert played.world.queue.aside == []


@dataclass
class _Played:
    world: World
    endpoint: SimulatedEndpoint
    mortality: Mortality


def _play(story: Callable[[World, SimulatedEndpoint], None], mortality: Mortality) -> _Played:
    world = World()
    endpoint = world.subscribe()
    world.write("conv_1")
    world.time.pass_by(1)
    world.forward = world.make_forward(mortality)
    story(world, endpoint)
    world.time.settle()
    return _Played(world, endpoint, mortality)


def test_a_log_that_cannot_be_read_for_a_moment_makes_nothing_come_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a conversation of two pages, the second of which cannot be read at first
    world = World()
    endpoint = world.subscribe()
    for _ in range(PAGE + 5):
        world.write_silently("conv_1")
    read, fails = world.store.entries, iter([False, True])

    def entries(conversation_id: str, after: int, limit: int) -> list[Entry]:
        if next(fails, False):
            raise InfrastructureError("no answer")
        return read(conversation_id, after, limit)

    monkeypatch.setattr(world.store, "entries", entries)

    # When it is told
    world.queue.put([WakeUp("sub_1", "conv_1", first=1)])
    world.time.settle()

    # Then the worker that comes again goes on where it was
    assert endpoint.sequences("conv_1") == world.everything("conv_1")
    assert world.queue.handled == 2


def test_a_sweep_that_dies_wakes_everybody_when_it_comes_again() -> None:
    # Given many conversations that wait, and a queue that takes nothing at first
    world = World()
    endpoint = world.subscribe(status="paused")
    for number in range(250):
        world.write(f"conv_{number}")
    world.time.settle()
    world.relay.subscriptions["sub_1"] = replace(world.relay.subscriptions["sub_1"], status="active")
    world.queue.refusals = 2

    # When they are to be woken
    world.queue.put_later(Sweep("sub_1", pending=True), world.time())
    world.time.settle()

    # Then all are told
    assert len(endpoint.taken) == 250


def test_an_event_that_cannot_be_made_is_set_aside_where_people_see_it_and_nothing_overtakes_it() -> None:
    # Given an entry that our own code cannot read
    world = World()
    endpoint = world.subscribe()
    world.write("conv_1")
    poison = world.write_silently("conv_1", type="message.sent", data={"message": {"id": "msg_1"}})
    world.write("conv_1")
    world.write("conv_2")

    # When its conversation is worked off
    world.time.settle()

    # Then the wake-up lies aside, what came before was told, and nothing that came after
    assert world.queue.aside == [WakeUp("sub_1", "conv_1", first=1), WakeUp("sub_1", "conv_1", first=3)]
    assert endpoint.sequences("conv_1") == [1]
    assert endpoint.sequences("conv_2") == [1]

    # And the subscriber's people see which event it is
    lane = world.relay.lanes["sub_1", "conv_1"]
    assert lane.pending
    assert (lane.last or {})["code"] == "unrenderable"
    assert {(each.event_id, each.outcome.code) for each in world.relay.attempts["sub_1"]} == {
        ("conv_1:2", "unrenderable")
    }

    # And when that is mended, whatever wakes the conversation tells all of it
    mended = replace(poison, type="conversation.updated", data={"conversation": {"id": "conv_1"}, "changes": {}})
    world.store.logs["conv_1"][1] = mended
    world.queue.put([Sweep("sub_1", pending=True)])
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1, 2, 3]


@pytest.mark.parametrize("races", [1, 3])
def test_somebody_else_who_writes_first_changes_nothing(races: int) -> None:
    # Given an endpoint that is away and comes back, and others who write its health at the same time
    world = World()
    endpoint = world.subscribe()
    world.relay.races = races
    coming_back(world, endpoint)

    # When it is found to be back
    world.relay.races = races
    world.time.settle()

    # Then everything is told
    assert all(endpoint.sequences(f"conv_{number}") == [1] for number in range(1, 7))
    assert world.relay.health("sub_1").open_since is None
