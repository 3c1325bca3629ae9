"""What was passed over on the way to a subscription's endpoint, in DynamoDB: as long as there is the subscription."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shared.aws import keys
from shared.aws.record_fields import told
from shared.core.relay.records import Skipped

if TYPE_CHECKING:
    from shared.aws.client import AwsClient


class DynamoSkips:
    """Implements shared.core.relay.storage.Skips. What was passed over is one JSON text."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, subscription_id: str, skipped: Skipped) -> None:
        text = json.dumps(told(skipped), ensure_ascii=False, separators=(",", ":"))
        item = {**keys.skip(subscription_id, skipped.at, skipped.event_id), "data": {"S": text}}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})

    def latest(self, subscription_id: str, limit: int) -> list[Skipped]:
        request = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :skips AND begins_with(SK, :prefix)",
            "ExpressionAttributeValues": {
                ":skips": {"S": keys.subscriber_partition(subscription_id)},
                ":prefix": {"S": keys.SKIP_PREFIX},
            },
            "ScanIndexForward": False,
            "Limit": limit,
        }
        items = self._client.call("dynamodb", "Query", request)["Items"]
        return [Skipped(**json.loads(item["data"]["S"])) for item in items]
