"""The inbound queue on SQS FIFO."""

from __future__ import annotations

from shared.aws.queues import QueueEntry, Queues
from shared.errors import InfrastructureError
from shared.model.envelope import QueuedEvent


class SqsInboundQueue:
    """Implements shared.ports.ingress.InboundQueue: one call for a webhook, whatever it carries up to ten events."""

    def __init__(self, queues: Queues, queue_url: str) -> None:
        self._queues = queues
        self._queue_url = queue_url

    def put(self, events: list[QueuedEvent]) -> None:
        if len(events) == 1:
            event = events[0]
            self._queues.send(self._queue_url, event.envelope.to_json(), event.group, event.dedupe)
            return
        entries = [
            QueueEntry(str(index), event.envelope.to_json(), event.group, event.dedupe)
            for index, event in enumerate(events)
        ]
        failed = self._queues.send_batch(self._queue_url, entries)
        if failed:
            raise InfrastructureError(f"{len(failed)} of {len(events)} events were not queued")
