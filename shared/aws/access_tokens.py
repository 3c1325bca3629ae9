"""The access token of a channel account: one record for all functions, refreshed by one of them at a time.

Many functions share one token, and providers invalidate or ration tokens: so a token is fetched under a lease, the
others wait a moment for it, and a token that a provider refuses is replaced only if it is still the stored one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed
from shared.errors import DeliveryError
from shared.model.identifiers import uuid7

if TYPE_CHECKING:
    from shared.ports.clock import Clock
    from shared.ports.context import Fetch, FreshToken

RENEW_BEFORE = 600.0
"""A token is renewed when fewer seconds than this are left, or half its life for short-lived ones."""

LEASE = 15.0
WAIT = 0.2
LONGEST_WAIT = 8.0


class DynamoAccessTokens:
    """Implements shared.ports.context.AccessTokens for one channel account. Keeps the token in memory between calls."""

    def __init__(
        self,
        client: AwsClient,
        table: str,
        channel: str,
        account: str,
        *,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._key = keys.access_token(channel, account)
        self._clock = clock
        self._sleep = sleep
        self._known: tuple[str, float] | None = None

    def current(self, fetch: Fetch) -> str:
        if self._known is not None and self._clock() < self._known[1]:
            return self._known[0]
        return self._obtain(None, fetch)

    def replace(self, failing: str, fetch: Fetch) -> str:
        return self._obtain(failing, fetch)

    def _obtain(self, failing: str | None, fetch: Fetch) -> str:
        deadline = self._clock() + LONGEST_WAIT
        while self._clock() < deadline:
            record = self._read()
            value = record.get("value")
            if value is not None and value != failing and self._clock() < record["renew_at"]:
                self._known = (value, record["renew_at"])
                return str(value)
            owner = self._lease(record)
            if owner is not None:
                return self._fetch(owner, fetch, record.get("renewal"))
            self._sleep(WAIT)
        raise DeliveryError("retry", "token_busy", "the access token is being refreshed elsewhere")

    def _read(self) -> dict[str, Any]:
        request = {"TableName": self._table, "Key": self._key, "ConsistentRead": True}
        return decode_item(self._client.call("dynamodb", "GetItem", request).get("Item", {}))

    def _lease(self, seen: dict[str, Any]) -> str | None:
        """The right to refresh, as the owner's name, or None while somebody else holds it.

        None as well when the token has been refreshed since the caller read the record as ``seen``. Asking again under
        the same name, after a lost answer, is safe.
        """
        owner = uuid7(self._clock())
        values = {":owner": owner, ":until": self._clock() + LEASE, ":now": self._clock()}
        unchanged = "attribute_not_exists(#value)"
        if "value" in seen:
            unchanged = "#value = :value AND renew_at = :renew"
            values |= {":value": seen["value"], ":renew": seen["renew_at"]}
        request = {
            "TableName": self._table,
            "Key": self._key,
            "UpdateExpression": "SET lease_owner = :owner, lease_until = :until",
            "ConditionExpression": f"{unchanged} AND "
            "(attribute_not_exists(lease_until) OR lease_until < :now OR lease_owner = :owner)",
            "ExpressionAttributeNames": {"#value": "value"},
            "ExpressionAttributeValues": encode_item(values),
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed:
            return None
        return owner

    def _fetch(self, owner: str, fetch: Fetch, renewal: str | None) -> str:
        try:
            token = fetch(renewal)
        except BaseException:
            self._release(owner)
            raise
        renew_at = self._clock() + max(token.expires_in - RENEW_BEFORE, token.expires_in / 2)
        try:
            self._store(owner, token, renew_at, renewal)
        except ConditionFailed:
            # Our lease ran out while the provider was slow; the token works all the same, and the next owner stores
            # theirs.
            return token.value
        self._known = (token.value, renew_at)
        return token.value

    def _store(self, owner: str, token: FreshToken, renew_at: float, used: str | None) -> None:
        """Raises ConditionFailed when the lease is somebody else's by now.

        A token with a renewal is stored all the same, as long as the one that it was had for is the stored one: that
        is used up, and nobody could go on with it.
        """
        values = {":value": token.value, ":renew": renew_at, ":owner": owner}
        changes, condition = "SET #value = :value, renew_at = :renew", "lease_owner = :owner"
        if token.renewal is not None:
            values[":renewal"] = token.renewal
            changes += ", renewal = :renewal"
            condition += " OR attribute_not_exists(renewal)" if used is None else " OR renewal = :used"
            values |= {} if used is None else {":used": used}
        request = {
            "TableName": self._table,
            "Key": self._key,
            "UpdateExpression": f"{changes} REMOVE lease_owner, lease_until",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#value": "value"},
            "ExpressionAttributeValues": encode_item(values),
        }
        self._client.call("dynamodb", "UpdateItem", request)

    def _release(self, owner: str) -> None:
        request = {
            "TableName": self._table,
            "Key": self._key,
            "UpdateExpression": "REMOVE lease_owner, lease_until",
            "ConditionExpression": "lease_owner = :owner",
            "ExpressionAttributeValues": encode_item({":owner": owner}),
        }
        with suppress(ConditionFailed):  # it ran out, and somebody else holds it by now
            self._client.call("dynamodb", "UpdateItem", request)
