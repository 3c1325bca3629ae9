"""How far subscriptions have heard of conversations, and how their endpoints are, in DynamoDB."""

from __future__ import annotations

from typing import Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.aws.due_index import due_page
from shared.aws.record_fields import told
from shared.aws.subscriptions import read_subscription
from shared.core.relay.records import Health, Lane
from shared.core.relay.storage import Situation

_IN_KEYS = ("subscription_id", "conversation_id", "pending")
"""What a lane's keys say, and no attribute."""

_PLACE = ("PK", "SK", "GSI2PK", "GSI2SK")


class DynamoLanes:
    """Implements shared.core.relay.storage.Lanes."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def situation(self, subscription_id: str, conversation_id: str) -> Situation:
        wanted = [
            keys.subscription(subscription_id),
            keys.subscriber_health(subscription_id),
            keys.lane(subscription_id, conversation_id),
        ]
        found = self._read(wanted)
        subscription, health, lane = (found.get(key["SK"]["S"]) for key in wanted)
        return Situation(
            read_subscription(subscription),
            Health() if health is None else _read_health(health),
            None if lane is None else _read_lane(lane),
        )

    def save(self, lane: Lane) -> None:
        values = {name: value for name, value in told(lane).items() if name not in _IN_KEYS}
        item = {**keys.lane(lane.subscription_id, lane.conversation_id), **encode_item(values)}
        if lane.pending:
            item |= keys.pending(lane.subscription_id, lane.conversation_id)
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})

    def pending(self, subscription_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        return due_page(self._client, self._table, keys.pending_partition(subscription_id), after, limit)

    def health(self, subscription_id: str) -> Health:
        key = keys.subscriber_health(subscription_id)
        request = {"TableName": self._table, "Key": key, "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return Health() if item is None else _read_health(item)

    def save_health(self, subscription_id: str, before: Health, after: Health) -> bool:
        values = {**told(after), "version": before.version + 1}
        request = {
            "TableName": self._table,
            "Item": {**keys.subscriber_health(subscription_id), **encode_item(values)},
            "ConditionExpression": "version = :version" if before.version else "attribute_not_exists(PK)",
        }
        if before.version:
            request["ExpressionAttributeValues"] = {":version": {"N": str(before.version)}}
        try:
            self._client.call("dynamodb", "PutItem", request)
        except ConditionFailed:
            return False
        return True

    def _read(self, wanted: list[keys.Key]) -> dict[str, dict[str, Any]]:
        """Items by their sort keys. DynamoDB may leave some for another call, and says which."""
        found: dict[str, dict[str, Any]] = {}
        while wanted:
            request = {"RequestItems": {self._table: {"Keys": wanted, "ConsistentRead": True}}}
            answer = self._client.call("dynamodb", "BatchGetItem", request)
            found |= {item["SK"]["S"]: item for item in answer["Responses"].get(self._table, [])}
            wanted = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return found


def _read_health(item: dict[str, Any]) -> Health:
    values = {name: value for name, value in decode_item(item).items() if name not in _PLACE}
    return Health(**{**values, "recent": tuple(values.get("recent", ()))})


def _read_lane(item: dict[str, Any]) -> Lane:
    decoded = decode_item(item)
    values = {name: value for name, value in decoded.items() if name not in _PLACE}
    return Lane(
        subscription_id=decoded["PK"].removeprefix("S#"),
        conversation_id=decoded["SK"].removeprefix("C#"),
        **{**values, "owed": tuple(values.get("owed", ())), "told": tuple(values.get("told", ()))},
        pending="GSI2PK" in decoded,
    )
