"""Links between customers in DynamoDB: what is proven, and the one transaction in which people are rearranged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed, TransactionCancelled
from shared.aws.head_items import head_item
from shared.aws.person_items import handle_item, person_item, profile_item, read_customer, read_identity
from shared.core.linking.records import Claim, CustomerState, IdentityBefore, StoredLink
from shared.core.records import Located, StoredIdentity
from shared.model.conversation import Link

if TYPE_CHECKING:
    from shared.aws.conversation_log import DynamoConversationLog
    from shared.core.linking.records import CustomerChange, IdentityMove, Rearrangement
    from shared.core.records import Head, NewEntry
    from shared.ports import Clock

_LOST = {"None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class DynamoLinks:
    """Implements shared.core.linking.ports.Links on one table."""

    def __init__(self, client: AwsClient, table: str, log: DynamoConversationLog, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._log = log
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

    def prove(self, identity_id: str, aliases: Mapping[str, str], held: Sequence[str]) -> None:
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
        self._transact([update, *(self._put_handle(kind, value, identity_id) for kind, value in found)])

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
        return self._transact(list(self._writes(plan)))

    def _writes(self, plan: Rearrangement) -> Iterator[dict[str, Any]]:
        for change in plan.customers:
            yield self._change_customer(change)
        for move in plan.identities:
            yield from self._move_identity(move)
        for head, entry in plan.written:
            yield self._log.put_head(head)
            yield self._log.put_entry(head.conversation_id, head.sequence, entry)
        for head in plan.unchanged:
            yield self._log.check_unchanged(head)
        if plan.admitted is not None:
            identity = plan.admitted
            yield self._log.put_new(person_item(identity, plan.link.conversation_id))
            yield self._log.put_new(keys.customer_identity(identity.customer_id, identity.id))
            for kind, value in plan.handles.items():
                yield self._put_handle(kind, value, identity.id)
        if plan.created is not None:
            yield self._log.put_new(profile_item(plan.created.customer, plan.created.head.conversation_id))
            yield from self._open(plan.created.head, plan.created.entry)
        if plan.opened is not None:
            yield from self._open(*plan.opened)
        yield self._put_link(plan.link)
        if plan.code is not None and plan.used_by is not None:
            yield use_of_code(self._table, plan.code.code, plan.used_by, self._clock())
        if plan.reference is not None:
            located = Located(plan.link.conversation_id, plan.link.sequence, None)
            yield self._log.put_reference(plan.reference, located)

    def _change_customer(self, change: CustomerChange) -> dict[str, Any]:
        before = change.before
        values: dict[str, Any] = {":next": before.revision + 1}
        conditions, sets, removes = ["attribute_exists(PK)"], ["revision = :next"], []
        for name, was, now in (
            ("revision", before.revision or None, None),
            ("conversation_id", before.conversation_id, change.conversation_id),
            ("merged_into", before.merged_into, change.merged_into),
        ):
            conditions.append(_as_read(name, was, values))
            if name == "revision" or was == now:
                continue
            if now is None:
                removes.append(name)
            else:
                sets.append(f"{name} = :new_{name}")
                values[f":new_{name}"] = now
        return self._update(keys.customer(before.id), sets, removes, conditions, values)

    def _move_identity(self, move: IdentityMove) -> Iterator[dict[str, Any]]:
        values: dict[str, Any] = {":target": move.target, ":verification": move.verification, ":source": move.source}
        sets, removes = ["customer_id = :target", "verification = :verification"], []
        for name, value in (("conversation_id", move.conversation_id), ("link_id", move.link_id)):
            if value is None:
                removes.append(name)
            else:
                sets.append(f"{name} = :new_{name}")
                values[f":new_{name}"] = value
        conditions = ["customer_id = :source", _as_read("link_id", move.was_linked_by, values)]
        yield self._update(keys.identity(move.identity_id), sets, removes, conditions, values)
        if move.source != move.target:
            yield {"Delete": {"TableName": self._table, "Key": keys.customer_identity(move.source, move.identity_id)}}
            yield {
                "Put": {"TableName": self._table, "Item": keys.customer_identity(move.target, move.identity_id)},
            }

    def _open(self, head: Head, entry: NewEntry) -> Iterator[dict[str, Any]]:
        yield self._log.put_new(head_item(head))
        yield self._log.put_entry(head.conversation_id, head.sequence, entry)

    def _put_link(self, stored: StoredLink) -> dict[str, Any]:
        item = {**keys.link(stored.link.customer_id, stored.link.id), **encode_item(_link_values(stored))}
        if stored.link.undone_at is None:
            return self._log.put_new(item)
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_exists(PK) AND attribute_not_exists(undone)",
            }
        }

    def _put_handle(self, kind: str, value: str, identity_id: str) -> dict[str, Any]:
        return self._log.put_new(handle_item(kind, value, identity_id))

    def _update(
        self, key: keys.Key, sets: list[str], removes: list[str], conditions: list[str], values: dict[str, Any]
    ) -> dict[str, Any]:
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        return {
            "Update": {
                "TableName": self._table,
                "Key": key,
                "UpdateExpression": expression,
                "ConditionExpression": " AND ".join(conditions),
                "ExpressionAttributeValues": encode_item(values),
            }
        }

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


def use_of_code(table: str, code: str, identity_id: str, now: float) -> dict[str, Any]:
    """The write that uses a code up: once, and while it lives."""
    return {
        "Update": {
            "TableName": table,
            "Key": keys.link_code(code),
            "UpdateExpression": "SET used_by = :identity",
            "ConditionExpression": "attribute_not_exists(used_by) AND expires_at > :now",
            "ExpressionAttributeValues": encode_item({":identity": identity_id, ":now": now}),
        }
    }


def _as_read(name: str, value: object, values: dict[str, Any]) -> str:
    """The condition that an attribute is as it was read."""
    if value is None:
        return f"attribute_not_exists({name})"
    values[f":was_{name}"] = value
    return f"{name} = :was_{name}"


def _link_values(stored: StoredLink) -> dict[str, Any]:
    """A link as its item keeps it: one JSON text, and the mark of one that was taken back."""
    before = {name: [was.conversation_id, was.verification, was.link_id] for name, was in sorted(stored.before.items())}
    text = json.dumps(
        {
            "link": msgspec.to_builtins(stored.link),
            "conversation_id": stored.conversation_id,
            "sequence": stored.sequence,
            "source_conversation": stored.source_conversation,
            "source_status": stored.source_status,
            "moved": stored.moved,
            "target_conversation": stored.target_conversation,
            "waiting_since": stored.waiting_since,
            "before": before,
        },
        separators=(",", ":"),
    )
    return {"record": text} if stored.link.undone_at is None else {"record": text, "undone": True}


def read_link(values: dict[str, Any]) -> StoredLink:
    """The inverse of how a link is kept; ``values`` are those of its item."""
    record = json.loads(values["record"])
    before = {name: IdentityBefore(*was) for name, was in record.pop("before").items()}
    return StoredLink(**{**record, "link": msgspec.convert(record["link"], Link)}, before=before)
