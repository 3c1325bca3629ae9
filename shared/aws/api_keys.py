"""API keys in DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.core.api_keys import ApiKey, Scope, new_key
from shared.errors import NotFound
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.ports.clock import Clock


class DynamoApiKeys:
    """Implements shared.core.api_keys.ApiKeys, and what the command line needs to manage them."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def find(self, key_id: str) -> ApiKey | None:
        request = {"TableName": self._table, "Key": keys.api_key(key_id)}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return _read(item) if item else None

    def issue(self, name: str, scopes: Sequence[Scope]) -> tuple[ApiKey, str]:
        """A new key, and the text to hand out: it is not stored and cannot be shown again."""
        key_id, text, secret_hash = new_key()
        key = ApiKey(key_id, name, tuple(scopes), secret_hash, rfc3339(self._clock()))
        values = {
            "name": key.name,
            "scopes": list(key.scopes),
            "secret_hash": key.secret_hash,
            "created_at": key.created_at,
        }
        item = {**keys.api_key(key_id), **encode_item(values)}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})
        return key, text

    def list(self) -> list[ApiKey]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "KEYS"}},
        }
        return [_read(item) for item in self._client.call("dynamodb", "Query", request)["Items"]]

    def revoke(self, key_id: str) -> None:
        """Raises NotFound(``unknown_key``). Warm functions accept the key for up to a minute more."""
        request = {
            "TableName": self._table,
            "Key": keys.api_key(key_id),
            "UpdateExpression": "SET revoked_at = if_not_exists(revoked_at, :now)",
            "ConditionExpression": "attribute_exists(PK)",
            "ExpressionAttributeValues": {":now": {"S": rfc3339(self._clock())}},
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed as error:
            raise NotFound("unknown_key", f"there is no API key {key_id}") from error


def _read(item: dict[str, Any]) -> ApiKey:
    values = decode_item(item)
    return ApiKey(
        id=values["SK"],
        name=values["name"],
        scopes=cast("tuple[Scope, ...]", tuple(values["scopes"])),
        secret_hash=values["secret_hash"],
        created_at=values["created_at"],
        revoked_at=values.get("revoked_at"),
    )
