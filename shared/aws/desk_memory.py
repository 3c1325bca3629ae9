"""The id map between us and a helpdesk, in DynamoDB: one item each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.client import ConditionFailed

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from shared.helpdesk.seam import Kind


class DynamoDeskMemory:
    """Implements shared.helpdesk.seam.DeskMemory for one helpdesk account."""

    def __init__(self, client: AwsClient, table: str, helpdesk: str, account: str) -> None:
        self._client = client
        self._table = table
        self._desk = (helpdesk, account)

    def theirs(self, kind: Kind, ours: str) -> str | None:
        return self._read(keys.desk_theirs(*self._desk, kind, ours), "theirs")

    def ours(self, kind: Kind, theirs: str) -> str | None:
        return self._read(keys.desk_ours(*self._desk, kind, theirs), "ours")

    def begin(self, kind: Kind, ours: str) -> bool:
        # A write whose answer was lost is made again and then finds itself: the caller looks once too often.
        request = {
            "TableName": self._table,
            "Key": keys.desk_theirs(*self._desk, kind, ours),
            "UpdateExpression": "SET begun = :yes",
            "ConditionExpression": "attribute_not_exists(begun)",
            "ExpressionAttributeValues": {":yes": {"BOOL": True}},
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed:
            return False
        return True

    def remember(self, kind: Kind, ours: str, theirs: str) -> str:
        # The way back first: a pair that is known one way only must be known the way that agents' answers take.
        back = {**keys.desk_ours(*self._desk, kind, theirs), "ours": {"S": ours}}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": back})
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": keys.desk_theirs(*self._desk, kind, ours),
            "UpdateExpression": "SET theirs = :theirs, begun = :yes",
            "ConditionExpression": "attribute_not_exists(theirs)",
            "ExpressionAttributeValues": {":theirs": {"S": theirs}, ":yes": {"BOOL": True}},
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed:
            return self.theirs(kind, ours) or theirs
        return theirs

    def forget(self, kind: Kind, ours: str) -> None:
        theirs = self.theirs(kind, ours)
        if theirs is not None:
            self._delete(keys.desk_ours(*self._desk, kind, theirs))
        self._delete(keys.desk_theirs(*self._desk, kind, ours))

    def _read(self, key: keys.Key, name: str) -> str | None:
        request = {"TableName": self._table, "Key": key, "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item", {})
        text: str | None = item.get(name, {}).get("S")
        return text

    def _delete(self, key: keys.Key) -> None:
        self._client.call("dynamodb", "DeleteItem", {"TableName": self._table, "Key": key})
