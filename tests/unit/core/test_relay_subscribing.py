"""What callers do with subscriptions, and what they are refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from shared.core.relay.records import Health, HelpdeskName, Outcome, SecretVersion, Sweep, WakeUp
from shared.core.relay.requests import (
    LARGEST_METADATA,
    LONGEST_DESCRIPTION,
    LONGEST_OVERLAP,
    LONGEST_URL,
    Checks,
    NewSubscription,
    Replay,
    RotateSecret,
    SubscriptionChange,
)
from shared.core.relay.subscribing import MOST_SUBSCRIPTIONS, SETTLING
from shared.errors import Conflict, InfrastructureError, NotFound, RequestError, Unprocessable, WriteConflict
from shared.http.addresses import guarded_target
from shared.model.timestamps import rfc3339
from tests.unit.core.relay_world import BROKEN, OK, World

URL = "https://desk.example.com/hooks"


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(RequestError) as refused:
        call(*arguments)
    return refused.value.code


def test_a_subscription_is_what_was_asked_for() -> None:
    world = World()
    request = NewSubscription(
        url=URL,
        types=["message.sent", "message.received", "message.sent"],
        channels=["wechat"],
        signing="ed25519",
        description="The desk",
        metadata={"team": 1},
    )

    made = world.subscribing.create(request)

    assert world.subscribing.get(made.id) == made
    assert made.id.startswith("sub_")
    assert (made.url, made.helpdesk, made.status, made.signing) == (URL, None, "active", "ed25519")
    assert (made.types, made.channels) == (("message.sent", "message.received"), ("wechat",))
    assert (made.description, made.metadata, made.secrets) == ("The desk", {"team": 1}, (SecretVersion(1),))
    assert made.begins_at == made.created_at == world.time()


def test_a_subscription_may_be_a_helpdesks() -> None:
    made = World().subscribing.create(NewSubscription(helpdesk="zendesk/main"))
    assert (made.url, made.helpdesk) == (None, HelpdeskName("zendesk", "main"))


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "bad_target"),
        ({"url": URL, "helpdesk": "zendesk/main"}, "bad_target"),
        ({"url": "http://desk.example.com/"}, "bad_url"),
        ({"url": "https://desk.example.com:8443/"}, "bad_url"),
        ({"url": "https://user:word@desk.example.com/"}, "bad_url"),
        ({"url": "https://127.0.0.1/"}, "bad_url"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "bad_url"),
        ({"url": "https://[::1]/"}, "bad_url"),
        ({"url": "desk"}, "bad_url"),
        ({"url": ""}, "bad_url"),
        ({"url": URL + "x" * LONGEST_URL}, "bad_url"),
        ({"helpdesk": "zendesk"}, "bad_helpdesk"),
        ({"helpdesk": "../secrets/main"}, "bad_helpdesk"),
        ({"helpdesk": "zendesk/main/other"}, "bad_helpdesk"),
        ({"url": URL, "types": ["message.sent", "message.shouted"]}, "bad_types"),
        ({"url": URL, "channels": ["telepathy"]}, "bad_channels"),
        ({"url": URL, "description": "x" * (LONGEST_DESCRIPTION + 1)}, "bad_description"),
        ({"url": URL, "metadata": {"x": "x" * LARGEST_METADATA}}, "bad_metadata"),
        ({"url": URL, "since": "yesterday"}, "bad_since"),
        ({"url": URL, "since": "2020-01-02T03:04:05"}, "bad_since"),
        ({"url": URL, "since": "2999-01-02T03:04:05Z"}, "bad_since"),
        ({"url": URL, "since": "0000-01-02T03:04:05Z"}, "bad_since"),
    ],
)
def test_what_can_never_work_is_refused_with_a_reason(request_: dict[str, Any], code: str) -> None:
    world = World()
    assert refusal(world.subscribing.create, NewSubscription(**request_)) == code
    assert world.relay.subscriptions == {}


def test_a_field_that_is_not_known_is_refused() -> None:
    for kind in (NewSubscription, SubscriptionChange, RotateSecret, Replay):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(b'{"secret": "mine"}', type=kind)


def test_a_stack_has_so_many_subscriptions_at_the_most() -> None:
    world = World()
    for _ in range(MOST_SUBSCRIPTIONS):
        world.subscribing.create(NewSubscription(url=URL))
    with pytest.raises(Conflict, match="subscriptions"):
        world.subscribing.create(NewSubscription(url=URL))


def test_a_change_leaves_what_it_does_not_name() -> None:
    world = World()
    made = world.subscribing.create(NewSubscription(url=URL, types=["message.sent"], description="The desk"))
    changed = world.subscribing.change(made.id, SubscriptionChange(channels=["wechat"], description=None))
    assert (changed.types, changed.channels, changed.description) == (("message.sent",), ("wechat",), None)
    assert world.subscribing.get(made.id) == changed
    assert changed.secrets == made.secrets


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "https://10.0.0.1/"}, "bad_url"),
        ({"types": ["message.shouted"]}, "bad_types"),
        ({"channels": ["telepathy"]}, "bad_channels"),
        ({"description": "x" * (LONGEST_DESCRIPTION + 1)}, "bad_description"),
        ({"metadata": {"x": "x" * LARGEST_METADATA}}, "bad_metadata"),
    ],
)
def test_a_change_is_checked_like_a_new_subscription(change: dict[str, Any], code: str) -> None:
    world = World()
    made = world.subscribing.create(NewSubscription(url=URL))
    assert refusal(world.subscribing.change, made.id, SubscriptionChange(**change)) == code
    assert world.subscribing.get(made.id) == made


def test_a_helpdesks_subscription_is_given_no_address() -> None:
    world = World()
    made = world.subscribing.create(NewSubscription(helpdesk="zendesk/main"))
    assert refusal(world.subscribing.change, made.id, SubscriptionChange(url=URL)) == "bad_target"


def test_a_subscription_that_is_not_there_can_be_given_nothing_to_do() -> None:
    subscribing = World().subscribing
    calls = [
        (subscribing.get,),
        (subscribing.change, SubscriptionChange(status="paused")),
        (subscribing.delete,),
        (subscribing.rotate, RotateSecret()),
        (subscribing.replay, Replay()),
        (subscribing.test,),
    ]
    for call, *arguments in calls:
        assert refusal(call, "sub_none", *arguments) == "unknown_subscription"


def test_after_a_subscription_was_taken_away_its_wake_ups_end_quietly() -> None:
    world = World()
    endpoint = world.subscribe()
    world.write("conv_1")
    world.subscribing.delete("sub_1")
    world.queue.put([Sweep("sub_1", pending=True), Sweep("sub_1", since=0.0), Sweep("sub_1", probe=True)])
    world.time.settle()
    assert endpoint.calls == []
    assert world.queue.aside == []


def test_pausing_is_dated_and_resuming_forgets_the_failures() -> None:
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: BROKEN
    for number in range(6):
        world.write(f"conv_{number}")
    world.time.pass_by(5)

    paused = world.subscribing.change("sub_1", SubscriptionChange(status="paused"))
    assert (paused.status, paused.reason, paused.status_since) == ("paused", None, world.time())
    again = world.subscribing.change("sub_1", SubscriptionChange(status="paused", description="x"))
    assert again.status_since == paused.status_since

    world.time.pass_by(60)
    world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    health = world.relay.health("sub_1")
    assert (health.failing_since, health.open_since, health.recent) == (None, None, ())
    assert health.last_failure is not None


def test_an_active_subscription_that_is_made_active_tries_at_once_what_waits() -> None:
    world = World()
    endpoint = world.subscribe()
    refusals = iter([BROKEN] * 4)
    endpoint.answer = lambda now, event: next(refusals, OK)
    world.write("conv_1")
    world.time.pass_by(1)
    while len(endpoint.calls) < 4:
        world.time.pass_by(1)

    world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.pass_by(1)

    assert endpoint.sequences("conv_1") == [1]


def test_a_new_secret_leaves_the_one_before_for_a_while() -> None:
    world = World()
    world.subscribe()
    now = world.time()

    first = world.subscribing.rotate("sub_1", RotateSecret())
    assert first.secrets == (SecretVersion(2), SecretVersion(1, now + 86_400))

    world.time.pass_by(3600)
    second = world.subscribing.rotate("sub_1", RotateSecret(expire_previous_after=60))
    assert second.secrets == (
        SecretVersion(3),
        SecretVersion(2, now + 3660),
        SecretVersion(1, now + 3660),
    )

    world.time.pass_by(3600)
    leaked = world.subscribing.rotate("sub_1", RotateSecret(expire_previous_after=0))
    assert leaked.secrets == (SecretVersion(4),)


@pytest.mark.parametrize("seconds", [-1, LONGEST_OVERLAP + 1])
def test_a_secret_is_not_used_for_ever_after_it_was_replaced(seconds: int) -> None:
    world = World()
    world.subscribe()
    code = refusal(world.subscribing.rotate, "sub_1", RotateSecret(expire_previous_after=seconds))
    assert code == "bad_expire_previous_after"


@pytest.mark.parametrize(
    ("replay", "item", "answer"),
    [
        (Replay(), Sweep("sub_1", restart=0), {}),
        (Replay(after=4), Sweep("sub_1", restart=4), {"after": 4}),
        (Replay(after_sequence=4), Sweep("sub_1", restart=4), {"after": 4}),
        (
            Replay(conversation_id="conv_1"),
            WakeUp("sub_1", "conv_1", urgent=True, restart=0),
            {"conversation_id": "conv_1"},
        ),
        (
            Replay(conversation_id="conv_1", after=2),
            WakeUp("sub_1", "conv_1", urgent=True, restart=2),
            {"conversation_id": "conv_1", "after": 2},
        ),
    ],
)
def test_a_replay_is_queued(replay: Replay, item: Sweep | WakeUp, answer: dict[str, Any]) -> None:
    world = World()
    world.subscribe(types=("message.deleted",))
    world.write("conv_1")
    queued: list[WakeUp | Sweep] = []
    world.queue.work = queued.append

    assert world.subscribing.replay("sub_1", replay) == {"queued": True, **answer}

    world.time.settle()
    assert queued == [item]


def test_a_replay_of_a_conversation_since_a_time_begins_there() -> None:
    world = World()
    endpoint = world.subscribe()
    for _ in range(30):
        world.write("conv_1")
        world.time.pass_by(10)
    since = rfc3339(world.time() - 100)
    endpoint.taken.clear()

    world.subscribing.replay("sub_1", Replay(conversation_id="conv_1", since=since))
    world.time.settle()

    assert endpoint.sequences("conv_1") == list(range(21, 31))


@pytest.mark.parametrize(
    ("replay", "code"),
    [
        (Replay(conversation_id="conv_none"), "unknown_conversation"),
        (Replay(after=-1), "bad_replay"),
        (Replay(after=1, since="2020-01-02T03:04:05Z"), "bad_replay"),
        (Replay(since="2999-01-02T03:04:05Z"), "bad_since"),
    ],
)
def test_a_replay_of_what_is_not_there_is_refused(replay: Replay, code: str) -> None:
    world = World()
    world.subscribe()
    assert refusal(world.subscribing.replay, "sub_1", replay) == code


@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_a_ping_is_sent_now_and_written_down(status: str) -> None:
    world = World()
    endpoint = world.subscribe(status=status)
    outcome = world.subscribing.test("sub_1")

    ((_, event),) = endpoint.calls
    assert outcome.verdict == "delivered"
    assert (event.type, event.subject, event.sequence) == ("subscription.test", "sub_1", None)
    (attempt,) = world.relay.attempts["sub_1"]
    assert (attempt.event_id, attempt.event_type, attempt.outcome) == (event.id, event.type, outcome)
    assert (attempt.conversation_id, attempt.sequence, attempt.next_at) == (None, None, None)


def test_a_ping_that_fails_says_so_and_changes_nothing() -> None:
    world = World()
    endpoint = world.subscribe()
    endpoint.answer = lambda now, event: Outcome("gone", 5, 410, "http_410")
    before = world.relay.subscriptions["sub_1"]
    assert world.subscribing.test("sub_1").code == "http_410"
    assert world.relay.subscriptions["sub_1"] == before
    assert world.relay.health("sub_1") == Health()


def test_a_change_that_somebody_else_was_faster_with_is_made_on_top_of_theirs() -> None:
    world = World()
    world.subscribe()
    world.relay.races = 3
    assert world.subscribing.change("sub_1", SubscriptionChange(description="x")).description == "x"
    world.relay.races = 100
    with pytest.raises(WriteConflict):
        world.subscribing.change("sub_1", SubscriptionChange(description="y"))


def test_what_could_not_be_queued_is_said() -> None:
    world = World()
    world.subscribe()
    world.queue.refusals = 1
    with pytest.raises(InfrastructureError):
        world.subscribing.replay("sub_1", Replay())


def test_a_resumption_that_dies_half_way_is_carried_through_by_its_sweeps() -> None:
    # Given a disabled subscription, and entries that nobody was woken for
    world = World()
    endpoint = world.subscribe(status="disabled", status_since=world.time() - 1)
    world.write("conv_1")
    world.queue.refusals = 1

    # When it is activated, and the queue fails at the last step
    with pytest.raises(InfrastructureError):
        world.subscribing.change("sub_1", SubscriptionChange(status="active"))
    world.time.pass_by(SETTLING + 1)

    # Then what it missed is told all the same
    assert endpoint.sequences("conv_1") == [1]


def test_what_is_wrong_with_a_helpdesk_is_said_as_it_is() -> None:
    def unknown(name: HelpdeskName) -> None:
        raise NotFound("unknown_helpdesk", f"there is no account {name.account} of {name.helpdesk}")

    checks = Checks(list, guarded_target, unknown)
    assert refusal(checks.place, NewSubscription(helpdesk="zendesk/main")) == "unknown_helpdesk"


def test_refusals_do_not_repeat_what_may_be_a_secret() -> None:
    world = World()
    with pytest.raises(Unprocessable) as refused:
        world.subscribing.create(NewSubscription(url="https://10.0.0.1/?token=canary-7f3a"))
    assert "canary" not in str(refused.value)
