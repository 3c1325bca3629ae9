"""Delivery states in DynamoDB: one small item beside each outbound entry, so that a receipt never rewrites a
message."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.aws.conversation_log import read_located, reference_item
from shared.aws.head_items import read_delivery
from shared.core.records import DeliveryState, EarlyReceipt, Located, Reference
from shared.model.message import STATUS_RANK

if TYPE_CHECKING:
    from shared.ports import Clock

EARLY_SECONDS = 86400
"""How long a receipt is kept for a message that is not known yet: the answer to a send is filed within minutes."""

_STATUS_NAMES = {"#status": "status", "#rank": "rank", "#at": "at", "#error": "error"}
_SET_STATUS = "SET #status = :status, #rank = :rank, #at = :at, message_id = :message"
_SET_PROGRESS = "done = :done, external_ids = list_append(if_not_exists(external_ids, :none), :ids)"
_IF_HIGHER = "attribute_not_exists(#rank) OR #rank < :rank"


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

    def postpone(self, conversation_id: str, sequence: int, index: int, tries: int) -> None:
        values = {":index": index, ":tries": tries}
        self._update(conversation_id, sequence, "SET started = :index, tries = :tries", values)

    def progress(self, conversation_id: str, sequence: int, index: int, external_ids: tuple[str, ...]) -> None:
        values = {":done": index + 1, ":index": index, ":ids": list(external_ids), ":none": []}
        expression = f"SET {_SET_PROGRESS}"
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
    ) -> bool:
        values: dict[str, Any] = {":status": status, ":rank": STATUS_RANK[status], ":at": at, ":message": message_id}
        if error is None:
            # The error of a lower status goes with it: the order of arrival leaves no trace.
            expression = f"{_SET_STATUS} REMOVE #error"
        else:
            expression = f"{_SET_STATUS}, #error = :error"
            values[":error"] = error
        try:
            self._update(conversation_id, sequence, expression, values, condition=_IF_HIGHER, names=_STATUS_NAMES)
        except ConditionFailed:
            return False
        return True

    def confirm(self, message: Located, index: int, status: str, at: float, external_ids: tuple[str, ...]) -> None:
        values = {
            ":status": status,
            ":rank": STATUS_RANK[status],
            ":at": at,
            ":message": message.message_id,
            ":done": index + 1,
            ":ids": list(external_ids),
            ":none": [],
        }
        expression = f"{_SET_STATUS}, {_SET_PROGRESS} REMOVE #error"
        try:
            self._update(
                message.conversation_id,
                message.sequence,
                expression,
                values,
                condition=_IF_HIGHER,
                names=_STATUS_NAMES,
            )
        except ConditionFailed:
            self.progress(message.conversation_id, message.sequence, index, external_ids)

    def remember(self, reference: Reference, located: Located) -> EarlyReceipt | None:
        key = keys.reference(reference.channel, reference.account, reference.provider_id)
        item = reference_item(reference, located, self._clock())
        written = {name: value for name, value in item.items() if name not in key}
        request = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in written),
            "ExpressionAttributeNames": {f"#{name}": name for name in written},
            "ExpressionAttributeValues": {f":{name}": value for name, value in written.items()},
            "ReturnValues": "ALL_OLD",
        }
        before = decode_item(self._client.call("dynamodb", "UpdateItem", request).get("Attributes", {}))
        if "early_status" not in before:
            return None
        return EarlyReceipt(before["early_status"], before["early_at"], before["early_error"])

    def set_aside(
        self, reference: Reference, status: str, at: float, *, error: dict[str, Any] | None = None
    ) -> Located | None:
        values = {
            ":status": status,
            ":rank": STATUS_RANK[status],
            ":at": at,
            ":error": error,
            ":ttl": int(self._clock()) + EARLY_SECONDS,
        }
        early = ("status", "rank", "at", "error")
        request = {
            "TableName": self._table,
            "Key": keys.reference(reference.channel, reference.account, reference.provider_id),
            "UpdateExpression": "SET #ttl = :ttl, " + ", ".join(f"early_{name} = :{name}" for name in early),
            "ConditionExpression": "attribute_not_exists(conversation_id) AND "
            "(attribute_not_exists(early_rank) OR early_rank < :rank)",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": encode_item(values),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed as failed:
            return read_located(failed.body["Item"])
        return None

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
