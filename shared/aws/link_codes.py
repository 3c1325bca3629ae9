"""Link codes in DynamoDB. A code is kept by its digest, and expires by itself."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.aws.rearranging import use_of_code
from shared.core.linking.records import LinkCode

if TYPE_CHECKING:
    from shared.ports.clock import Clock

KEPT_SECONDS = 86_400
"""How long a code is remembered after it has expired: a message that used it may be delivered again."""


class DynamoLinkCodes:
    """Implements shared.core.linking.ports.LinkCodes on one table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def issue(self, code: LinkCode) -> bool:
        values: dict[str, Any] = {
            "customer_id": code.customer_id,
            "proof": _proof(code.code),
            "expires_at": code.expires_at,
            "by": json.dumps(code.by),
            "channel": code.channel,
            "account": code.account,
            "ttl": int(code.expires_at) + KEPT_SECONDS,
        }
        stored = encode_item({name: value for name, value in values.items() if value is not None})
        request = {
            "TableName": self._table,
            "Item": {**keys.link_code(code.code), **stored},
            "ConditionExpression": "attribute_not_exists(PK)",
        }
        try:
            self._client.call("dynamodb", "PutItem", request)
        except ConditionFailed:
            return False
        return True

    def find(self, code: str) -> LinkCode | None:
        request = {"TableName": self._table, "Key": keys.link_code(code), "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        values = {} if item is None else decode_item(item)
        if not hmac.compare_digest(_proof(code), values.get("proof", "")):
            return None
        return LinkCode(
            code=code,
            customer_id=values["customer_id"],
            expires_at=values["expires_at"],
            by=json.loads(values["by"]),
            channel=values.get("channel"),
            account=values.get("account"),
            used_by=values.get("used_by"),
        )

    def use(self, code: LinkCode, identity_id: str) -> bool:
        try:
            update = use_of_code(self._table, code.code, identity_id, self._clock())["Update"]
            self._client.call("dynamodb", "UpdateItem", update)
        except ConditionFailed:
            return False
        return True

    def count_issued(self, customer_id: str, most: int, seconds: float) -> float | None:
        key = keys.codes_issued(customer_id)
        if self._count(key, seconds, most):
            return None
        item = self._client.call("dynamodb", "GetItem", {"TableName": self._table, "Key": key}).get("Item")
        since = self._clock() if item is None else float(decode_item(item)["since"])
        return max(1.0, since + seconds - self._clock())

    def count_wrong(self, identity_id: str, seconds: float) -> None:
        self._count(keys.wrong_codes(identity_id), seconds, None)

    def wrong(self, identity_id: str, seconds: float) -> int:
        request = {"TableName": self._table, "Key": keys.wrong_codes(identity_id), "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        values = {} if item is None else decode_item(item)
        return int(values["counted"]) if values.get("since", 0) > self._clock() - seconds else 0

    def _count(self, key: keys.Key, seconds: float, most: int | None) -> bool:
        """One more within the time that began with the first; False when there are ``most`` already."""
        now = self._clock()
        values: dict[str, Any] = {":one": 1, ":begin": now - seconds}
        condition = "since > :begin"
        if most is not None:
            condition += " AND counted < :most"
            values[":most"] = most
        if self._counted(key, "SET counted = counted + :one", condition, values):
            return True
        values = {":one": 1, ":begin": now - seconds, ":now": now, ":ttl": int(now + seconds) + 60}
        begin = "SET counted = :one, since = :now, #ttl = :ttl"
        return self._counted(key, begin, "attribute_not_exists(since) OR since <= :begin", values)

    def _counted(self, key: keys.Key, expression: str, condition: str, values: dict[str, Any]) -> bool:
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": encode_item(values),
        }
        if "#ttl" in expression:
            request["ExpressionAttributeNames"] = {"#ttl": "ttl"}
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed:
            return False
        return True


def _proof(code: str) -> str:
    return hashlib.sha256(b"onethread link code\n" + code.encode()).hexdigest()
