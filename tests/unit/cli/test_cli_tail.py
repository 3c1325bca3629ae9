"""``onethread tail``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from infra.cli.stream_tap import StreamTap, read_event
from infra.cli.tail import event_line
from tests.unit.cli.stage import Result, Stack

Run = Callable[..., Result]
ROOT = Path(__file__).parents[3]


def _event(number: int, kind: str = "message.received", conversation: str = "conv_0199-aaaabbbb") -> dict[str, Any]:
    message = {"channel": {"type": "wechat", "account": "main"}, "text": f"hello\x1b[31m {number}\nline"}
    return {
        "id": f"{conversation}:{number}",
        "type": kind,
        "subject": conversation,
        "time": "2026-11-21T10:00:05.000Z",
        "sequence": number,
        "data": {"message": message},
    }


@contextmanager
def _publishing(stack: Stack, events: list[dict[str, Any]]) -> Iterator[None]:
    """Publishes the events as soon as somebody has subscribed; nothing if nobody does."""
    left = threading.Event()

    def publish() -> None:
        topic = stack.outputs["EventsTopicArn"]
        while not stack.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            if left.wait(0.02):
                return
        for event in events:
            stack.sns.publish(
                TopicArn=topic,
                Message=json.dumps(event),
                MessageGroupId=event["subject"],
                MessageDeduplicationId=event["id"],
            )

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _left_behind(stack: Stack) -> tuple[list[str], list[str]]:
    """Temporary queues and subscriptions that exist."""
    queues = stack.sqs.list_queues(QueueNamePrefix="shop-tail-").get("QueueUrls", [])
    found = stack.sns.list_subscriptions_by_topic(TopicArn=stack.outputs["EventsTopicArn"])["Subscriptions"]
    return queues, [subscription["SubscriptionArn"] for subscription in found]


def test_events_are_printed_in_order_and_nothing_is_left_behind(run: Run, stack: Stack) -> None:
    with _publishing(stack, [_event(1), _event(2)]):
        result = run("--local", "tail", "--limit", "2")
    assert result.code == 0
    assert result.out.splitlines() == [
        "10:00:05  message.received              aaaabbbb  #1      wechat/main         hello [31m 1 line",
        "10:00:05  message.received              aaaabbbb  #2      wechat/main         hello [31m 2 line",
    ]
    assert _left_behind(stack) == ([], [])


def test_with_json_each_envelope_is_one_line(run: Run, stack: Stack) -> None:
    events = [_event(1), _event(2)]
    with _publishing(stack, events):
        result = run("--local", "--json", "tail", "--limit", "2")
    assert [json.loads(line) for line in result.out.splitlines()] == events


def test_only_the_wanted_conversation_and_types_are_shown(run: Run, stack: Stack) -> None:
    other = "conv_0199-ccccdddd"
    events = [_event(1, conversation=other), _event(1, "message.sent"), _event(2), _event(2, conversation=other)]
    with _publishing(stack, events):
        words = ("--conversation", "conv_0199-aaaabbbb", "--type", "message.received", "--limit", "1")
        result = run("--local", "--json", "tail", *words)
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == ["conv_0199-aaaabbbb:2"]


def test_the_queue_takes_messages_from_the_topic_alone_and_keeps_them_briefly(stack: Stack) -> None:
    from infra.cli.aws_access import AwsAccess, AwsSettings
    from infra.cli.deployment import Deployment

    aws = AwsAccess(AwsSettings(region="eu-west-1", endpoint_url=stack.endpoint_url))
    with StreamTap(Deployment("shop", aws, stack.outputs)):
        (url,), (_,) = _left_behind(stack)
        attributes = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        (statement,) = json.loads(attributes["Policy"])["Statement"]
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": stack.outputs["EventsTopicArn"]}}
        assert attributes["MessageRetentionPeriod"] == "300"


def test_when_subscribing_fails_the_queue_is_removed(run: Run, stack: Stack) -> None:
    stack.sns.delete_topic(TopicArn=stack.outputs["EventsTopicArn"])
    result = run("--local", "--json", "tail")
    assert result.code == 1
    assert stack.sqs.list_queues(QueueNamePrefix="shop-tail-").get("QueueUrls", []) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_removes_queue_and_subscription(stack: Stack, number: signal.Signals) -> None:
    words = [sys.executable, "-m", "infra.cli.main", "--local", "tail"]
    process = subprocess.Popen(words, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not _left_behind(stack)[1] and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert b"Traceback" not in errors
    assert _left_behind(stack) == ([], [])


def test_what_is_no_event_is_passed_over() -> None:
    assert read_event("no json") is None
    assert read_event("[]") is None
    assert read_event('{"type": "a"}') is None
    assert read_event(json.dumps(_event(1))) == _event(1)


def test_an_event_without_a_message_shows_what_it_has() -> None:
    receipt = {
        "type": "message.status_changed",
        "subject": "conv_1",
        "time": "2026-11-21T10:00:05.000Z",
        "data": {"sequence": 4, "status": "delivered"},
    }
    large = {**receipt, "type": "message.received", "data": None, "dataref": "/v1/x", "sequence": 5}
    assert event_line(receipt).split() == ["10:00:05", "message.status_changed", "conv_1", "#4", "-", "delivered"]
    assert event_line(large).endswith("(too large, see the API)")


def test_a_signal_between_a_call_and_its_answer_leaves_nothing_behind() -> None:
    # given a topic that has made the subscription, but has not answered yet when the signal comes
    deployment = Mock()
    deployment.name = "shop"
    deployment.output.return_value = "topic"
    deployment.aws.sqs.create_queue.return_value = {"QueueUrl": "queue"}
    deployment.aws.sqs.get_queue_attributes.return_value = {"Attributes": {"QueueArn": "arn"}}

    def subscribe(**request: object) -> dict[str, str]:
        signal.raise_signal(signal.SIGINT)
        return {"SubscriptionArn": "subscription"}

    deployment.aws.sns.subscribe = subscribe
    # when
    with pytest.raises(KeyboardInterrupt), StreamTap(deployment):
        pytest.fail("the signal was lost")
    # then
    deployment.aws.sns.unsubscribe.assert_called_once_with(SubscriptionArn="subscription")
    deployment.aws.sqs.delete_queue.assert_called_once_with(QueueUrl="queue")
