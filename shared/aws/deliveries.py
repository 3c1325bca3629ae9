"""Delivery states in DynamoDB: one small item beside each outbound entry, so that a receipt never rewrites a
message."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.aws.conversation_log import reference_item
from shared.aws.head_items import read_delivery
from shared.core.records import DeliveryState, Located, Reference
from shared.model.message import STATUS_RANK

if TYPE_CHECKING:
    from shared.ports import Clock


class DynamoDeliveries:
    """Implements shared.core.storage.Deliveries on one table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def begin(self, conversation_id: str, sequence: int, message_id: str, index: int) -> DeliveryState | None:
        # Written before the provider is called: if we die in between, the next try finds a call begun and never
        # confirmed,
        # and does not send a second time. The sender's mark lets this very write be repeated when its answer was lost.
        values = {":next": index + 1, ":message": message_id, ":index": index, ":sender": os.urandom(9).hex()}
        try:
            answer = self._update(
                conversation_id,
                sequence,
                "SET started = :next, message_id = :message, sender = :sender",
                values,
                condition="attribute_not_exists(started) OR started <= :index OR sender = :sender",
                answer="ALL_OLD",
            )
        except ConditionFailed:
            return None
        before = answer.get("Attributes")
        return read_delivery(before) if before else DeliveryState()

    def release(self, conversation_id: str, sequence: int, index: int) -> None:
        self._update(conversation_id, sequence, "SET started = :index", {":index": index})

    def progress(self, conversation_id: str, sequence: int, index: int, external_ids: tuple[str, ...]) -> None:
        values = {":done": index + 1, ":index": index, ":ids": list(external_ids), ":none": []}
        expression = "SET done = :done, external_ids = list_append(if_not_exists(external_ids, :none), :ids)"
        condition = "attribute_not_exists(done) OR done <= :index"
        with suppress(ConditionFailed):  # noted already: the answer to the first write was lost
            self._update(conversation_id, sequence, expression, values, condition=condition)

    def state(self, conversation_id: str, sequence: int) -> DeliveryState | None:
        request = {"TableName": self._table, "Key": keys.delivery(conversation_id, sequence), "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return read_delivery(item) if item else None

    def raise_status(
        self,
        conversation_id: str,
        sequence: int,
        message_id: str,
        status: str,
        at: float,
        *,
        error: dict[str, Any] | None = None,
        external_ids: tuple[str, ...] = (),
    ) -> bool:
        expression = "SET #status = :status, #rank = :rank, #at = :at, message_id = :message"
        names = {"#status": "status", "#rank": "rank", "#at": "at"}
        values: dict[str, Any] = {":status": status, ":rank": STATUS_RANK[status], ":at": at, ":message": message_id}
        if external_ids:
            expression += ", external_ids = list_append(if_not_exists(external_ids, :none), :ids)"
            values |= {":ids": list(external_ids), ":none": []}
        if error is not None:
            expression += ", #error = :error"
            names["#error"] = "error"
            values[":error"] = error
        condition = "attribute_not_exists(#rank) OR #rank < :rank"
        try:
            self._update(conversation_id, sequence, expression, values, condition=condition, names=names)
        except ConditionFailed:
            return False
        return True

    def remember(self, reference: Reference, located: Located) -> None:
        item = reference_item(reference, located, self._clock())
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})

    def _update(
        self,
        conversation_id: str,
        sequence: int,
        expression: str,
        values: dict[str, Any],
        *,
        condition: str | None = None,
        names: dict[str, str] | None = None,
        answer: str = "NONE",
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": keys.delivery(conversation_id, sequence),
            "UpdateExpression": expression,
            "ExpressionAttributeValues": encode_item(values),
            "ReturnValues": answer,
        }
        if condition is not None:
            request["ConditionExpression"] = condition
        if names is not None:
            request["ExpressionAttributeNames"] = names
        return self._client.call("dynamodb", "UpdateItem", request)
