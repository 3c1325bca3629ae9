"""Endpoints that are away: for how long they are tried, how often, and that nothing is lost or told twice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from shared.core.relay.circuit import Circuit
from shared.core.relay.records import Health, Outcome
from shared.core.relay.requests import Replay, SubscriptionChange
from shared.model.event import Event
from tests.unit.core.relay_world import BROKEN, OK, Answers, SimulatedEndpoint, World

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
NAMES = [f"conv_{number}" for number in range(5)]


def away(world: World, begins: float, ends: float, how: Outcome = BROKEN) -> Answers:
    """Answers of an endpoint that is away from one time to another, counted from now."""
    now = world.time()
    return lambda at, event: how if now + begins <= at < now + ends else OK


def traffic(world: World, seconds: float, every: float) -> None:
    """Entries, and messages whose status rises while they wait."""
    ends = world.time() + seconds
    while world.time() < ends:
        name = world.random.choice(NAMES)
        entry = world.send(name) if world.random.random() < 0.5 else world.write(name)
        world.time.pass_by(every / 2)
        if entry.message_id is not None:
            world.reach(entry, "sent")
            world.reach(entry, "delivered")
        world.time.pass_by(every / 2)


def assert_complete(world: World, endpoint: SimulatedEndpoint) -> None:
    """Every entry of every conversation in order, and of every message how far it came, and nothing twice."""
    for name in NAMES:
        assert endpoint.sequences(name) == world.everything(name)
        reached = {f"{entry.sequence}:delivered" for entry in world.store.logs[name] if entry.message_id}
        assert reached <= set(endpoint.states(name))
    assert endpoint.repeated() == []


@pytest.mark.parametrize("hours", [1, 24])
def test_what_happens_during_an_outage_of_up_to_a_day_is_told_afterwards_once_and_without_an_operator(
    hours: int,
) -> None:
    # Given a helpdesk that goes away after ten minutes
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = away(world, 10 * MINUTE, 10 * MINUTE + hours * HOUR)

    # When customers go on writing all the while, and the helpdesk comes back
    traffic(world, hours * HOUR + 20 * MINUTE, every=hours * 60.0)
    world.time.pass_by(HOUR + MINUTE)

    # Then it has heard of everything
    assert_complete(world, endpoint)
    assert world.relay.health("sub_1").open_since is None
    assert world.relay.subscriptions["sub_1"].status == "active"


def test_after_five_days_without_a_success_the_subscription_is_paused_and_keeps_its_place() -> None:
    # Given a helpdesk that is away for fifteen days
    world = World()
    endpoint = world.subscribe()
    began = world.time()
    endpoint.answer = away(world, HOUR, 15 * DAY)

    # When customers go on writing
    traffic(world, 15 * DAY, every=20 * MINUTE)

    # Then it was given up five days after the first failure, and not called any more
    subscription = world.relay.subscriptions["sub_1"]
    first_failure = next(at for at, _ in endpoint.calls if at >= began + HOUR)
    assert (subscription.status, subscription.reason) == ("paused", "failing")
    assert 0 <= (subscription.status_since or 0) - first_failure - 5 * DAY <= HOUR
    assert endpoint.calls[-1][0] <= (subscription.status_since or 0)

    # And when somebody resumes it, everything is told that was missed
    world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.settle()
    assert_complete(world, endpoint)
    assert world.relay.subscriptions["sub_1"].reason is None

    # And when they have it told again, the ids say what they have heard before
    told = len({event.id for _, event in endpoint.taken})
    world.subscribing.replay("sub_1", Replay())
    world.time.settle()
    assert len({event.id for _, event in endpoint.taken}) == told
    for name in NAMES:
        assert endpoint.sequences(name) == 2 * world.everything(name)


def test_while_an_endpoint_is_away_it_is_called_five_times_in_half_a_minute_at_the_most() -> None:
    # Given an endpoint that is away for half an hour, and much to tell
    world = World()
    endpoint = world.subscribe()
    began = world.time()
    endpoint.answer = away(world, 5 * MINUTE, 35 * MINUTE)
    opened: list[float] = []

    # When every second brings an event
    for _ in range(40 * 60):
        world.write(world.random.choice(NAMES))
        world.time.pass_by(1)
        health = world.relay.health("sub_1")
        if health.open_since is not None and not opened:
            opened.append(health.open_since)

    # Then the circuit opens at the fifth failure, and lets little through
    failures = [at for at, _ in endpoint.calls if began + 5 * MINUTE <= at < began + 35 * MINUTE]
    assert opened == [failures[4]]
    probes = failures[5:]
    assert probes
    assert all(20 <= later - earlier <= 60 for earlier, later in pairwise(probes))
    for at in failures[4:]:
        assert sum(at <= other < at + 30 for other in probes) <= 5

    # And everything is told within a minute of the recovery, in order
    recovered = began + 35 * MINUTE
    back = [at for at, _ in endpoint.taken if at >= recovered]
    assert back[0] - recovered <= 60
    assert [event.sequence for at, event in endpoint.taken if at < recovered + 61 and event.subject == NAMES[0]] == [
        entry.sequence for entry in world.store.logs[NAMES[0]] if entry.at < recovered + 61
    ]
    assert all(endpoint.sequences(name) == world.everything(name) for name in NAMES)
    assert endpoint.repeated() == []


@pytest.mark.parametrize("seed", range(20))
def test_a_circuit_closes_within_a_minute_of_the_recovery_even_when_nothing_new_happens(seed: int) -> None:
    # Given an open circuit, and conversations that wait for it, some of them because their own event has failed
    world = World(seed=seed)
    endpoint = world.subscribe()
    lasts = world.random.uniform(60, 900)
    endpoint.answer = away(world, 0, lasts)
    recovered = world.time() + lasts
    names = [f"conv_{number}" for number in range(12)]
    for name in names:
        world.write(name)
    world.time.pass_by(0)
    held = [name for name in names if world.relay.lanes["sub_1", name].failures == 0]
    assert len(held) == 7

    # When the endpoint recovers, and nobody writes any more
    world.time.run(recovered + 60)

    # Then it is found to be back, and whoever only waited for that is told
    assert world.relay.health("sub_1").open_since is None
    assert all(endpoint.sequences(name) == [1] for name in held)

    # And the others when the time of their next try has come
    world.time.run(recovered + 180)
    assert all(endpoint.sequences(name) == [1] for name in names)


def test_the_first_success_wakes_whoever_waited_for_it_at_once() -> None:
    # Given an open circuit, conversations that wait for it, and an endpoint that is back
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = away(world, 0, MINUTE)
    for number in range(12):
        world.write(f"conv_{number}")
    world.time.pass_by(MINUTE)

    # When a probe finds it
    while not endpoint.taken:
        world.time.pass_by(0.1)
    world.time.pass_by(0.1)

    # Then the others are told as well
    assert all(endpoint.sequences(f"conv_{number}") == [1] for number in range(5, 12))


def test_of_two_who_come_for_the_same_probe_one_goes_away() -> None:
    # Given an open circuit whose time to be probed has come, as two workers have read it
    world = World()
    world.relay.healths["sub_1"] = Health(open_since=world.time() - 30, probe_at=world.time() - 1, version=7)
    health = world.relay.health("sub_1")
    circuit = Circuit(world.relay, world.queue, world.time, world.random.uniform)

    # When both want to try
    first, second = circuit.admit("sub_1", health), circuit.admit("sub_1", health)

    # Then one of them may
    assert first == world.relay.health("sub_1")
    assert second is None


def test_while_a_circuit_is_open_a_wake_up_reads_no_log() -> None:
    # Given an open circuit
    world = World()
    endpoint = world.subscribe()
    world.write("conv_9")
    world.time.pass_by(0)
    endpoint.answer = lambda now, event: BROKEN
    for number in range(5):
        world.write(f"conv_{number}")
    world.time.pass_by(0)
    assert world.relay.health("sub_1").open_since is not None

    # When a conversation that the subscriber has heard of is written to
    pages = world.store.pages_read
    world.write("conv_9")
    world.time.pass_by(0)

    # Then it is only written down as waiting
    assert world.store.pages_read == pages
    assert world.relay.lanes["sub_1", "conv_9"].pending


def test_a_conversation_that_is_stuck_by_itself_does_not_keep_the_circuit_open() -> None:
    # Given an endpoint that never takes one event, and takes nothing at all for ten minutes
    world = World()
    endpoint = world.subscribe()
    outage = away(world, 0, 10 * MINUTE)
    endpoint.answer = lambda at, event: BROKEN if event.id == "conv_0:1" else outage(at, event)

    # When every conversation waits, and the endpoint comes back
    for name in NAMES:
        world.write(name)
    world.time.pass_by(15 * MINUTE)

    # Then the others are told, and the one is tried again every now and then
    assert [endpoint.sequences(name) for name in NAMES] == [[], [1], [1], [1], [1]]
    assert world.relay.lanes["sub_1", "conv_0"].pending
    calls = len(endpoint.calls)
    for name in NAMES[1:]:
        world.write(name)
    world.time.pass_by(DAY)
    assert 24 <= len(endpoint.calls) - calls - 4 <= 200
    assert world.relay.subscriptions["sub_1"].status == "active"


def test_a_sweep_that_comes_too_late_finds_a_closed_circuit_and_wakes_whoever_waits() -> None:
    # Given conversations that were written down as waiting just after all that waited were woken
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = away(world, 0, 1)
    for number in range(12):
        world.write(f"conv_{number}")
    world.time.pass_by(10)
    world.relay.healths["sub_1"] = Health(version=world.relay.health("sub_1").version + 1)

    # When the look-out that was put in with the last probe comes
    world.time.pass_by(35)

    # Then they are told
    assert all(endpoint.sequences(f"conv_{number}") == [1] for number in range(12))


def test_many_conversations_that_are_stuck_do_not_keep_the_others_from_being_told() -> None:
    # Given an endpoint that will never take the events of twenty conversations
    world = World()
    endpoint = world.subscribe()
    outage = away(world, 0, 10 * MINUTE)
    endpoint.answer = lambda at, event: BROKEN if event.subject.startswith("stuck") else outage(at, event)
    for number in range(20):
        world.write(f"stuck_{number}")
    for name in NAMES:
        world.write(name)
    world.time.pass_by(6 * HOUR)
    endpoint.taken.clear()

    # When others are written to for a day
    waits = []
    for _ in range(24 * 12):
        entry = world.write(world.random.choice(NAMES))
        began = world.time()
        while not (endpoint.taken and endpoint.taken[-1][1].id == f"{entry.conversation_id}:{entry.sequence}"):
            world.time.pass_by(1)
        waits.append(world.time() - began)
        world.time.pass_by(5 * MINUTE)

    # Then nearly all of them are told at once, and none waits for more than a probe or two
    assert sorted(waits)[len(waits) * 9 // 10] <= 1
    assert max(waits) <= 120
    assert world.relay.subscriptions["sub_1"].status == "active"


def test_while_a_subscription_is_paused_nothing_is_told_and_everything_afterwards() -> None:
    # Given a subscription that somebody pauses
    world = World()
    endpoint = world.subscribe()
    message = world.send("conv_1")
    world.time.pass_by(1)
    world.subscribing.change("sub_1", SubscriptionChange(status="paused"))

    # When something happens meanwhile
    world.reach(message, "sent")
    world.reach(message, "read")
    world.write("conv_1")
    world.write("conv_2")
    world.time.pass_by(DAY)
    assert endpoint.sequences("conv_1") == [1]
    assert endpoint.sequences("conv_2") == []

    # Then it is told when they resume it: what the message has reached by then, and the entries
    world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1, 2]
    assert endpoint.sequences("conv_2") == [1]
    assert endpoint.states("conv_1") == ["1:read"]


def test_an_endpoint_that_is_gone_is_told_nothing_more_until_somebody_says_so() -> None:
    # Given an endpoint that answers 410
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = away(world, 0, HOUR, Outcome("gone", 5, 410, "http_410"))

    # When customers go on writing
    traffic(world, DAY, every=10 * MINUTE)

    # Then it was called once, and is not woken any more
    assert len(endpoint.calls) == 1
    assert world.relay.subscriptions["sub_1"].status == "disabled"
    assert world.relay.subscriptions["sub_1"].reason == "gone"

    # And when it is activated, it hears of all that it missed
    world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.settle()
    assert_complete(world, endpoint)


def test_a_new_address_is_tried_at_once() -> None:
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: BROKEN
    for name in NAMES:
        world.write(name)
    world.time.pass_by(HOUR)

    endpoint.answer = lambda now, event: OK
    world.subscribing.change("sub_1", SubscriptionChange(url="https://new.example.com/"))
    world.time.pass_by(1)

    assert all(endpoint.sequences(name) == [1] for name in NAMES)


def test_the_attempt_log_tells_of_failures_and_of_the_first_success_after_them() -> None:
    # Given an endpoint that fails twice
    world = World()
    endpoint = world.subscribe()
    failing = iter([BROKEN, BROKEN])
    endpoint.answer = lambda now, event: next(failing, OK)

    # When three events are told
    for _ in range(3):
        world.write("conv_1")
    world.time.settle()

    # Then the log has those of the first, numbered, each with the time of the next
    attempts = world.relay.attempts["sub_1"]
    assert [(each.event_id, each.number, each.outcome.verdict) for each in attempts] == [
        ("conv_1:1", 1, "retry"),
        ("conv_1:1", 2, "retry"),
        ("conv_1:1", 3, "delivered"),
    ]
    assert [each.next_at for each in attempts] == [attempts[1].at, attempts[2].at, None]


def test_a_message_of_a_failing_endpoint_is_never_dropped_for_what_it_answers() -> None:
    # Given an endpoint that answers in every way there is, then well
    world = World()
    endpoint = world.subscribe()
    strange = [301, 400, 401, 403, 404, 408, 413, 422, 500, 502, 504]
    answers = iter([Outcome("retry", 5, status, f"http_{status}") for status in strange])

    def answer(now: float, event: Event) -> Outcome:
        return next(answers, OK)

    endpoint.answer = answer

    # When there is an event
    world.write("conv_1")
    world.time.settle()

    # Then it is told in the end
    assert endpoint.sequences("conv_1") == [1]
