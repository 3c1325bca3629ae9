"""Verified webhooks of helpdesks on their way into the relay's queue."""

from __future__ import annotations

from shared.aws.queues import QueueEntry, Queues
from shared.errors import InfrastructureError
from shared.model.envelope import QueuedEvent


class SqsDeskQueue:
    """Implements shared.ports.ingress.InboundQueue: what the relay's queue holds of a helpdesk is its envelope, marked
    ``"kind": "desk"``."""

    def __init__(self, queues: Queues, queue_url: str) -> None:
        self._queues = queues
        self._queue_url = queue_url

    def put(self, events: list[QueuedEvent]) -> None:
        entries = [
            QueueEntry(str(number), marked(event.envelope.to_json()), f"desk#{event.group}", event.dedupe)
            for number, event in enumerate(events)
        ]
        if len(entries) == 1:
            self._queues.send(self._queue_url, entries[0].body, entries[0].group_id, entries[0].dedup_id)
            return
        failed = self._queues.send_batch(self._queue_url, entries)
        if failed:
            raise InfrastructureError(f"{len(failed)} of {len(entries)} events were not queued")


def marked(envelope: str) -> str:
    """The JSON of an envelope as an item of the relay's queue; Envelope.from_json reads it."""
    return '{"kind":"desk",' + envelope[1:]
