"""How far messages came and what became of their files: told in time, or as it is by then."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.relay.requests import SubscriptionChange
from shared.model.message import STATUS_RANK
from tests.unit.core.relay_world import BROKEN, OK, World


def test_a_status_is_told_after_its_message() -> None:
    world = World()
    endpoint = world.subscribe()

    message = world.send("conv_1")
    world.time.pass_by(1)
    world.reach(message, "sent")
    world.time.pass_by(1)
    world.reach(message, "read")
    world.time.settle()

    assert [event.type for _, event in endpoint.taken] == ["message.sent"] + ["message.status_changed"] * 2
    assert endpoint.states("conv_1") == ["1:sent", "1:read"]


def test_a_status_that_overtakes_its_messages_wake_up_comes_after_the_message_and_once() -> None:
    # Given a way to the subscribers on which wake-ups are late
    world = World()
    endpoint = world.subscribe()
    held = world.hold()

    # When a message is sent and delivered before anybody is woken, and the last wake-up comes first
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.reach(message, "delivered")
    world.queue.put(held[::-1])
    world.time.settle()

    # Then the message is first, and every state is told once
    assert endpoint.taken[0][1].type == "message.sent"
    assert endpoint.taken[0][1].data is not None
    assert endpoint.taken[0][1].data["message"]["status"] == "delivered"
    assert set(endpoint.states("conv_1")) == {"1:delivered", "1:sent"}
    assert endpoint.repeated() == []


def test_states_during_an_outage_are_told_as_they_are_afterwards() -> None:
    # Given a message that was told, and an endpoint that goes away then
    world = World()
    endpoint = world.subscribe()
    message = world.send("conv_1")
    world.time.pass_by(1)
    endpoint.answer = lambda now, event: BROKEN

    # When its status rises twice, and a file of it is stored
    world.reach(message, "sent")
    world.time.pass_by(1)
    world.reach(message, "read")
    world.store_file(message, "med_1")
    world.time.pass_by(60)
    assert endpoint.states("conv_1") == []
    assert world.owed("conv_1") == [1]

    # Then the subscriber hears how far it is, and of the file, without what is nobody's business
    endpoint.answer = lambda now, event: OK
    world.time.settle()
    assert endpoint.states("conv_1") == ["1:read", "1:med_1"]
    media = endpoint.taken[-1][1].data
    assert media == {
        "sequence": 1,
        "media": {"media_id": "med_1", "state": "stored", "mime_type": "image/png", "size": 3},
    }
    assert world.owed("conv_1") == []


def test_states_of_a_message_that_is_not_wanted_itself_are_told_when_they_are() -> None:
    world = World()
    endpoint = world.subscribe(types=("message.status_changed",))
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.time.settle()
    assert endpoint.sequences("conv_1") == []
    assert endpoint.states("conv_1") == ["1:sent"]


def test_states_that_are_not_wanted_are_never_told_and_never_owed() -> None:
    world = World()
    endpoint = world.subscribe(types=("message.sent",))
    endpoint.answer = lambda now, event: BROKEN
    message = world.send("conv_1")
    world.reach(message, "sent")
    world.time.pass_by(1)
    endpoint.answer = lambda now, event: OK
    world.time.settle()
    assert endpoint.states("conv_1") == []
    assert world.owed("conv_1") == []


def test_a_wake_up_that_could_not_carry_its_states_has_them_told_as_they_are_by_then() -> None:
    world = World()
    endpoint = world.subscribe()
    message = world.send("conv_1")
    world.time.pass_by(1)
    world.mangle = lambda wakes: [replace(each, states=(), owed=(1,)) for each in wakes]
    world.reach(message, "sent")
    world.time.settle()
    assert endpoint.states("conv_1") == ["1:sent"]


def test_a_status_that_comes_twice_is_told_once() -> None:
    world = World()
    endpoint = world.subscribe()
    message = world.send("conv_1")
    world.mangle = lambda wakes: [*wakes, *wakes]
    world.reach(message, "sent")
    world.time.settle()
    assert endpoint.states("conv_1") == ["1:sent"]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    messages=st.integers(1, 8),
    away=st.tuples(st.floats(0, 60), st.floats(0, 600)),
    paused=st.booleans(),
)
def test_of_every_message_every_status_is_told_or_a_higher_one(
    seed: int, messages: int, away: tuple[float, float], paused: bool
) -> None:
    # Given an endpoint that is away for a while, and a way to it that doubles and shuffles
    world = World(seed=seed)
    endpoint = world.subscribe()
    began = world.time()
    endpoint.answer = lambda now, event: BROKEN if away[0] <= now - began < sum(away) else OK
    world.mangle = lambda wakes: world.random.choices(wakes, k=2 * len(wakes)) if wakes else []

    # When messages rise through their statuses, and somebody pauses and resumes in between
    sent = []
    for _ in range(messages):
        sent.append(world.send(world.random.choice(["conv_1", "conv_2"])))
        for status in world.random.sample(sorted(STATUS_RANK), 3):
            world.reach(world.random.choice(sent), status)
            world.time.pass_by(world.random.choice([0, 0.5, 20]))
    if paused:
        world.subscribing.change("sub_1", SubscriptionChange(status="paused"))
        world.reach(sent[0], "read")
        world.time.pass_by(100)
        world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.settle()

    # Then the highest that was told of each is what it is
    for name in ("conv_1", "conv_2"):
        assert endpoint.sequences(name) == world.everything(name)
    for message in sent:
        state = world.store.state(message.conversation_id, message.sequence)
        told = [
            (event.data or {})["rank"]
            for _, event in endpoint.taken
            if event.subject == message.conversation_id and event.id.startswith(f"{event.subject}:{message.sequence}:")
        ]
        assert max(told, default=0) == (0 if state is None else state.rank)
    assert endpoint.repeated() == []
    assert not any(lane.owed or lane.pending for lane in world.relay.lanes.values())
