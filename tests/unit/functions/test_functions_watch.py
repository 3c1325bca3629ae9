"""The watch: a tick of the schedule looks for windows that are about to shut, a record of the queue is a message whose
time may have come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from functions import watch
from functions.bootstrap import conversations, environment, relay
from shared.core.later import TryLater
from shared.errors import InfrastructureError, WriteConflict
from tests.unit.functions.stage import Stage

SECRET = "what the customer wrote"
TICK = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2027-01-15T08:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:events:eu-west-1:123456789012:rule/onethread-watch"],
    "detail": {},
}


@dataclass
class Watch:
    """``found`` are the conversations to be looked at, and what comes of each: windows announced, or an error; ``lost``
    are those whose controller is gone."""

    found: dict[str, int | Exception] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    looked_at: list[str] = field(default_factory=list)

    def due(self) -> Iterator[str]:
        yield from self.found

    def __call__(self, conversation_id: str) -> int:
        self.looked_at.append(conversation_id)
        outcome = self.found[conversation_id]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def end_lease(self, conversation_id: str) -> bool:
        return conversation_id in self.lost


@pytest.fixture(autouse=True)
def looked_round(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What was looked round for; see test_functions_attention.py for what that finds."""
    found: list[tuple[str, list[str]]] = []
    monkeypatch.setenv("DEAD_LETTER_QUEUES", "https://sqs/first-dlq,https://sqs/second-dlq")
    monkeypatch.setattr(watch, "look_round", lambda service, urls: found.append((service, urls)))
    return found


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(conversations, "window_watch", lambda: made)
    monkeypatch.setattr(conversations, "end_lease", lambda: made.end_lease)
    return made


def metrics(printed: str) -> dict[str, Any]:
    """The metrics in the lines that were printed."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    names = {
        metric["Name"]
        for line in lines
        for each in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in each["Metrics"]
    }
    return {name: line[name] for line in lines for name in names if name in line}


def test_a_tick_looks_at_every_conversation_that_is_due(windows: Watch, printed: Callable[[], str]) -> None:
    windows.found = {"conv_1": 1, "conv_2": 2}

    assert watch.handler(TICK, None) is None

    assert windows.looked_at == ["conv_1", "conv_2"]
    assert metrics(printed()) == {"windows_announced": [3.0]}


def test_a_tick_takes_conversations_from_controllers_that_are_gone(windows: Watch, printed: Callable[[], str]) -> None:
    windows.found = {"conv_1": 0, "conv_2": 0, "conv_3": 1}
    windows.lost = {"conv_1", "conv_3"}

    watch.handler(TICK, None)

    assert metrics(printed()) == {"control_lost": [2.0], "windows_announced": [1.0]}


def test_a_tick_looks_for_what_needs_attention_after_everything_else(
    windows: Watch, looked_round: list[tuple[str, list[str]]]
) -> None:
    windows.found = {"conv_1": KeyError(SECRET)}

    watch.handler(TICK, None)

    assert looked_round == [("watch", ["https://sqs/first-dlq", "https://sqs/second-dlq"])]


def test_a_conversation_that_fails_does_not_stop_the_others_and_is_counted(
    windows: Watch, printed: Callable[[], str]
) -> None:
    windows.found = {"conv_1": WriteConflict(SECRET), "conv_2": 1, "conv_3": KeyError(SECRET)}

    watch.handler(TICK, None)

    said = printed()
    assert windows.looked_at == ["conv_1", "conv_2", "conv_3"]
    assert metrics(said) == {"windows_announced": [1.0], "failed": [2.0]}
    assert "WriteConflict" in said
    assert "KeyError" in said
    assert SECRET not in said


def test_a_tick_without_anything_due_costs_no_metric(windows: Watch, printed: Callable[[], str]) -> None:
    watch.handler(TICK, None)

    assert metrics(printed()) == {}


def test_a_list_that_cannot_be_read_fails_the_tick(windows: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def due() -> Iterator[str]:
        raise InfrastructureError("the store is down")

    monkeypatch.setattr(windows, "due", due)

    with pytest.raises(InfrastructureError):
        watch.handler(TICK, None)


def test_from_a_customers_message_to_the_entry_that_the_window_is_closing(
    stage: Stage, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    conversation_id = stage.says("ada who waits")
    later = time.time() + 46 * 3600 + 60
    monkeypatch.setattr(conversations, "time", SimpleNamespace(time=lambda: later))
    conversations.window_watch.cache_clear()
    # when
    watch.handler(TICK, None)
    watch.handler(TICK, None)
    conversations.window_watch.cache_clear()
    # then
    items = stage.api("GET", f"/v1/conversations/{conversation_id}/events", key=reader).json["items"]
    assert [item["type"] for item in items] == ["conversation.opened", "message.received", "window.closing"]
    assert items[2]["data"]["route"]["channel"] == "wechat"
    shown = stage.api("GET", f"/v1/conversations/{conversation_id}", key=reader).json
    assert items[2]["data"]["closes_at"] == shown["routes"][0]["closes_at"]


def test_a_bot_that_lets_a_customer_wait_in_vain_is_told_to_have_lost_the_conversation(
    stage: Stage, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a bot that took the conversation, and a customer who waits
    conversation_id = stage.says("ada whose bot died")
    taken = {"action": "take", "as": "bot", "timeout_seconds": 60}
    assert stage.api("POST", f"/v1/conversations/{conversation_id}/control", taken, key=writer).status == 200
    # when the minute is over
    later = time.time() + 61
    monkeypatch.setattr(conversations, "time", SimpleNamespace(time=lambda: later))
    for cached in (conversations.window_watch, conversations.end_lease):
        cached.cache_clear()
    watch.handler(TICK, None)
    watch.handler(TICK, None)
    for cached in (conversations.window_watch, conversations.end_lease):
        cached.cache_clear()
    # then the log says so, once
    items = stage.api("GET", f"/v1/conversations/{conversation_id}/events", key=writer).json["items"]
    told = [item["data"] for item in items if item["type"] == "conversation.control_changed"]
    assert [(each["action"], each.get("reason")) for each in told] == [("take", None), ("release", "timeout")]
    assert told[1]["previous"]["type"] == "bot"
    assert "controller" not in told[1]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How long each record is hidden, by its receipt."""
    found: dict[str, int] = {}

    class Client:
        def call(self, service: str, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
            assert (operation, payload["QueueUrl"]) == ("ChangeMessageVisibilityBatch", "timers")
            found.update({entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in payload["Entries"]})
            return {}

    monkeypatch.setenv("TIMERS_QUEUE_URL", "timers")
    monkeypatch.setattr(environment, "client", Client)
    return found


def records(*conversation_ids: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m-{name}",
                "receiptHandle": f"r-{name}",
                "body": json.dumps({"subject": name, "sequence": 7, "type": "message.sent"}),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {"tasks": {"stringValue": '["send", "timer"]', "dataType": "String.Array"}},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:timers",
            }
            for name in conversation_ids
        ]
    }


