"""Publishing again what the table's stream could not, and waking whoever subscribed to it: from the stream itself while
it lasts, else from the log.

Every event keeps its id and its sequence, so consumers drop what they already have and put the rest in its place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from infra.cli.errors import CommandError
from infra.cli.failed_batches import FailedBatch

if TYPE_CHECKING:
    from infra.cli.dead_letters import DeadLetter
    from infra.cli.deployment import Deployment
    from shared.core.publishing import Publication
    from shared.core.records import Entry

MARGIN = 300.0
"""Seconds around the time that a batch names: its times are approximate, and the log's are another clock's."""

PAGE = 100
MOST_PAGES = 200


class Republish:
    """Deals with one notice of a batch that was not published (:class:`infra.cli.redrive.Handler`)."""

    def __init__(self, deployment: Deployment) -> None:
        from shared.aws.conversation_log import DynamoConversationLog
        from shared.aws.event_topic import SnsEventTopic
        from shared.aws.queues import Queues
        from shared.aws.relay_queue import SqsForwardQueue
        from shared.aws.subscriptions import DynamoSubscriptions
        from shared.aws.topics import Topics

        client = deployment.aws.client
        self._deployment = deployment
        self._log = DynamoConversationLog(client, deployment.output("TableName"), time.time)
        self._topic = SnsEventTopic(Topics(client), deployment.output("EventsTopicArn"))
        self._subscriptions = DynamoSubscriptions(client, deployment.output("TableName"))
        self._wake_ups = SqsForwardQueue(Queues(client), deployment.output("ForwardQueueUrl"))

    def __call__(self, letter: DeadLetter) -> None:
        """Raises CommandError(``bad_notice``, ``not_published``): the notice then stays in its queue."""
        try:
            batch = FailedBatch.from_json(letter.body)
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError("bad_notice", f"message {letter.id} is not a notice of a failed batch") from error
        records = self._records(batch)
        if records is None:
            self._publish(list(self._from_log(batch)))
        else:
            from shared.aws.stream_records import publications

            source = self._deployment.event_source
            self._publish([each for record in records for each in publications(record, source)])

    def _publish(self, found: list[Publication]) -> None:
        refused = self._topic.publish(found) if found else set()
        if refused:
            raise CommandError("not_published", f"the topic refused {len(refused)} of {len(found)} events")
        self._wake(found)

    def _wake(self, found: list[Publication]) -> None:
        """Subscribers were not woken by what failed, either; those who have heard of it since find nothing new."""
        from shared.core.relay.waking import wake_ups

        refused = self._wake_ups.put(wake_ups(found, self._subscriptions.all()))
        if refused:
            raise CommandError("not_published", f"{len(refused)} subscribers were not woken")

    def _records(self, batch: FailedBatch) -> list[dict[str, Any]] | None:
        """The batch's records out of the stream, or None when the stream does not have them any more (24 hours)."""
        from botocore.exceptions import ClientError

        streams = self._deployment.aws.streams
        try:
            iterator = streams.get_shard_iterator(
                StreamArn=batch.stream_arn,
                ShardId=batch.shard_id,
                ShardIteratorType="AT_SEQUENCE_NUMBER",
                SequenceNumber=batch.first_number,
            )["ShardIterator"]
            return self._read(iterator, batch)
        except ClientError as error:
            gone = ("TrimmedDataAccessException", "ResourceNotFoundException", "ValidationException")
            if error.response["Error"]["Code"] in gone:
                return None
            raise

    def _read(self, iterator: str | None, batch: FailedBatch) -> list[dict[str, Any]] | None:
        """The records up to the batch's last one, or None when that is not reached: a page may be empty in between."""
        last = int(batch.last_number)
        records: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            if iterator is None:
                return None
            page = self._deployment.aws.streams.get_records(ShardIterator=iterator)
            records += page["Records"]
            if records and int(records[-1]["dynamodb"]["SequenceNumber"]) >= last:
                return [record for record in records if int(record["dynamodb"]["SequenceNumber"]) <= last]
            iterator = page.get("NextShardIterator")
        return None

    def _from_log(self, batch: FailedBatch) -> Iterator[Publication]:
        """What the log holds of the batch's time: its entries, and the receipt that each of them has by now."""
        for conversation_id, sequence in self._conversations_since(batch.first_at - MARGIN):
            for entry in reversed(self._entries_since(conversation_id, sequence, batch.first_at - MARGIN)):
                if entry.at <= batch.last_at + MARGIN:
                    yield from self._publications(entry)

    def _conversations_since(self, start: float) -> Iterator[tuple[str, int]]:
        """All conversations with an entry since then: an entry moves its conversation up the inbox."""
        cursor: str | None = None
        while True:
            heads, cursor = self._log.conversations(None, cursor, PAGE)
            yield from ((head.conversation_id, head.sequence) for head in heads if head.updated_at >= start)
            if cursor is None or not any(head.updated_at >= start for head in heads):
                return

    def _entries_since(self, conversation_id: str, sequence: int, start: float) -> list[Entry]:
        """Newest first."""
        found: list[Entry] = []
        while sequence > 0:
            page = self._log.recent(conversation_id, sequence, PAGE)
            found += [entry for entry in page if entry.at >= start]
            if not page or page[-1].at < start:
                break
            sequence = page[-1].sequence - 1
        return found

    def _publications(self, entry: Entry) -> Iterator[Publication]:
        from shared.core.delivery_state import DeliveryState
        from shared.core.publishing import entry_event, present_events, publication
        from shared.core.records import Located

        source = self._deployment.event_source
        event = entry_event(entry, source)
        yield publication(event, channel=entry.channel, origin=entry.origin, tasks=entry.tasks)
        message = Located(entry.conversation_id, entry.sequence, entry.message_id)
        for event, tasks in present_events(message, entry.delivery or DeliveryState(), source):
            yield publication(event, channel=None, origin=None, tasks=tasks)
