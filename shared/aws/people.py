"""Identities and customers in DynamoDB, and the creation of conversations: conditional, so that there are never two."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from shared.aws import keys
from shared.aws.attributes import decode_item
from shared.aws.client import AwsClient, ConditionFailed, TransactionCancelled
from shared.aws.head_items import head_item
from shared.aws.link_items import read_link
from shared.aws.log_writes import check_unchanged, put_entry, put_new
from shared.aws.person_items import (
    handle_item,
    person_item,
    profile_item,
    profile_text,
    read_customer,
    read_identity,
)
from shared.core.records import Head, NewEntry, StoredIdentity
from shared.model.conversation import Customer, Identity
from shared.model.timestamps import rfc3339


class DynamoPeople:
    """Implements shared.core.storage.People on one table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._client = client
        self._table = table

    def identity(self, identity_id: str) -> StoredIdentity | None:
        item = self._get(keys.identity(identity_id))
        if item is None:
            return None
        values = decode_item(item)
        return StoredIdentity(read_identity(values), values.get("conversation_id"))

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
        customer = read_customer(customer_id, profile)
        customer.identities = identities
        customer.links = [read_link(item).link for item in items if item["SK"].startswith("L#")]
        return customer, profile.get("conversation_id")

    def identities_of(self, customer_id: str) -> frozenset[str]:
        request = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :identity)",
            "ExpressionAttributeValues": {
                ":pk": {"S": keys.customer_partition(customer_id)},
                ":identity": {"S": "I#"},
            },
            "ConsistentRead": True,
        }
        items = self._client.call("dynamodb", "Query", request)["Items"]
        return frozenset(item["SK"]["S"].removeprefix("I#") for item in items)

    def open_conversation(self, customer_id: str) -> str | None:
        item = self._get(keys.customer(customer_id))
        values = {} if item is None else decode_item(item)
        return None if "merged_into" in values else values.get("conversation_id")

    def admit(
        self, identity: Identity, customer: Customer, head: Head, entry: NewEntry, handles: Mapping[str, str]
    ) -> bool:
        profile = profile_item(customer, head.conversation_id)
        person = person_item(identity, head.conversation_id)
        membership = keys.customer_identity(customer.id, identity.id)
        # The identity comes first: its condition decides who creates, whatever else the losers brought along.
        found_by = [handle_item(kind, value, identity.id) for kind, value in handles.items()]
        writes = [put_new(self._table, item) for item in (person, profile, membership, *found_by, head_item(head))]
        writes.append(put_entry(self._table, head.conversation_id, head.sequence, entry))
        return self._transact(writes)

    def reopen(
        self, identity_id: str, previous: str | None, head: Head, entry: NewEntry, *, last: Head | None = None
    ) -> bool:
        customer = self._point(keys.customer(head.customer_id), head.conversation_id)
        if previous is None:
            expected = "attribute_exists(PK) AND attribute_not_exists(conversation_id)"
        else:
            expected = "conversation_id = :previous"
            customer["ExpressionAttributeValues"][":previous"] = {"S": previous}
        # Who was merged into another customer has no conversations of their own any more.
        customer["ConditionExpression"] = f"{expected} AND attribute_not_exists(merged_into)"
        writes = [
            {"Update": customer},
            {"Update": self._point_of(identity_id, head.customer_id, head.conversation_id)},
            put_new(self._table, head_item(head)),
            put_entry(self._table, head.conversation_id, head.sequence, entry),
        ]
        if last is not None:
            writes.append(check_unchanged(self._table, last))
        elif previous is not None:
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

    def follow(self, identity: Identity, conversation_id: str) -> None:
        with suppress(ConditionFailed):  # linked elsewhere meanwhile: its next message finds that out
            update = self._point_of(identity.id, identity.customer_id, conversation_id)
            self._client.call("dynamodb", "UpdateItem", update)

    def describe(self, identity_id: str, name: str | None, language: str | None) -> None:
        item = self._get(keys.identity(identity_id))
        if item is None:
            return
        person = json.loads(item["person"]["S"])
        known = {key: value for key, value in (("name", name), ("language", language)) if value and key not in person}
        if not known:
            return
        request = {
            "TableName": self._table,
            "Key": keys.identity(identity_id),
            "UpdateExpression": "SET person = :person",
            "ConditionExpression": "person = :before",
            "ExpressionAttributeValues": {
                ":person": {"S": json.dumps({**person, **known}, ensure_ascii=False)},
                ":before": item["person"],
            },
        }
        with suppress(ConditionFailed):  # it was written to meanwhile, by a message that knows better
            self._client.call("dynamodb", "UpdateItem", request)

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
            "ExpressionAttributeValues": {":profile": {"S": profile_text(changed)}},
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

    def _point_of(self, identity_id: str, customer_id: str, conversation_id: str) -> dict[str, Any]:
        update = self._point(keys.identity(identity_id), conversation_id)
        update["ConditionExpression"] = "customer_id = :customer"
        update["ExpressionAttributeValues"][":customer"] = {"S": customer_id}
        return update

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
