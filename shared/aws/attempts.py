"""The attempt log in DynamoDB: what went wrong on the way to a subscription's endpoint, for a week."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from shared.aws import keys
from shared.aws.client import AwsClient
from shared.aws.latest_items import latest_items
from shared.core.relay.records import Attempt, Outcome

KEEP_SECONDS = 7 * 86400


class DynamoAttempts:
    """Implements shared.core.relay.storage.Attempts. An attempt is one JSON text; the cursor is the place of the last
    one that was given."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def record(self, subscription_id: str, attempt: Attempt) -> None:
        key = keys.attempt(subscription_id, attempt.at, attempt.event_id, attempt.number)
        item = {**key, "data": {"S": _text(attempt)}, "ttl": {"N": str(int(attempt.at) + KEEP_SECONDS)}}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})

    def of(self, subscription_id: str, before: str | None, limit: int) -> tuple[list[Attempt], str | None]:
        items, following = latest_items(
            self._client,
            self._table,
            keys.subscriber_partition(subscription_id),
            prefix=keys.ATTEMPT_PREFIX,
            before=before,
            limit=limit,
        )
        return [_read(item) for item in items], following


def _text(attempt: Attempt) -> str:
    values = {name: value for name, value in asdict(attempt).items() if value is not None}
    values["outcome"] = {name: value for name, value in values["outcome"].items() if value is not None}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _read(item: dict[str, Any]) -> Attempt:
    values: dict[str, Any] = json.loads(item["data"]["S"])
    return Attempt(**{**values, "outcome": Outcome(**values["outcome"])})
