"""People are rearranged in one transaction: the writes and checks that it is made of, each an item of
TransactWriteItems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.head_items import head_item
from shared.aws.link_items import link_item
from shared.aws.log_writes import check_unchanged, put_entry, put_head, put_new, put_reference
from shared.aws.person_items import handle_item, person_item, profile_item
from shared.core.records import Located

if TYPE_CHECKING:
    from shared.core.linking.records import CustomerChange, IdentityMove, Rearrangement, StoredLink
    from shared.core.records import Head, NewEntry


def writes_of(table: str, plan: Rearrangement, now: float) -> Iterator[dict[str, Any]]:
    """The writes and checks that a rearrangement is made of; at ``now``, in seconds."""
    for change in plan.customers:
        yield _change_customer(table, change)
    for move in plan.identities:
        yield from _move_identity(table, move)
    for head, entry in plan.written:
        yield put_head(table, head)
        yield put_entry(table, head.conversation_id, head.sequence, entry)
    for head in plan.unchanged:
        yield check_unchanged(table, head)
    if plan.admitted is not None:
        identity = plan.admitted
        yield put_new(table, person_item(identity, plan.link.conversation_id))
        yield put_new(table, keys.customer_identity(identity.customer_id, identity.id))
        for kind, value in plan.handles.items():
            yield put_handle(table, kind, value, identity.id)
    if plan.created is not None:
        yield put_new(table, profile_item(plan.created.customer, plan.created.head.conversation_id))
        yield from _open(table, plan.created.head, plan.created.entry)
    if plan.opened is not None:
        yield from _open(table, *plan.opened)
    yield _put_link(table, plan.link)
    if plan.code is not None and plan.used_by is not None:
        yield use_of_code(table, plan.code.code, plan.used_by, now)
    if plan.reference is not None:
        located = Located(plan.link.conversation_id, plan.link.sequence, None)
        yield put_reference(table, plan.reference, located, now)


def _change_customer(table: str, change: CustomerChange) -> dict[str, Any]:
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
    return _update(table, keys.customer(before.id), conditions, sets=sets, removes=removes, values=values)


def _move_identity(table: str, move: IdentityMove) -> Iterator[dict[str, Any]]:
    values: dict[str, Any] = {":target": move.target, ":verification": move.verification, ":source": move.source}
    sets, removes = ["customer_id = :target", "verification = :verification"], []
    for name, value in (("conversation_id", move.conversation_id), ("link_id", move.link_id)):
        if value is None:
            removes.append(name)
        else:
            sets.append(f"{name} = :new_{name}")
            values[f":new_{name}"] = value
    conditions = ["customer_id = :source", _as_read("link_id", move.was_linked_by, values)]
    yield _update(table, keys.identity(move.identity_id), conditions, sets=sets, removes=removes, values=values)
    if move.source != move.target:
        yield {"Delete": {"TableName": table, "Key": keys.customer_identity(move.source, move.identity_id)}}
        yield {"Put": {"TableName": table, "Item": keys.customer_identity(move.target, move.identity_id)}}


def _open(table: str, head: Head, entry: NewEntry) -> Iterator[dict[str, Any]]:
    yield put_new(table, head_item(head))
    yield put_entry(table, head.conversation_id, head.sequence, entry)


def _put_link(table: str, stored: StoredLink) -> dict[str, Any]:
    item = link_item(stored)
    if stored.link.undone_at is None:
        return put_new(table, item)
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_exists(PK) AND attribute_not_exists(undone)",
        }
    }


def put_handle(table: str, kind: str, value: str, identity_id: str) -> dict[str, Any]:
    """The write of a proven alias, by which its identity is found; it fails when somebody has proven it already."""
    return put_new(table, handle_item(kind, value, identity_id))


def pass_handle(table: str, handle: tuple[str, str], identity_id: str, to: str | None) -> dict[str, Any]:
    """The write after which another identity is found by a proven alias, (kind, value), or nobody is; it fails when the
    alias is not ``identity_id``'s."""
    write: dict[str, Any] = {
        "TableName": table,
        "Key": keys.handle(*handle),
        "ConditionExpression": "identity_id = :holder",
        "ExpressionAttributeValues": {":holder": {"S": identity_id}},
    }
    if to is None:
        return {"Delete": write}
    write["ExpressionAttributeValues"][":to"] = {"S": to}
    return {"Update": {**write, "UpdateExpression": "SET identity_id = :to"}}


def _update(
    table: str, key: keys.Key, conditions: list[str], *, sets: list[str], removes: list[str], values: dict[str, Any]
) -> dict[str, Any]:
    expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
    return {
        "Update": {
            "TableName": table,
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeValues": encode_item(values),
        }
    }


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
