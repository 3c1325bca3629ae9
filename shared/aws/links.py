"""Links between customers in DynamoDB: what is proven, and the one transaction in which people are rearranged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed, TransactionCancelled
from shared.aws.link_items import read_link
from shared.aws.person_items import read_customer, read_identity
from shared.aws.rearranging import pass_handle, put_handle, writes_of
from shared.core.linking.records import Claim, CustomerState, StoredLink
from shared.core.records import StoredIdentity

if TYPE_CHECKING:
    from shared.core.linking.records import Rearrangement
    from shared.ports.clock import Clock

_LOST = {"None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class DynamoLinks:
    """Implements shared.core.linking.ports.Links on one table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def state(self, customer_id: str) -> CustomerState | None:
        items = self._partition(customer_id)
        profile = next((item for item in items if item["SK"] == "PROFILE"), None)
        if profile is None:
            return None
        names = [item["SK"].removeprefix("I#") for item in items if item["SK"].startswith("I#")]
        return CustomerState(
            customer=read_customer(customer_id, profile),
            conversation_id=profile.get("conversation_id"),
            revision=profile.get("revision", 0),
            identities=tuple(self._identities(names)),
            merged_into=profile.get("merged_into"),
        )

    def holder(self, kind: str, value: str) -> str | None:
        item = self._get(keys.handle(kind, value))
        return None if item is None else decode_item(item)["identity_id"]

    def prove(
        self,
        identity_id: str,
        aliases: Mapping[str, str],
        held: Sequence[str],
        given_up: Mapping[tuple[str, str], str | None] = MappingProxyType({}),
    ) -> None:
        item = self._get(keys.identity(identity_id))
        if item is None:
            return
        person = json.loads(decode_item(item)["person"])
        before = item["person"]["S"]
        person["aliases"] = {**person.get("aliases", {}), **aliases}
        update = {
            "Update": {
                "TableName": self._table,
                "Key": keys.identity(identity_id),
                "UpdateExpression": "SET person = :person",
                "ConditionExpression": "person = :before",
                "ExpressionAttributeValues": {
                    ":person": {"S": json.dumps(person, ensure_ascii=False)},
                    ":before": {"S": before},
                },
            }
        }
        found = [(kind, value) for kind, value in aliases.items() if kind not in held]
        proven = (put_handle(self._table, kind, value, identity_id) for kind, value in found)
        passed = (pass_handle(self._table, handle, identity_id, to) for handle, to in given_up.items())
        self._transact([update, *proven, *passed])

    def note(self, customer_id: str, claims: Sequence[Claim]) -> None:
        for claim in claims:
            values: dict[str, Any] = {
                "identity_id": claim.identity_id,
                "at": claim.at,
                "claim": json.dumps({"kind": claim.kind, "value": claim.value}, ensure_ascii=False),
            }
            if claim.proven:
                values["proven"] = True
            item = {**keys.claim(customer_id, claim.kind, claim.value), **encode_item(values)}
            request = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}
            try:
                self._client.call("dynamodb", "PutItem", request)
            except ConditionFailed:
                continue

    def claims(self, customer_id: str) -> list[Claim]:
        found = [item for item in self._partition(customer_id) if item["SK"].startswith("S#")]
        return [
            Claim(**json.loads(item["claim"]), identity_id=item["identity_id"], at=item["at"], proven="proven" in item)
            for item in found
        ]

    def link(self, customer_id: str, link_id: str) -> StoredLink | None:
        item = self._get(keys.link(customer_id, link_id))
        return None if item is None else read_link(decode_item(item))

    def rearrange(self, plan: Rearrangement) -> bool:
        return self._transact(list(writes_of(self._table, plan, self._clock())))

    def _partition(self, customer_id: str) -> list[dict[str, Any]]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": keys.customer_partition(customer_id)}},
            "ConsistentRead": True,
        }
        found: list[dict[str, Any]] = []
        while True:
            answer = self._client.call("dynamodb", "Query", request)
            found.extend(decode_item(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return found
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _identities(self, names: list[str]) -> Iterator[StoredIdentity]:
        pending = [keys.identity(name) for name in names]
        found: dict[str, StoredIdentity] = {}
        while pending:
            wanted = {"Keys": pending, "ConsistentRead": True}
            answer = self._client.call("dynamodb", "BatchGetItem", {"RequestItems": {self._table: wanted}})
            for item in answer["Responses"].get(self._table, []):
                values = decode_item(item)
                identity = read_identity(values)
                found[identity.id] = StoredIdentity(identity, values.get("conversation_id"))
            pending = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return (found[name] for name in names if name in found)

    def _get(self, key: keys.Key) -> dict[str, Any] | None:
        request = {"TableName": self._table, "Key": key, "ConsistentRead": True}
        item: dict[str, Any] | None = self._client.call("dynamodb", "GetItem", request).get("Item")
        return item

    def _transact(self, writes: list[dict[str, Any]]) -> bool:
        """False when anything was not as it was read: the caller reads again and decides anew."""
        try:
            self._client.call("dynamodb", "TransactWriteItems", {"TransactItems": writes})
        except TransactionCancelled as cancelled:
            if {reason.get("Code", "None") for reason in cancelled.reasons} <= _LOST:
                return False
            raise
        return True
