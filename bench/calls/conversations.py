"""Conversations of a given length, written straight into the table."""

from __future__ import annotations

from typing import Any

from shared.aws import keys
from shared.aws.client import AwsClient
from shared.model.identifiers import identity_id

PUTS_PER_CALL = 25
"""BatchWriteItem takes no more ("BatchWriteItem", Amazon DynamoDB API reference)."""


def grow(client: AwsClient, table: str, openid: str, messages: int) -> str:
    """Repeats the last message of a WeChat customer until the conversation has at least so many; returns its id.

    The entries are whole; the references that dedupe deliveries are left out, since nothing reads them again.
    """
    identity = _get(client, table, keys.identity(identity_id("wechat", "main", openid)))
    conversation_id = identity["conversation_id"]["S"]
    head = _get(client, table, keys.head(conversation_id))
    last = int(head["sequence"]["N"])
    entry = _get(client, table, keys.entry(conversation_id, last))
    # The first entry says that the conversation was opened.
    wanted = max(messages + 1, last)
    copies = [{**entry, **keys.entry(conversation_id, number)} for number in range(last + 1, wanted + 1)]
    for start in range(0, len(copies), PUTS_PER_CALL):
        puts = [{"PutRequest": {"Item": copy}} for copy in copies[start : start + PUTS_PER_CALL]]
        client.call("dynamodb", "BatchWriteItem", {"RequestItems": {table: puts}})
    client.call("dynamodb", "PutItem", {"TableName": table, "Item": {**head, "sequence": {"N": str(wanted)}}})
    return str(conversation_id)


def _get(client: AwsClient, table: str, key: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = client.call("dynamodb", "GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})[
        "Item"
    ]
    return item
