"""The inbound queue: verified provider events become entries of the log."""

from __future__ import annotations

from collections import Counter
from typing import Any

from functions.batches import BatchResponse, Record, process_fifo
from functions.bootstrap import conversations, environment
from functions.telemetry import conclude
from shared.model.envelope import Envelope

SERVICE = "ingest"


def handler(event: dict[str, Any], context: object) -> BatchResponse:
    """Up to ten events in, the failed ones out: those come again, and after five tries go to the dead-letter queue."""
    ingest = conversations.ingest()
    ingest.start_batch()
    outcomes: Counter[str] = Counter()

    def handle(record: Record) -> None:
        outcomes.update(ingest(Envelope.from_json(record["body"])))

    def tell(record: Record, reason: str) -> None:
        outcomes[f"gap_{conversations.tell_gap()(Envelope.from_json(record['body']), reason)}"] += 1

    queue_url, aside_url = environment.setting("INBOUND_QUEUE_URL"), environment.setting("INBOUND_ASIDE_URL")
    response = process_fifo(event, SERVICE, queue_url, aside_url, handle, tell=tell)
    conclude(SERVICE, outcomes, failed=len(response["batchItemFailures"]))
    return response
