"""Delivery states in DynamoDB: one small item beside each outbound entry, so that a receipt never rewrites a
message."""

from __future__ import annotations

import os
from typing import Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import ConditionFailed
from shared.aws.delivery_items import STATUS_NAMES, on_route
from shared.aws.delivery_routes import DeliveryRoutes
from shared.aws.head_items import read_delivery
from shared.aws.reference_items import read_located, reference_item
from shared.core.delivery_state import DeliveryState, EarlyReceipt, Reached
from shared.core.records import Located, Reference
from shared.model.message import STATUS_RANK

EARLY_SECONDS = 86400
"""How long a receipt is kept for a message that is not known yet: the answer to a send is filed within minutes."""

_SET_STATUS = "SET #status = :status, #rank = :rank, #at = :at, message_id = :message"
_SET_PROGRESS = "done = :done, external_ids = list_append(if_not_exists(external_ids, :none), :ids)"
_IF_HIGHER = "attribute_not_exists(#rank) OR #rank < :rank"


class DynamoDeliveries(DeliveryRoutes):
    """Implements shared.core.storage.Deliveries on one table."""

    def begin(
        self, conversation_id: str, sequence: int, message_id: str, index: int, route: int = 0
    ) -> DeliveryState | None:
        # Written before the provider is called: if we die in between, the next try finds a call begun and never
        # confirmed,
        # and does not send a second time. The sender's mark lets this very write be repeated when its answer was lost.
        values: dict[str, Any] = {":next": index + 1, ":message": message_id, ":index": index}
        values[":sender"] = os.urandom(9).hex()
        first = "attribute_not_exists(started) OR started <= :index OR sender = :sender"
        try:
            answer = self._update(
                conversation_id,
                sequence,
                "SET started = :next, message_id = :message, sender = :sender",
                values,
                condition=f"({first}) AND {on_route(route, values)}",
                answer="ALL_OLD",
            )
        except ConditionFailed:
            return None
        before = answer.get("Attributes")
        return read_delivery(before) if before else DeliveryState()

    def release(self, conversation_id: str, sequence: int, index: int, route: int = 0) -> None:
        values: dict[str, Any] = {":index": index}
        self._changed(conversation_id, sequence, "SET started = :index", values, condition=on_route(route, values))

    def postpone(self, conversation_id: str, sequence: int, index: int, tries: int, route: int = 0) -> None:
        values: dict[str, Any] = {":index": index, ":tries": tries}
        expression = "SET started = :index, tries = :tries"
        self._changed(conversation_id, sequence, expression, values, condition=on_route(route, values))

    def progress(
        self, conversation_id: str, sequence: int, index: int, external_ids: tuple[str, ...], route: int = 0
    ) -> None:
        values: dict[str, Any] = {":done": index + 1, ":index": index, ":ids": list(external_ids), ":none": []}
        # It fails when the answer to the first write was lost, and this is noted already.
        condition = f"(attribute_not_exists(done) OR done <= :index) AND {on_route(route, values)}"
        self._changed(conversation_id, sequence, f"SET {_SET_PROGRESS}", values, condition=condition)

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
        route: int = 0,
    ) -> bool:
        rank = STATUS_RANK[status]
        values: dict[str, Any] = {":status": status, ":rank": rank, ":at": at, ":message": message_id}
        if error is None:
            # The error of a lower status goes with it: the order of arrival leaves no trace.
            expression = f"{_SET_STATUS} REMOVE #error"
        else:
            expression = f"{_SET_STATUS}, #error = :error"
            values[":error"] = error
        condition = f"({_IF_HIGHER}) AND {on_route(route, values)}"
        try:
            self._update(conversation_id, sequence, expression, values, condition=condition, names=STATUS_NAMES)
        except ConditionFailed as failed:
            return self._raise_earlier(failed.body["Item"], route, Reached(status, rank, at))
        return True

    def confirm(self, message: Located, index: int, status: str, at: float, external_ids: tuple[str, ...]) -> None:
        place, route = (message.conversation_id, message.sequence), message.route or 0
        values: dict[str, Any] = {
            ":status": status,
            ":rank": STATUS_RANK[status],
            ":at": at,
            ":message": message.message_id,
            ":done": index + 1,
            ":ids": list(external_ids),
            ":none": [],
        }
        expression = f"{_SET_STATUS}, {_SET_PROGRESS} REMOVE #error"
        condition = f"({_IF_HIGHER}) AND {on_route(route, values)}"
        try:
            self._update(*place, expression, values, condition=condition, names=STATUS_NAMES)
        except ConditionFailed:
            self.progress(*place, index, external_ids, route)

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
        blocks = before.get("early_blocks", False)
        return EarlyReceipt(before["early_status"], before["early_at"], before["early_error"], blocks)

    def set_aside(self, reference: Reference, receipt: EarlyReceipt) -> Located | None:
        values = {
            ":status": receipt.status,
            ":rank": STATUS_RANK[receipt.status],
            ":at": receipt.at,
            ":error": receipt.error,
        }
        try:
            if receipt.blocks:
                # For itself: a higher receipt than this one may be there, and says nothing about it.
                self._keep(reference, {":blocks": True})
            self._keep(reference, values, "(attribute_not_exists(early_rank) OR early_rank < :rank)")
        except ConditionFailed as failed:
            return read_located(failed.body["Item"])
        return None

    def _keep(self, reference: Reference, values: dict[str, Any], condition: str | None = None) -> None:
        """Raises ConditionFailed, with the item, when the id has been filed."""
        request = {
            "TableName": self._table,
            "Key": keys.reference(reference.channel, reference.account, reference.provider_id),
            "UpdateExpression": "SET #ttl = :ttl, " + ", ".join(f"early_{name[1:]} = {name}" for name in values),
            "ConditionExpression": " AND ".join(filter(None, ("attribute_not_exists(conversation_id)", condition))),
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": encode_item({**values, ":ttl": int(self._clock()) + EARLY_SECONDS}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        self._client.call("dynamodb", "UpdateItem", request)