def test_a_timer_is_settled_or_waits_for_its_time(
    monkeypatch: pytest.MonkeyPatch, pauses: dict[str, int], printed: Callable[[], str]
) -> None:
    # given
    outcomes: dict[str, str | Exception] = {
        "conv_read": "read",
        "conv_early": TryLater(540),
        "conv_unread": "sent_on",
        "conv_down": InfrastructureError(SECRET),
    }

    def follow(conversation_id: str, sequence: int) -> str:
        assert sequence == 7
        outcome = outcomes[conversation_id]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(conversations, "follow_unread", lambda: follow)
    # when
    response = watch.handler(records(*outcomes), None)
    # then
    assert response is not None
    assert [each["itemIdentifier"] for each in response["batchItemFailures"]] == ["m-conv_early", "m-conv_down"]
    assert pauses["r-conv_early"] == 540
    assert pauses["r-conv_down"] <= 2
    said = printed()
    assert metrics(said) == {"unread_sent_on": [1.0], "unread_settled": [1.0]}
    assert SECRET not in said


def test_what_the_relay_has_put_off_is_put_in_when_it_is_due(
    monkeypatch: pytest.MonkeyPatch, pauses: dict[str, int], printed: Callable[[], str]
) -> None:
    # given
    released: list[dict[str, Any]] = []

    def release(message: dict[str, Any]) -> None:
        if message["due_at"] == 900:
            raise TryLater(30)
        released.append(message["relay"])

    monkeypatch.setattr(relay, "release_due", lambda: release)
    event = records("conv_now", "conv_later")
    for record, due_at in zip(event["Records"], (100, 900), strict=True):
        wake = {"kind": "wake", "subscription_id": "sub_1", "conversation_id": record["messageId"]}
        record["body"] = json.dumps({"relay": wake, "due_at": due_at})
    # when
    response = watch.handler(event, None)
    # then
    assert [each["conversation_id"] for each in released] == ["m-conv_now"]
    assert response is not None
    assert [each["itemIdentifier"] for each in response["batchItemFailures"]] == ["m-conv_later"]
    assert pauses == {"r-conv_later": 30}
    assert metrics(printed()) == {"relay_resumed": [1.0]}
