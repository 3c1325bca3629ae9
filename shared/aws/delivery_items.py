"""The item beside an outbound entry that keeps its delivery state: how it is written under a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient

if TYPE_CHECKING:
    from shared.ports.clock import Clock

STATUS_NAMES = {"#status": "status", "#rank": "rank", "#at": "at", "#error": "error"}


class DeliveryItems:
    """Conditional writes to delivery states in one table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def _update(
        self,
        conversation_id: str,
        sequence: int,
        expression: str,
        values: dict[str, Any],
        *,
        condition: str,
        names: dict[str, str] | None = None,
        answer: str = "NONE",
    ) -> dict[str, Any]:
        """Raises ConditionFailed, which carries the item as it is."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": keys.delivery(conversation_id, sequence),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": encode_item(values),
            "ReturnValues": answer,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if names is not None:
            request["ExpressionAttributeNames"] = names
        return self._client.call("dynamodb", "UpdateItem", request)


def on_route(route: int, values: dict[str, Any]) -> str:
    """The condition that a message is on a route; what it compares with is added to ``values``. Most messages have
    one route only, and nothing stored about it."""
    if route == 0:
        return "attribute_not_exists(route)"
    values[":route"] = route
    return "route = :route"
