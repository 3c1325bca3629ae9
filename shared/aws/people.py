"""Identities and customers in DynamoDB, and the creation of conversations: conditional, so that there are never two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed, TransactionCancelled
from shared.aws.head_items import head_item
from shared.core.records import Head, NewEntry, StoredIdentity
from shared.model.conversation import Customer, Identity
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.aws.conversation_log import DynamoConversationLog


class DynamoPeople:
    """Implements shared.core.storage.People on one table."""

    def __init__(self, client: AwsClient, table: str, log: DynamoConversationLog) -> None:
        self._client = client
        self._table = table
        self._log = log

    def identity(self, identity_id: str) -> StoredIdentity | None:
        item = self._get(keys.identity(identity_id))
        if item is None:
            return None
        values = decode_item(item)
        return StoredIdentity(_read_identity(values), values.get("conversation_id"))

    def customer(self, customer_id: str) -> tuple[Customer, str | None] | None:
        request = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": keys.customer_partition(customer_id)}},
            "ConsistentRead": True,
        }
        items = [decode_item(item) for item in self._client.call("dynamodb", "Query", request)["Items"]]
        profile = next((item for item in items if item["SK"] == "PROFILE"), None)
        if profile is None:
            return None
        names = [item["SK"].removeprefix("I#") for item in items if item["SK"].startswith("I#")]
        identities = [found.identity for name in names if (found := self.identity(name)) is not None]
        return _read_customer(customer_id, profile, identities), profile.get("conversation_id")

    def open_conversation(self, customer_id: str) -> str | None:
        item = self._get(keys.customer(customer_id))
        return decode_item(item).get("conversation_id") if item else None

    def admit(self, identity: Identity, customer: Customer, head: Head, entry: NewEntry) -> bool:
        profile = {**keys.customer(customer.id), **encode_item(_profile(customer, head.conversation_id))}
        person = {**keys.identity(identity.id), **encode_item(_person(identity, head.conversation_id))}
        membership = keys.customer_identity(customer.id, identity.id)
        # The identity comes first: its condition decides who creates, whatever else the losers brought along.
        writes = [self._log.put_new(item) for item in (person, profile, membership, head_item(head))]
        writes.append(self._log.put_entry(head.conversation_id, head.sequence, entry))
        return self._transact(writes)

    def reopen(self, identity_id: str, previous: str | None, head: Head, entry: NewEntry) -> bool:
        customer = self._point(keys.customer(head.customer_id), head.conversation_id)
        if previous is None:
            customer["ConditionExpression"] = "attribute_exists(PK) AND attribute_not_exists(conversation_id)"
        else:
            customer["ConditionExpression"] = "conversation_id = :previous"
            customer["ExpressionAttributeValues"][":previous"] = {"S": previous}
        writes = [
            {"Update": customer},
            {"Update": self._point(keys.identity(identity_id), head.conversation_id)},
            self._log.put_new(head_item(head)),
            self._log.put_entry(head.conversation_id, head.sequence, entry),
        ]
        if previous is not None:
            writes.append(self._still_closed(previous))
        return self._transact(writes)

    def _still_closed(self, conversation_id: str) -> dict[str, Any]:
        """The check that nobody has opened a conversation again in the meantime: a customer has one that is open."""
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": keys.head(conversation_id),
                "ConditionExpression": "attribute_not_exists(PK) OR #status = :closed",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {":closed": {"S": "closed"}},
            }
        }

    def follow(self, identity_id: str, conversation_id: str) -> None:
        self._client.call("dynamodb", "UpdateItem", self._point(keys.identity(identity_id), conversation_id))

    def set_identity_status(self, identity_id: str, status: str) -> None:
        request = {
            "TableName": self._table,
            "Key": keys.identity(identity_id),
            "UpdateExpression": "SET #status = :status",
            "ConditionExpression": "attribute_exists(PK)",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": {"S": status}},
        }
        self._client.call("dynamodb", "UpdateItem", request)

    def update_customer(self, customer_id: str, changes: dict[str, Any], at: float) -> Customer | None:
        found = self.customer(customer_id)
        if found is None:
            return None
        changed = msgspec.structs.replace(found[0], **changes, updated_at=rfc3339(at))
        request = {
            "TableName": self._table,
            "Key": keys.customer(customer_id),
            "UpdateExpression": "SET profile = :profile",
            "ConditionExpression": "attribute_exists(PK)",
            "ExpressionAttributeValues": {":profile": {"S": _profile(changed, None)["profile"]}},
        }
        try:
            self._client.call("dynamodb", "UpdateItem", request)
        except ConditionFailed:
            return None
        return changed

    def _get(self, key: dict[str, Any]) -> dict[str, Any] | None:
        answer = self._client.call(
            "dynamodb", "GetItem", {"TableName": self._table, "Key": key, "ConsistentRead": True}
        )
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def _point(self, key: dict[str, Any], conversation_id: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": "SET conversation_id = :conversation",
            "ConditionExpression": "attribute_exists(PK)",
            "ExpressionAttributeValues": {":conversation": {"S": conversation_id}},
        }

    def _transact(self, writes: list[dict[str, Any]]) -> bool:
        """False when any condition failed or another writer was at it: the caller reads again and decides anew."""
        try:
            self._client.call("dynamodb", "TransactWriteItems", {"TransactItems": writes})
        except TransactionCancelled as cancelled:
            codes = {reason.get("Code", "None") for reason in cancelled.reasons}
            if codes <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
                return False
            raise
        return True


def _person(identity: Identity, conversation_id: str) -> dict[str, Any]:
    """An identity's attributes: what is personal in ``person``, one JSON text; the rest is ids and states."""
    personal = {
        "external_id": identity.external_id,
        "aliases": identity.aliases,
        "name": identity.name,
        "language": identity.language,
    }
    return {
        "customer_id": identity.customer_id,
        "conversation_id": conversation_id,
        "channel": identity.channel,
        "scope": identity.scope,
        "account": identity.account,
        "verification": identity.verification,
        "status": identity.status,
        "created_at": identity.created_at or "",
        "person": json.dumps({name: value for name, value in personal.items() if value}, ensure_ascii=False),
    }


def _read_identity(values: dict[str, Any]) -> Identity:
    person = json.loads(values["person"])
    return Identity(
        id=values["PK"].removeprefix("I#"),
        channel=values["channel"],
        scope=values["scope"],
        account=values["account"],
        customer_id=values["customer_id"],
        verification=values["verification"],
        status=values["status"],
        created_at=values["created_at"] or None,
        external_id=person["external_id"],
        aliases=person.get("aliases", {}),
        name=person.get("name"),
        language=person.get("language"),
    )


def _profile(customer: Customer, conversation_id: str | None) -> dict[str, Any]:
    personal = msgspec.to_builtins(customer)
    for apart in ("id", "identities"):
        personal.pop(apart, None)
    values: dict[str, Any] = {"profile": json.dumps(personal, ensure_ascii=False, separators=(",", ":"))}
    if conversation_id is not None:
        values["conversation_id"] = conversation_id
    return values


def _read_customer(customer_id: str, profile: dict[str, Any], identities: list[Identity]) -> Customer:
    customer = msgspec.convert({"id": customer_id, **json.loads(profile["profile"])}, Customer)
    customer.identities = identities
    return customer
