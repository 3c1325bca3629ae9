"""Subscriptions in DynamoDB: one small item each, all in one partition, so that all are read with one call."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.client import AwsClient, ConditionFailed
from shared.core.relay.records import HelpdeskName, SecretVersion, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT_SECONDS = 3.0
"""How old the list may be that the stream's events are held against. A new subscription is swept for what came in
between some seconds later."""

DELETED_AT_ONCE = 25
"""Items of one BatchWriteItem ("BatchWriteItem", Amazon DynamoDB API reference)."""

MOST_DELETED = 5000
"""What hangs on a subscription and is deleted with it: about four seconds. More than that stays, is read by nobody, and
costs its storage only."""


class DynamoSubscriptions:
    """Implements shared.core.relay.storage.Subscriptions.

    A subscription is one JSON text: a change replaces it if the text is still the one that was read.
    """

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def all(self) -> list[Subscription]:
        found = [_read(item) for page in self._pages(keys.SUBSCRIPTIONS_PARTITION, consistently=True) for item in page]
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def get(self, subscription_id: str) -> Subscription | None:
        request = {"TableName": self._table, "Key": keys.subscription(subscription_id), "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return read_subscription(item)

    def create(self, subscription: Subscription) -> None:
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": _item(subscription)})

    def replace(self, before: Subscription, after: Subscription) -> bool:
        request = {
            "TableName": self._table,
            "Item": _item(after),
            "ConditionExpression": "#data = :before",
            "ExpressionAttributeNames": {"#data": "data"},
            "ExpressionAttributeValues": {":before": {"S": _text(before)}},
        }
        try:
            self._client.call("dynamodb", "PutItem", request)
        except ConditionFailed:
            return False
        return True

    def delete(self, subscription_id: str) -> bool:
        """Also deletes what hangs on it, up to MOST_DELETED items, some 25 in a call."""
        request = {
            "TableName": self._table,
            "Key": keys.subscription(subscription_id),
            "ReturnValues": "ALL_OLD",
        }
        if "Attributes" not in self._client.call("dynamodb", "DeleteItem", request):
            return False
        self._clear(subscription_id)
        return True

    def _clear(self, subscription_id: str) -> None:
        deleted = 0
        for page in self._pages(keys.subscriber_partition(subscription_id), consistently=False):
            writes = [{"DeleteRequest": {"Key": {name: item[name] for name in ("PK", "SK")}}} for item in page]
            for start in range(0, len(writes), DELETED_AT_ONCE):
                batch = writes[start : start + DELETED_AT_ONCE]
                self._client.call("dynamodb", "BatchWriteItem", {"RequestItems": {self._table: batch}})
            deleted += len(page)
            if deleted >= MOST_DELETED:
                return

    def _pages(self, partition: str, *, consistently: bool) -> Iterator[list[dict[str, Any]]]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :partition",
            "ExpressionAttributeValues": {":partition": {"S": partition}},
            "ConsistentRead": consistently,
            "Limit": 1000,
        }
        while True:
            answer = self._client.call("dynamodb", "Query", request)
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


class RecentSubscriptions:
    """All subscriptions, asked for at most every few seconds: for who asks with every batch of the stream. ``clock`` is
    monotonic."""

    def __init__(self, subscriptions: DynamoSubscriptions, clock: Callable[[], float] = time.monotonic) -> None:
        self._subscriptions = subscriptions
        self._clock = clock
        self._read_at: float | None = None
        self._known: list[Subscription] = []

    def all(self) -> list[Subscription]:
        """They may be KEPT_SECONDS old. Raises AwsError."""
        now = self._clock()
        if self._read_at is None or now - self._read_at >= KEPT_SECONDS:
            self._known = self._subscriptions.all()
            self._read_at = now
        return self._known


def read_subscription(item: dict[str, Any] | None) -> Subscription | None:
    """A stored item as a subscription; None when there is none."""
    return None if item is None else _read(item)


def _item(subscription: Subscription) -> dict[str, Any]:
    return {**keys.subscription(subscription.id), "data": {"S": _text(subscription)}}


def _text(subscription: Subscription) -> str:
    """The same text for the same subscription, whichever release writes it: what is absent is left out."""
    values = {name: value for name, value in asdict(subscription).items() if value not in (None, (), {})}
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _read(item: dict[str, Any]) -> Subscription:
    values: dict[str, Any] = json.loads(item["data"]["S"])
    if "helpdesk" in values:
        values["helpdesk"] = HelpdeskName(**values["helpdesk"])
    for name in ("types", "channels"):
        values[name] = tuple(values.get(name, ()))
    values["secrets"] = tuple(SecretVersion(**each) for each in values.get("secrets", ()))
    return Subscription(**values)
