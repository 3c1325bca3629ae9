"""Every subscriber hears of every entry, in order in each conversation, whatever becomes of its wake-ups."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.relay.records import Lane, WakeUp
from shared.core.relay.requests import NewSubscription, Replay
from shared.core.relay.visit import SAVED_AFTER, SAVED_WITHIN
from shared.model.timestamps import rfc3339
from tests.unit.core.relay_world import BROKEN, OK, World


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    conversations=st.integers(1, 4),
    entries=st.integers(1, 40),
    faults=st.sampled_from(["none", "shuffled", "doubled", "lost but the last", "all at once"]),
    failing=st.floats(0, 0.6),
)
def test_wake_ups_may_be_lost_doubled_and_shuffled_and_every_subscriber_hears_everything_in_order(
    seed: int, conversations: int, entries: int, faults: str, failing: float
) -> None:
    # Given two subscribers, one of them at an endpoint that fails now and then, and a way to them that loses order
    world = World(seed=seed)
    steady, shaky = world.subscribe("sub_steady"), world.subscribe("sub_shaky")
    shaky.answer = lambda now, event: BROKEN if world.random.random() < failing else OK
    held = world.hold() if faults != "none" else []

    # When entries are written, and the whole stream is played again from its beginning
    names = [f"conv_{number}" for number in range(conversations)]
    for _ in range(entries):
        world.write(world.random.choice(names))
        world.time.pass_by(world.random.choice([0, 0.01, 1]))
    world.queue.put(_come_through(held, faults, world.random))
    world.time.settle()

    # Then each has heard of each conversation from its first entry to its last, once
    for endpoint in (steady, shaky):
        for name in names:
            assert endpoint.sequences(name) == world.everything(name)
    assert {lane.pending for lane in world.relay.lanes.values()} == {False}


def _come_through(held: list[WakeUp], faults: str, chance: random.Random) -> list[WakeUp]:
    match faults:
        case "lost but the last":
            return list({(each.subscription_id, each.conversation_id): each for each in held}.values())
        case "doubled":
            return [each for each in held for _ in range(chance.randint(1, 3))]
        case "shuffled":
            return chance.sample(held, len(held)) + chance.sample(held, len(held))
    return held


def test_an_event_has_the_same_id_in_every_attempt() -> None:
    # Given an endpoint that refuses everything three times
    world = World()
    endpoint = world.subscribe()
    refusals = iter([BROKEN] * 3)
    endpoint.answer = lambda now, event: next(refusals, OK)

    # When there is an event
    world.write("conv_1")
    world.time.settle()

    # Then it is tried under one id until it is taken
    assert [event.id for _, event in endpoint.calls] == ["conv_1:1"] * 4
    assert endpoint.sequences("conv_1") == [1]


def test_an_event_that_fails_holds_up_its_conversation_and_no_other() -> None:
    # Given an endpoint that refuses one event for ten minutes
    world = World()
    endpoint = world.subscribe()
    since = world.time()
    endpoint.answer = lambda now, event: BROKEN if event.id == "conv_1:2" and now - since < 600 else OK

    # When there are more events there and elsewhere
    for _ in range(4):
        world.write("conv_1")
        world.write("conv_2")
    world.time.pass_by(60)

    # Then the other conversation is complete at once
    assert endpoint.sequences("conv_1") == [1]
    assert endpoint.sequences("conv_2") == [1, 2, 3, 4]

    # And this one as soon as the event is taken
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1, 2, 3, 4]


def test_a_new_subscriber_hears_a_conversation_from_its_first_entry_after_the_subscription() -> None:
    # Given a conversation that was there before
    world = World()
    for _ in range(60):
        world.write("conv_1")
    world.time.pass_by(1)
    endpoint = world.subscribe()

    # When it goes on
    for _ in range(3):
        world.write("conv_1")
    world.time.settle()

    # Then the subscriber hears what came after
    assert endpoint.sequences("conv_1") == [61, 62, 63]


def test_what_is_written_before_everybody_knows_of_a_subscription_is_told_all_the_same() -> None:
    # Given a subscription that those who wake subscribers do not know of yet
    world = World()
    world.mangle = lambda wakes: []
    subscription = world.subscribing.create(NewSubscription(url="https://desk.example.com/"))
    endpoint = world.endpoints[subscription.id] = world.subscribe("sub_other")
    world.time.pass_by(1)

    # When a conversation is written to in the meantime
    world.write("conv_1")
    world.time.settle()

    # Then it is found
    assert endpoint.sequences("conv_1") == [1]


def test_a_subscriber_may_want_to_hear_from_an_earlier_time() -> None:
    # Given a conversation with entries of yesterday and of today
    world = World()
    world.write("conv_1")
    world.time.pass_by(86_400)
    world.write("conv_1")
    world.write("conv_1")
    world.time.pass_by(3600)

    # When somebody subscribes to what has happened for two hours
    request = NewSubscription(url="https://desk.example.com/", since=rfc3339(world.time() - 7200))
    subscription = world.subscribing.create(request)
    world.endpoints[subscription.id] = world.subscribe("sub_other")
    world.time.settle()

    # Then they hear of the latter
    assert world.endpoints[subscription.id].sequences("conv_1") == [2, 3]


def test_what_does_not_fit_into_one_call_is_handed_on() -> None:
    # Given a worker with time for one event at a time
    world = World()
    endpoint = world.subscribe()
    world.seconds_left = 20.0

    # When ten events are waiting
    for _ in range(10):
        world.write_silently("conv_1")
    world.queue.put([WakeUp("sub_1", "conv_1", first=1)])
    world.time.settle()

    # Then ten calls tell them, in order
    assert endpoint.sequences("conv_1") == list(range(1, 11))
    assert world.queue.handled == 10


@pytest.mark.parametrize("after", [0, 3, 9])
def test_a_replay_tells_a_conversation_again_from_where_it_is_asked_to(after: int) -> None:
    world = World()
    endpoint = world.subscribe()
    for _ in range(10):
        world.write("conv_1")
    world.time.settle()

    world.subscribing.replay("sub_1", Replay(conversation_id="conv_1", after=after))
    world.time.settle()

    again = list(range(after + 1, 11))
    assert endpoint.sequences("conv_1") == list(range(1, 11)) + again
    assert endpoint.repeated() == [f"conv_1:{sequence}" for sequence in again]


def test_a_replay_of_all_conversations_since_a_time_begins_in_each_at_that_time() -> None:
    # Given conversations that were written to before a time, after it, and both
    world = World()
    endpoint = world.subscribe()
    for name in ("conv_old", "conv_both"):
        world.write(name)
    world.time.pass_by(100)
    since = world.time()
    for number in range(250):
        world.write(f"conv_new_{number}")
    world.write("conv_both")
    world.time.pass_by(100)
    endpoint.taken.clear()

    # When what was told since then is replayed
    world.subscribing.replay("sub_1", Replay(since=rfc3339(since)))
    world.time.settle()

    # Then it is, and nothing else
    assert endpoint.sequences("conv_old") == []
    assert endpoint.sequences("conv_both") == [2]
    assert all(endpoint.sequences(f"conv_new_{number}") == [1] for number in range(250))


def test_a_replay_never_skips_what_was_not_told_yet() -> None:
    # Given a subscriber that has heard nothing of a conversation with five entries
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: BROKEN
    for _ in range(5):
        world.write("conv_1")
    world.time.pass_by(1)

    # When a replay after the third is asked for
    endpoint.answer = lambda now, event: OK
    world.subscribing.replay("sub_1", Replay(conversation_id="conv_1", after=3))
    world.time.settle()

    # Then the first three are told as well
    assert endpoint.sequences("conv_1") == [1, 2, 3, 4, 5]


def test_filters_pass_what_was_asked_for_in_order() -> None:
    # Given a subscriber to messages on WeChat
    world = World()
    endpoint = world.subscribe(types=("message.sent",), channels=("wechat",))

    # When there is that and more
    world.write("conv_1")
    world.send("conv_1")
    world.write("conv_1", channel="webchat")
    world.send("conv_1")
    world.time.settle()

    # Then it hears of that
    assert endpoint.sequences("conv_1") == [2, 4]


def test_a_stream_that_nobody_has_failed_on_writes_one_lane_for_each_event_and_no_health() -> None:
    world = World()
    world.subscribe()
    for _ in range(20):
        world.write("conv_1")
        world.time.pass_by(1)
    assert (world.relay.lane_writes, world.relay.health_writes) == (20, 0)
    assert world.relay.attempts == {}


def test_a_visit_that_tells_many_events_writes_the_lane_every_few_of_them() -> None:
    world = World()
    endpoint = world.subscribe()
    for _ in range(3 * SAVED_AFTER):
        world.write_silently("conv_1")

    world.queue.put([WakeUp("sub_1", "conv_1", first=1)])
    world.time.settle()

    assert endpoint.sequences("conv_1") == world.everything("conv_1")
    assert world.relay.lane_writes == 3


def test_of_an_endpoint_that_takes_its_time_the_lane_is_written_more_often() -> None:
    world = World(sleeping=True)
    endpoint = world.subscribe()
    endpoint.seconds = SAVED_WITHIN
    for _ in range(SAVED_AFTER):
        world.write_silently("conv_1")

    world.queue.put([WakeUp("sub_1", "conv_1", first=1)])
    world.time.settle()

    assert endpoint.sequences("conv_1") == world.everything("conv_1")
    assert world.relay.lane_writes == SAVED_AFTER


def test_the_seconds_count_from_the_last_write() -> None:
    world = World(sleeping=True)
    endpoint = world.subscribe()
    endpoint.seconds = SAVED_WITHIN * 0.4
    for _ in range(10):
        world.write_silently("conv_1")

    world.queue.put([WakeUp("sub_1", "conv_1", first=1)])
    world.time.settle()

    # After the third event, the sixth, the ninth, and at the end.
    assert world.relay.lane_writes == 4


def test_a_wake_up_for_a_conversation_that_is_level_writes_nothing() -> None:
    world = World()
    world.subscribe()
    world.write("conv_1")
    world.time.settle()
    before = world.relay.lane_writes

    world.queue.put([WakeUp("sub_1", "conv_1", first=1)])
    world.time.settle()

    assert world.relay.lane_writes == before
    assert world.relay.lanes["sub_1", "conv_1"] == Lane("sub_1", "conv_1", 1, last=_last(world))


def _last(world: World) -> dict[str, object] | None:
    return world.relay.lanes["sub_1", "conv_1"].last
