"""What Lambda leaves when it gives up on a batch of a DynamoDB stream: not the records, only where they were.

Source: "Retain discarded batches" (AWS Lambda developer guide, DynamoDB event source mapping).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.model.timestamps import seconds


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """A range of one shard, from first to last record; the times are when these two arrived, in seconds."""

    stream_arn: str
    shard_id: str
    first_number: str
    last_number: str
    first_at: float
    last_at: float
    size: int
    error: str | None = None

    @classmethod
    def from_json(cls, text: str) -> FailedBatch:
        """Raises ValueError, KeyError or TypeError when the text is no such notice."""
        notice: dict[str, Any] = json.loads(text)
        batch = notice["DDBStreamBatchInfo"]
        condition = notice.get("requestContext", {}).get("condition")
        function_error = (notice.get("responseContext") or {}).get("functionError")
        return cls(
            stream_arn=batch["streamArn"],
            shard_id=batch["shardId"],
            first_number=batch["startSequenceNumber"],
            last_number=batch["endSequenceNumber"],
            first_at=seconds(batch["approximateArrivalOfFirstRecord"]),
            last_at=seconds(batch["approximateArrivalOfLastRecord"]),
            size=int(batch["batchSize"]),
            error=", ".join(filter(None, (condition, function_error))) or None,
        )
