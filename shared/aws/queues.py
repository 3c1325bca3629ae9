"""SQS: sending, one message or many, and what waits.

Limits (Amazon SQS developer guide, "Message quotas"): 10 messages in a batch, 1 MiB for a message and for a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.aws.batches import batches

if TYPE_CHECKING:
    from shared.aws.client import AwsClient

BATCH_ENTRIES = 10
BATCH_BYTES = 1_048_576


class QueueEntry(NamedTuple):
    """A message of a batch. ``id`` is the caller's own, and unique; FIFO queues need the group and the dedup id."""

    id: str
    body: str
    group_id: str | None = None
    dedup_id: str | None = None
    delay_seconds: int | None = None


class Queues:
    """SQS queues, named by their URL."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def send(
        self,
        queue_url: str,
        body: str,
        group_id: str | None = None,
        dedup_id: str | None = None,
        delay_seconds: int | None = None,
    ) -> str:
        """Sends one message, returns its id. A delay (standard queues only) is at most 900 seconds. Raises AwsError."""
        payload = {"QueueUrl": queue_url, **_message(QueueEntry("", body, group_id, dedup_id, delay_seconds))}
        return str(self._client.call("sqs", "SendMessage", payload)["MessageId"])

    def waiting(self, queue_url: str) -> int:
        """How many messages can be received now; SQS says "approximately". Raises AwsError."""
        name = "ApproximateNumberOfMessages"
        answer = self._client.call("sqs", "GetQueueAttributes", {"QueueUrl": queue_url, "AttributeNames": [name]})
        return int(answer["Attributes"][name])

    def send_batch(self, queue_url: str, entries: Sequence[QueueEntry]) -> list[str]:
        """Sends messages in order, ten to a call; returns the ids of those that SQS did not take.

        Raises AwsError when a call fails as a whole; earlier calls may have succeeded, which dedup ids make harmless.
        """
        failed: list[str] = []
        for batch in batches(entries, _size, maximum_entries=BATCH_ENTRIES, maximum_bytes=BATCH_BYTES):
            # The position is the id on the wire: SQS allows only letters, digits, - and _ there.
            payload = {
                "QueueUrl": queue_url,
                "Entries": [{"Id": str(position), **_message(entry)} for position, entry in enumerate(batch)],
            }
            answer = self._client.call("sqs", "SendMessageBatch", payload)
            taken = {success["Id"] for success in answer.get("Successful", [])}
            failed.extend(entry.id for position, entry in enumerate(batch) if str(position) not in taken)
        return failed


def _message(entry: QueueEntry) -> dict[str, Any]:
    message: dict[str, Any] = {"MessageBody": entry.body}
    if entry.group_id is not None:
        message["MessageGroupId"] = entry.group_id
    if entry.dedup_id is not None:
        message["MessageDeduplicationId"] = entry.dedup_id
    if entry.delay_seconds is not None:
        message["DelaySeconds"] = entry.delay_seconds
    return message


def _size(entry: QueueEntry) -> int:
    return len(entry.body.encode())
