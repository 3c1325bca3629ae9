"""Somebody decides that an event which an endpoint refuses for ever is not told: that one and no other, and what
follows goes on at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.records import Entry
from shared.core.relay.records import Outcome, Skip, Skipped, WakeUp
from shared.core.relay.requests import Replay, SkipEvent, SubscriptionChange
from shared.errors import Conflict, InfrastructureError, NotFound
from tests.unit.core.relay_world import OK, Answers, SimulatedEndpoint, World
from tests.unit.core.test_relay_crashes import Mortality

REFUSED = Outcome("retry", 5, 422, "http_422")
KEY = "3f2a90c1d4e5"


def refusing(*event_ids: str) -> Answers:
    """An endpoint that refuses these for good, and takes everything else."""
    return lambda now, event: REFUSED if event.id in event_ids else OK


def skip(world: World, sequence: int, conversation_id: str = "conv_1") -> dict[str, Any]:
    return world.subscribing.skip("sub_1", SkipEvent(conversation_id=conversation_id, sequence=sequence), KEY)


@pytest.fixture
def stuck() -> tuple[World, SimulatedEndpoint]:
    """A conversation of five entries, the third of which the endpoint refuses for good."""
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = refusing("conv_1:3")
    for _ in range(5):
        world.write("conv_1")
    world.time.pass_by(7 * 3600)
    assert endpoint.sequences("conv_1") == [1, 2]
    return world, endpoint


def test_the_event_is_left_out_and_what_follows_is_told_at_once(stuck: tuple[World, SimulatedEndpoint]) -> None:
    world, endpoint = stuck

    answer = skip(world, 3)
    world.time.pass_by(0)

    assert answer == {"queued": True, "conversation_id": "conv_1", "sequence": 3, "event_id": "conv_1:3"}
    assert endpoint.sequences("conv_1") == [1, 2, 4, 5]
    lane = world.relay.lanes["sub_1", "conv_1"]
    assert (lane.cursor, lane.pending, lane.failures, lane.next_at, lane.owed) == (5, False, 0, None, ())


def test_who_left_it_out_and_when_and_what_it_was_is_kept(stuck: tuple[World, SimulatedEndpoint]) -> None:
    world, _ = stuck
    failed = world.relay.lanes["sub_1", "conv_1"]

    skip(world, 3)
    asked_at = world.time()
    world.time.pass_by(60)

    assert world.relay.latest("sub_1", 10) == [
        Skipped("conv_1", 3, "conv_1:3", KEY, asked_at, failed.failures, failed.failing_since, 422, "http_422")
    ]


@pytest.mark.parametrize("sequence", [1, 2, 4, 5, 6])
def test_nothing_is_left_out_but_what_the_conversation_fails_over(
    stuck: tuple[World, SimulatedEndpoint], sequence: int
) -> None:
    world, endpoint = stuck

    with pytest.raises(Conflict) as refused:
        skip(world, sequence)

    assert refused.value.code == "not_failing_there"
    assert "3" in refused.value.detail
    endpoint.answer = refusing()
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1, 2, 3, 4, 5]


def test_where_nothing_fails_nothing_is_left_out() -> None:
    world = World()
    world.subscribe()
    world.write("conv_1")
    world.time.settle()
    world.write_silently("conv_2")

    for conversation_id in ("conv_1", "conv_2"):
        for sequence in (1, 2):
            with pytest.raises(Conflict) as refused:
                skip(world, sequence, conversation_id)
            assert refused.value.code == "not_failing_there"


def test_what_has_not_happened_yet_cannot_be_left_out() -> None:
    # Given a conversation that fails over something that is no entry of its log
    world = World()
    endpoint = world.subscribe()
    world.write("conv_1")
    world.time.settle()
    world.queue.put([WakeUp("sub_1", "conv_1", states=({"id": "conv_1:1:sent", "type": 7},))])
    world.time.settle()
    assert world.relay.lanes["sub_1", "conv_1"].failures

    # When somebody asks to leave out the entry that will be next, then it is refused, and told when it comes
    with pytest.raises(Conflict):
        skip(world, 2)
    world.write("conv_1")
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1, 2]


def test_a_message_is_left_out_with_the_states_that_it_has() -> None:
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = refusing("conv_1:1")
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.write("conv_1")
    world.time.pass_by(60)

    skip(world, 1)
    world.time.settle()

    assert [event.id for _, event in endpoint.taken] == ["conv_1:2"]


def test_what_is_not_there_cannot_be_left_out() -> None:
    world = World()
    world.subscribe()
    request = SkipEvent(conversation_id="conv_none", sequence=1)

    with pytest.raises(NotFound) as refused:
        world.subscribing.skip("sub_1", request, KEY)
    assert refused.value.code == "unknown_conversation"
    with pytest.raises(NotFound) as refused:
        world.subscribing.skip("sub_none", request, KEY)
    assert refused.value.code == "unknown_subscription"


def test_what_could_not_be_queued_is_said(stuck: tuple[World, SimulatedEndpoint]) -> None:
    world, _ = stuck
    world.queue.refusals = 1
    with pytest.raises(InfrastructureError):
        skip(world, 3)


def test_an_event_that_was_taken_in_the_meantime_is_not_left_out_nor_the_next_one() -> None:
    # Given a conversation that fails over its third entry, and somebody who asks to leave that out
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = refusing("conv_1:3")
    for _ in range(5):
        world.write("conv_1")
    world.time.pass_by(60)
    asked = WakeUp("sub_1", "conv_1", skip=Skip(3, KEY, world.time()))

    # When the endpoint takes it, and refuses the next, before that is done
    endpoint.answer = refusing("conv_1:4")
    world.queue.put([WakeUp("sub_1", "conv_1", urgent=True), asked, asked])
    world.time.pass_by(60)

    # Then the next is waited for
    assert endpoint.sequences("conv_1") == [1, 2, 3]
    assert world.relay.latest("sub_1", 10) == []
    endpoint.answer = refusing()
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1, 2, 3, 4, 5]


def test_a_replay_tells_what_was_left_out(stuck: tuple[World, SimulatedEndpoint]) -> None:
    world, endpoint = stuck
    skip(world, 3)
    world.time.pass_by(1)

    endpoint.answer = refusing()
    world.subscribing.replay("sub_1", Replay(conversation_id="conv_1", after=2))
    world.time.settle()

    assert endpoint.sequences("conv_1") == [1, 2, 4, 5, 3, 4, 5]


def test_of_a_paused_subscription_it_is_left_out_and_the_rest_told_later(
    stuck: tuple[World, SimulatedEndpoint],
) -> None:
    world, endpoint = stuck
    world.subscribing.change("sub_1", SubscriptionChange(status="paused"))
    skip(world, 3)
    world.time.pass_by(3600)
    assert endpoint.sequences("conv_1") == [1, 2]

    world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.pass_by(1)
    assert endpoint.sequences("conv_1") == [1, 2, 4, 5]
    assert "conv_1:3" not in [event.id for at, event in endpoint.calls if at == world.time()]


def test_a_state_that_is_refused_is_left_out_and_the_messages_later_states_are_told() -> None:
    # Given a message of which the endpoint refuses for good that it was sent
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: REFUSED if (event.data or {}).get("status") == "sent" else OK
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.write("conv_1")
    world.time.pass_by(60)
    assert endpoint.sequences("conv_1") == [1]

    # When that is left out
    (refused,) = {event.id for _, event in endpoint.calls} - {"conv_1:1"}
    assert skip(world, 1)["event_id"] == refused
    world.time.pass_by(1)

    # Then what follows is told, and later that the message was read
    assert endpoint.sequences("conv_1") == [1, 2]
    assert endpoint.states("conv_1") == []
    world.reach(message, "read")
    world.time.settle()
    assert [event.data["status"] for _, event in endpoint.taken if event.data and not event.sequence] == ["read"]
    assert not any(lane.owed or lane.pending for lane in world.relay.lanes.values())


def test_of_two_states_that_wait_one_is_left_out_and_the_other_told() -> None:
    # Given a message that was sent, which is refused for good, and has a file that is stored
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: REFUSED if (event.data or {}).get("status") == "sent" else OK
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.time.pass_by(60)
    world.store_file(message, "med_1")
    world.time.pass_by(60)

    # When the first is left out
    skip(world, 1)
    world.time.pass_by(1)

    # Then the file is told
    assert [event.type for _, event in endpoint.taken] == ["message.sent", "message.media_changed"]


def test_an_event_that_our_own_code_cannot_make_can_be_left_out() -> None:
    world = World()
    endpoint = world.subscribe()
    world.write("conv_1")
    world.write_silently("conv_1", type="message.sent", data={"message": {"id": "msg_1"}})
    world.write("conv_1")
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1]

    skip(world, 2)
    world.time.pass_by(1)

    assert endpoint.sequences("conv_1") == [1, 3]
    assert world.relay.latest("sub_1", 1)[0].code == "unrenderable"


def test_states_that_our_own_code_cannot_make_are_left_out_and_no_entry_is() -> None:
    # Given an entry that was told, and a file of it of which nothing can be said
    world = World()
    endpoint = world.subscribe()
    world.send("conv_1")
    world.time.settle()
    entry = world.store.logs["conv_1"][0]
    world.store.logs["conv_1"][0] = _with_a_broken_file(entry)
    world.queue.put([WakeUp("sub_1", "conv_1", owed=(1,))])
    world.write("conv_1")
    world.time.settle()
    assert endpoint.sequences("conv_1") == [1]

    # When what it fails over is left out
    (stuck,) = [lane for lane in world.relay.lanes.values() if lane.failures]
    assert (stuck.last or {})["event_id"] == "conv_1:1"
    skip(world, 1)
    world.time.pass_by(1)

    # Then the next entry is told
    assert endpoint.sequences("conv_1") == [1, 2]


def _with_a_broken_file(entry: Entry) -> Entry:
    return replace(entry, media={"med_1": {"state": "stored"}})


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("failing", [False, True])
def test_a_worker_that_dies_while_it_leaves_an_event_out_leaves_out_that_and_nothing_else(
    carried_out: bool, failing: bool
) -> None:
    calls = _leave_out(Mortality()).calls
    assert calls > 4
    for at in range(1, calls + 1):
        _leave_out(Mortality(at, carried_out, failing))


def _leave_out(mortality: Mortality) -> Mortality:
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = refusing("conv_1:2")
    for _ in range(4):
        world.write("conv_1")
    world.time.pass_by(60)
    world.forward = world.make_forward(mortality)

    skip(world, 2)
    world.time.settle()

    told = endpoint.sequences("conv_1")
    assert list(dict.fromkeys(told)) == [1, 3, 4], f"call {mortality.at}"
    assert told == sorted(told), f"call {mortality.at}"
    assert [each.event_id for each in world.relay.latest("sub_1", 10)] == ["conv_1:2"], f"call {mortality.at}"
    assert not any(lane.pending for lane in world.relay.lanes.values()), f"call {mortality.at}"
    return mortality


@settings(max_examples=40, deadline=None)
@given(
    refused=st.sets(st.integers(1, 12), max_size=4),
    asked=st.lists(st.integers(1, 13), max_size=30),
    pauses=st.lists(st.sampled_from([0.0, 1.0, 40.0, 4000.0]), min_size=1),
)
def test_whatever_is_asked_only_what_is_refused_is_ever_left_out_and_order_stays(
    refused: set[int], asked: list[int], pauses: list[float]
) -> None:
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = refusing(*(f"conv_1:{sequence}" for sequence in refused))
    for _ in range(12):
        world.write("conv_1")
    for number, sequence in enumerate(asked):
        world.time.pass_by(pauses[number % len(pauses)])
        with suppress(Conflict):
            skip(world, sequence)
    world.time.pass_by(10_000)
    endpoint.answer = refusing()
    world.time.settle()

    left_out = {each.sequence for each in world.relay.latest("sub_1", 100)}
    assert left_out <= refused
    assert endpoint.sequences("conv_1") == [each for each in range(1, 13) if each not in left_out]
