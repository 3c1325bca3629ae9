"""Whether channel accounts work, in DynamoDB: written when something changes, not when all goes well."""

from __future__ import annotations

from typing import Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient
from shared.model.timestamps import rfc3339

LOOK_AGAIN_SECONDS = 300.0
"""How long a success is taken for the rule: a failure that another worker has noted is cleared after that."""


class DynamoAccountHealth:
    """Implements shared.core.storage.AccountHealth."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table
        self._working: dict[tuple[str, str], float] = {}

    def failing(self, channel: str, account: str, code: str, at: float) -> None:
        self._working.pop((channel, account), None)
        before = self.of(channel, account)
        if (before["status"], before.get("code")) != ("failing", code):
            self._put(channel, account, {"status": "failing", "code": code, "since": rfc3339(at)})

    def working(self, channel: str, account: str, at: float) -> None:
        seen = self._working.get((channel, account))
        if seen is not None and at < seen + LOOK_AGAIN_SECONDS:
            return
        if self.of(channel, account)["status"] != "ok":
            self._put(channel, account, {"status": "ok", "since": rfc3339(at)})
        self._working[channel, account] = at

    def of(self, channel: str, account: str) -> dict[str, Any]:
        request = {"TableName": self._table, "Key": keys.account_health(channel, account)}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        if item is None:
            return {"status": "unknown"}
        values = decode_item(item)
        return {name: value for name, value in values.items() if name not in ("PK", "SK")}

    def _put(self, channel: str, account: str, values: dict[str, Any]) -> None:
        item = {**keys.account_health(channel, account), **encode_item(values)}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})
