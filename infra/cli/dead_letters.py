"""The queues that hold what failed, and reading them without taking anything away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from infra.cli.deployment import Deployment

PUBLISH_FAILURES = "publish-failures"
BATCH = 10
"""The most that one ReceiveMessage gives."""


@dataclass(frozen=True, slots=True)
class FailureQueue:
    """The stack outputs with the URL of the queue, and of the queue that it catches for."""

    output: str
    source_output: str | None


QUEUES: dict[str, FailureQueue] = {
    "inbound": FailureQueue("InboundDeadLetterQueueUrl", "InboundQueueUrl"),
    "outbound": FailureQueue("OutboundDeadLetterQueueUrl", "OutboundQueueUrl"),
    "forward": FailureQueue("ForwardDeadLetterQueueUrl", "ForwardQueueUrl"),
    "media": FailureQueue("MediaDeadLetterQueueUrl", "MediaQueueUrl"),
    "timers": FailureQueue("TimersDeadLetterQueueUrl", "TimersQueueUrl"),
    "mail": FailureQueue("MailDeadLetterQueueUrl", "MailQueueUrl"),
    PUBLISH_FAILURES: FailureQueue("PublishFailuresQueueUrl", None),
}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of such a queue. ``sent_at`` is in seconds; ``received`` counts the receptions, this one too."""

    id: str
    receipt: str
    body: str
    sent_at: float
    received: int
    group: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


class DeadLetterQueue:
    """One such queue of a stack, by its name in QUEUES."""

    def __init__(self, client: SQSClient, deployment: Deployment, name: str) -> None:
        self._client = client
        self._url = deployment.output(QUEUES[name].output)
        self.name = name

    def waiting(self) -> int:
        """Messages that can be received now; SQS says "approximately"."""
        return self._count("ApproximateNumberOfMessages")

    def hidden(self) -> int:
        """Messages that somebody has received and neither deleted nor given back yet."""
        return self._count("ApproximateNumberOfMessagesNotVisible")

    def take(self, most: int, seconds: int) -> list[DeadLetter]:
        """Up to ``most`` messages (at most ten), hidden from others for ``seconds``; a group's are in order."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(most, BATCH),
            VisibilityTimeout=seconds,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [_dead_letter(message) for message in answer.get("Messages", [])]

    def look(self, most: int, seconds: int = 30) -> Iterator[DeadLetter]:
        """Up to ``most`` messages, which are given back when the iteration ends.

        A FIFO queue shows no further message of a group while one is out: of a long group only the first ten are seen.
        """
        taken: list[DeadLetter] = []
        try:
            while len(taken) < most:
                batch = self.take(most - len(taken), seconds)
                if not batch:
                    return
                taken += batch
                yield from batch
        finally:
            self.give_back(taken)

    def give_back(self, letters: list[DeadLetter]) -> None:
        """Makes messages visible again."""
        for start in range(0, len(letters), BATCH):
            self._client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                    for number, letter in enumerate(letters[start : start + BATCH])
                ],
            )

    def delete(self, letter: DeadLetter) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def _count(self, name: QueueAttributeNameType) -> int:
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name])


def failure_queue(deployment: Deployment, name: str) -> DeadLetterQueue:
    """Raises CommandError(``unknown_queue``)."""
    if name not in QUEUES:
        raise CommandError("unknown_queue", f"there is no queue {name}; there are {', '.join(QUEUES)}")
    return DeadLetterQueue(deployment.aws.sqs, deployment, name)


def _dead_letter(message: Mapping[str, Any]) -> DeadLetter:
    system = message.get("Attributes", {})
    return DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        sent_at=int(system.get("SentTimestamp", 0)) / 1000,
        received=int(system.get("ApproximateReceiveCount", 0)),
        group=system.get("MessageGroupId"),
        attributes=message.get("MessageAttributes", {}),
    )
