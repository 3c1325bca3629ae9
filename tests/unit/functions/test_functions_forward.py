"""The function behind the relay's queue: one item in, the right use case called, and what failed named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions import forward
from functions.bootstrap import environment, helpdesks, relay
from shared.aws.relay_queue import to_json
from shared.core.later import TryLater
from shared.core.relay.forwarding import Forwarded
from shared.core.relay.records import Sweep, WakeUp
from shared.errors import InfrastructureError
from shared.model.envelope import Envelope

SECRET = "what the customer wrote"
WAKE = WakeUp("sub_1", "conv_1", first=3, states=({"id": "conv_1:2:sent", "data": {"status": SECRET}},), owed=(2,))
SWEEP = Sweep("sub_1", since=0.0, restart=0)
DESK = Envelope("chatwoot", "main", 1_790_000_000.0, b"{}")


class Lambda:
    """The context of an invocation with 42 s left."""

    def get_remaining_time_in_millis(self) -> int:
        return 42_000


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the use cases were called with. They can be told to fail by an error at the front."""
    found: list[tuple[str, Any]] = []

    def note(name: str, *arguments: Any) -> None:
        if found and isinstance(found[0][1], Exception):
            raise found[0][1]
        found.append((name, arguments))

    def forward_one(wake: WakeUp, remaining: Callable[[], float]) -> Forwarded:
        note("forward", wake, remaining())
        return Forwarded(2, "level")

    def sweep_one(sweep: Sweep) -> int:
        note("sweep", sweep)
        return 3

    def act(envelope: Envelope, tries: int) -> str:
        note("act", envelope, tries)
        return "replied"

    monkeypatch.setenv("FORWARD_QUEUE_URL", "forward")
    monkeypatch.setenv("FORWARD_ASIDE_URL", "aside")
    monkeypatch.setattr(relay, "forward", lambda: forward_one)
    monkeypatch.setattr(relay, "sweep_subscription", lambda: sweep_one)
    monkeypatch.setattr(helpdesks, "act_on_desk", lambda: act)
    return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The calls of SQS."""
    found: list[tuple[str, dict[str, Any]]] = []

    class Client:
        def call(self, service: str, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
            found.append((operation, payload))
            return {}

    monkeypatch.setattr(environment, "client", Client)
    return found


def event(body: str, tries: int = 1) -> dict[str, Any]:
    record = {
        "messageId": "m",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(tries), "MessageGroupId": "sub_1#3"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:forward.fifo",
    }
    return {"Records": [record]}


def failed(response: Any) -> list[str]:
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def test_a_wake_up_is_worked_off_within_the_time_that_is_left(
    called: list[tuple[str, Any]], printed: Callable[[], str]
) -> None:
    response = forward.handler(event(json.dumps(to_json(WAKE))), Lambda())

    assert failed(response) == []
    assert called == [("forward", (WAKE, 42.0))]
    said = printed()
    assert '"told":[2.0]' in said
    assert '"ended":"level"' in said
    assert SECRET not in said


def test_a_sweep_wakes(called: list[tuple[str, Any]], printed: Callable[[], str]) -> None:
    assert failed(forward.handler(event(json.dumps(to_json(SWEEP))), Lambda())) == []

    assert called == [("sweep", (SWEEP,))]
    assert '"woken":[3.0]' in printed()


def test_a_helpdesks_webhook_is_acted_on_and_told_how_often_it_has_come(called: list[tuple[str, Any]]) -> None:
    body = '{"kind":"desk",' + DESK.to_json()[1:]

    assert failed(forward.handler(event(body, tries=3), Lambda())) == []
    assert called == [("act", (DESK, 3))]


@pytest.mark.parametrize(
    ("error", "pause"), [(TryLater(75), 75), (InfrastructureError(SECRET), None), (KeyError(SECRET), None)]
)
def test_what_fails_comes_again(
    called: list[tuple[str, Any]],
    sent: list[tuple[str, dict[str, Any]]],
    printed: Callable[[], str],
    error: Exception,
    pause: int | None,
) -> None:
    called.append(("fails", error))

    response = forward.handler(event(json.dumps(to_json(WAKE))), Lambda())

    assert failed(response) == ["m"]
    ((operation, payload),) = sent
    assert operation == "ChangeMessageVisibilityBatch"
    if pause is not None:
        assert payload["Entries"][0]["VisibilityTimeout"] == pause
    assert SECRET not in printed()


def test_poison_is_set_aside_after_five_tries_so_that_others_in_its_group_go_on(
    called: list[tuple[str, Any]], sent: list[tuple[str, dict[str, Any]]]
) -> None:
    called.append(("fails", KeyError("poison")))
    body = json.dumps(to_json(WAKE))

    assert failed(forward.handler(event(body, tries=4), Lambda())) == ["m"]
    assert failed(forward.handler(event(body, tries=5), Lambda())) == []

    operation, payload = sent[-1]
    assert (operation, payload["QueueUrl"], payload["MessageBody"]) == ("SendMessage", "aside", body)
