"""The writes and checks of which transactions on the log are made: each an item of TransactWriteItems."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.head_items import entry_item, head_item, packed
from shared.aws.reference_items import reference_item

if TYPE_CHECKING:
    from shared.core.records import Head, IdempotencyRecord, Located, NewEntry, Reference, Rewrite

IDEMPOTENCY_HOURS = 24


def put_head(table: str, head: Head) -> dict[str, Any]:
    """The write of a head."""
    # The head is replaced whole: the condition proves that it is exactly one entry behind, so nobody else's
    # change is lost.
    return {
        "Put": {
            "TableName": table,
            "Item": head_item(head),
            "ConditionExpression": "#sequence = :previous",
            "ExpressionAttributeNames": {"#sequence": "sequence"},
            "ExpressionAttributeValues": {":previous": {"N": str(head.sequence - 1)}},
        }
    }


def put_entry(table: str, conversation_id: str, sequence: int, entry: NewEntry) -> dict[str, Any]:
    """The write of an entry."""
    return put_new(table, entry_item(conversation_id, sequence, entry))


def put_new(table: str, item: dict[str, Any]) -> dict[str, Any]:
    """A write that fails when the item is there already; the cancelled transaction then shows the one that is."""
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(PK)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def put_reference(table: str, reference: Reference, located: Located, now: float) -> dict[str, Any]:
    """The write of a provider's id."""
    # A receipt that was set aside under this id is no message yet.
    write = put_new(table, reference_item(reference, located, now))
    write["Put"]["ConditionExpression"] = "attribute_not_exists(conversation_id)"
    return write


def check_unchanged(table: str, head: Head) -> dict[str, Any]:
    """The check that nothing was written to a conversation since it was read."""
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": keys.head(head.conversation_id),
            "ConditionExpression": "#sequence = :sequence",
            "ExpressionAttributeNames": {"#sequence": "sequence"},
            "ExpressionAttributeValues": {":sequence": {"N": str(head.sequence)}},
        }
    }


def check_not_stored(table: str, reference: Reference) -> dict[str, Any]:
    """The check that a provider's message is not in the log."""
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": keys.reference(reference.channel, reference.account, reference.provider_id),
            "ConditionExpression": "attribute_not_exists(conversation_id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def rewrite_entry(table: str, conversation_id: str, rewrite: Rewrite) -> dict[str, Any]:
    """The change of an entry that is there."""
    forgotten = " REMOVE media_sources" if rewrite.forgets_files else ""
    return {
        "Update": {
            "TableName": table,
            "Key": keys.entry(conversation_id, rewrite.sequence),
            "UpdateExpression": f"SET #data = :data{forgotten}",
            "ConditionExpression": "attribute_exists(PK)",
            "ExpressionAttributeNames": {"#data": "data"},
            "ExpressionAttributeValues": encode_item({":data": packed(rewrite.data)}),
        }
    }


def check_latest(table: str, customer_id: str, conversation_id: str) -> dict[str, Any]:
    """The check that a conversation is the one last opened with its customer."""
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": keys.customer(customer_id),
            "ConditionExpression": "conversation_id = :conversation AND attribute_not_exists(merged_into)",
            "ExpressionAttributeValues": {":conversation": {"S": conversation_id}},
        }
    }


def put_idempotency(table: str, record: IdempotencyRecord, now: float) -> dict[str, Any]:
    """The write of what an API call was answered."""
    values = {
        "request": record.request_hash,
        "response": json.dumps(record.response, separators=(",", ":")),
        "ttl": int(now) + IDEMPOTENCY_HOURS * 3600,
    }
    return put_new(table, {**keys.idempotency(record.key_id, record.key), **encode_item(values)})
