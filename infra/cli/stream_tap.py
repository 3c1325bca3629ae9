"""A temporary queue on the events topic: what a consumer would get, from now on, and nothing left behind."""

from __future__ import annotations

import json
import secrets
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from infra.cli.deployment import Deployment

WAIT_SECONDS = 10
RETENTION_SECONDS = 300
"""Should the removal ever fail, the queue keeps nothing for long."""


class StreamTap:
    """A context: its queue and its subscription exist inside it, whatever ends it (but for SIGKILL).

    The topic chooses the events; ``events`` looks again, because a filter may take 15 minutes to apply.
    """

    def __init__(self, deployment: Deployment, types: Sequence[str] = (), conversation: str | None = None) -> None:
        self._deployment = deployment
        self._types = types
        self._conversation = conversation
        self._queue_url: str | None = None
        self._subscription: str | None = None

    def __enter__(self) -> StreamTap:
        try:
            # A signal between a call and its answer would leave behind what the call has made.
            with _signals_held() as held:
                self._open()
            for number in held:
                signal.raise_signal(number)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def events(self) -> Iterator[dict[str, Any]]:
        """Events as they come, in order within a conversation, without end."""
        sqs = self._deployment.aws.sqs
        url = self._queue_url or ""
        while True:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=WAIT_SECONDS)
            for message in messages.get("Messages", []):
                event = read_event(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                if event is not None and self._wanted(event):
                    yield event

    def _wanted(self, event: dict[str, Any]) -> bool:
        right_type = not self._types or event["type"] in self._types
        return right_type and (self._conversation is None or event["subject"] == self._conversation)

    def _open(self) -> None:
        aws = self._deployment.aws
        topic = self._deployment.output("EventsTopicArn")
        name = f"{self._deployment.name[:48]}-tail-{secrets.token_hex(6)}.fifo"
        attributes: dict[QueueAttributeNameType, str] = {
            "FifoQueue": "true",
            "MessageRetentionPeriod": str(RETENTION_SECONDS),
        }
        self._queue_url = aws.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = aws.sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        queue_arn = found["Attributes"]["QueueArn"]
        aws.sqs.set_queue_attributes(QueueUrl=self._queue_url, Attributes={"Policy": _policy(queue_arn, topic)})
        self._subscription = aws.sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue_arn,
            Attributes={"RawMessageDelivery": "true", **self._filter()},
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]

    def _filter(self) -> dict[str, str]:
        policy: dict[str, Sequence[str]] = {}
        if self._types:
            policy["type"] = list(self._types)
        if self._conversation is not None:
            policy["subject"] = [self._conversation]
        if not policy:
            return {}
        return {"FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps(policy)}

    def _close(self) -> None:
        # A second signal must not leave half of it behind.
        with _signals_held():
            try:
                if self._subscription is not None:
                    self._deployment.aws.sns.unsubscribe(SubscriptionArn=self._subscription)
            finally:
                if self._queue_url is not None:
                    self._deployment.aws.sqs.delete_queue(QueueUrl=self._queue_url)


@contextmanager
def _signals_held() -> Iterator[list[int]]:
    """Signals that would end us wait meanwhile; gives the list of those that came."""
    held: list[int] = []
    before = {
        number: signal.signal(number, lambda came, frame: held.append(came))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def read_event(body: str) -> dict[str, Any] | None:
    """The event in a queue message, or None when somebody else published something else."""
    try:
        event = json.loads(body)
    except ValueError:
        return None
    return event if isinstance(event, dict) and {"type", "subject", "time"} <= event.keys() else None


def _policy(queue_arn: str, topic: str) -> str:
    """Only the topic may send to the queue."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
