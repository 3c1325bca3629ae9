"""The log of record in DynamoDB: heads, entries, and the one transaction that writes both."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.aws import keys
from shared.aws.attributes import decode_item
from shared.aws.client import AwsClient, TransactionCancelled
from shared.aws.head_items import read_delivery, read_entry, read_head
from shared.aws.log_writes import (
    check_latest,
    check_not_stored,
    put_entry,
    put_head,
    put_idempotency,
    put_reference,
    rewrite_entry,
)
from shared.aws.reference_items import read_located
from shared.core.records import (
    AlreadyAnswered,
    AlreadyStored,
    Appended,
    Entry,
    Head,
    IdempotencyRecord,
    Located,
    NewEntry,
    Raced,
    Reference,
    Rewrite,
    Written,
)
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from shared.ports.clock import Clock

SMALLEST_PAGE = 4
"""Items asked for at the least: the states that stand behind the last entry of a list are few."""

STATUSES = ("open", "pending", "closed")


class DynamoConversationLog:
    """Implements shared.core.storage.ConversationLog on one table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def head(self, conversation_id: str) -> Head | None:
        request = {"TableName": self._table, "Key": keys.head(conversation_id), "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return read_head(item) if item else None

    def append(
        self,
        head: Head,
        entry: NewEntry,
        *,
        reference: Reference | None = None,
        idempotency: IdempotencyRecord | None = None,
        latest_of: str | None = None,
        rewrite: Rewrite | None = None,
        unless: Reference | None = None,
    ) -> Appended:
        writes = [put_head(self._table, head), put_entry(self._table, head.conversation_id, head.sequence, entry)]
        reference_at = record_at = None
        if reference is not None:
            located = Located(head.conversation_id, head.sequence, entry.message_id)
            reference_at = len(writes)
            writes.append(put_reference(self._table, reference, located, self._clock()))
        if unless is not None:
            reference_at = len(writes)
            writes.append(check_not_stored(self._table, unless))
        if idempotency is not None:
            record_at = len(writes)
            writes.append(put_idempotency(self._table, idempotency, self._clock()))
        if latest_of is not None:
            writes.append(check_latest(self._table, latest_of, head.conversation_id))
        if rewrite is not None:
            writes.append(rewrite_entry(self._table, head.conversation_id, rewrite))
        try:
            self._client.call("dynamodb", "TransactWriteItems", {"TransactItems": writes})
        except TransactionCancelled as cancelled:
            return self._explain(cancelled, reference_at, record_at)
        return Written(head)

    def answered(self, key_id: str, idempotency_key: str) -> AlreadyAnswered | None:
        key = keys.idempotency(key_id, idempotency_key)
        request = {"TableName": self._table, "Key": key, "ConsistentRead": True}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return _read_answer(item) if item else None

    @staticmethod
    def _explain(cancelled: TransactionCancelled, reference_at: int | None, record_at: int | None) -> Appended:
        """Tells a duplicate from a race by which write was refused: a duplicate is final, a race is tried again."""
        reasons = cancelled.reasons
        if reference_at is not None and reasons[reference_at].get("Code") == "ConditionalCheckFailed":
            found = decode_item(reasons[reference_at]["Item"])
            return AlreadyStored(found["conversation_id"], found["sequence"])
        if record_at is not None and reasons[record_at].get("Code") == "ConditionalCheckFailed":
            return _read_answer(reasons[record_at]["Item"])
        retryable = {
            "None",
            "ConditionalCheckFailed",
            "TransactionConflict",
            "ThrottlingError",
            "ProvisionedThroughputExceeded",
        }
        unexpected = [reason["Code"] for reason in reasons if reason.get("Code", "None") not in retryable]
        if unexpected:
            raise InfrastructureError(f"the transaction was refused: {', '.join(unexpected)}") from cancelled
        return Raced()

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        found: list[Entry] = []
        start: dict[str, Any] | None = None
        while True:
            missing = limit + 1 - len(found)
            # Behind about every other entry stands a state: asking for half as many again usually saves a second query.
            page = max(missing + missing // 2, SMALLEST_PAGE)
            answer = self._query_entries(conversation_id, keys.entry_sort(after + 1), keys.LAST_ENTRY, page, start)
            _gather(answer["Items"], found)
            start = answer.get("LastEvaluatedKey")
            # The states of an entry follow it, so an entry is complete once the next one has been seen.
            if len(found) > limit or start is None:
                return found[:limit]

    def entry(self, conversation_id: str, sequence: int) -> Entry | None:
        found: list[Entry] = []
        first = keys.entry_sort(sequence)
        start: dict[str, Any] | None = None
        while True:
            answer = self._query_entries(conversation_id, first, f"{first}~", 100, start)
            _gather(answer["Items"], found)
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return found[0] if found else None

    def recent(self, conversation_id: str, up_to: int, limit: int) -> list[Entry]:
        first = max(up_to - limit, 0)
        found = [entry for entry in self.entries(conversation_id, first, limit) if entry.sequence <= up_to]
        return found[::-1]

    def _query_entries(
        self, conversation_id: str, first: str, last: str, limit: int, start: dict[str, Any] | None
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk AND SK BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": keys.conversation_partition(conversation_id)},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            "Limit": limit,
            "ConsistentRead": True,
        }
        if start is not None:
            request["ExclusiveStartKey"] = start
        return self._client.call("dynamodb", "Query", request)

    def find(self, reference: Reference) -> Located | None:
        key = keys.reference(reference.channel, reference.account, reference.provider_id)
        item = self._client.call("dynamodb", "GetItem", {"TableName": self._table, "Key": key}).get("Item")
        return read_located(item) if item is not None else None

    def conversations(self, status: str | None, before: str | None, limit: int) -> tuple[list[Head], str | None]:
        positions: list[tuple[str, str]] = []
        for one in (status,) if status else STATUSES:
            positions.extend(self._inbox(one, before, limit + 1))
        positions.sort(reverse=True)
        page = positions[:limit]
        heads = self.heads([conversation_id for _, conversation_id in page])
        heads.sort(key=lambda head: head.updated_at, reverse=True)
        return heads, page[-1][0] if len(positions) > limit else None

    def _inbox(self, status: str, before: str | None, limit: int) -> list[tuple[str, str]]:
        values = {":status": {"S": f"INBOX#{status}"}}
        condition = "GSI1PK = :status"
        if before is not None:
            values[":before"] = {"S": before}
            condition += " AND GSI1SK < :before"
        request = {
            "TableName": self._table,
            "IndexName": keys.INBOX_INDEX,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "Limit": limit,
        }
        items = self._client.call("dynamodb", "Query", request)["Items"]
        return [(item["GSI1SK"]["S"], item["PK"]["S"].removeprefix("C#")) for item in items]

    def heads(self, conversation_ids: list[str]) -> list[Head]:
        """The states of many conversations, in no order. They may be some seconds old. One call per hundred."""
        pending = [keys.head(conversation_id) for conversation_id in dict.fromkeys(conversation_ids)]
        heads: list[Head] = []
        while pending:
            request = {"RequestItems": {self._table: {"Keys": pending[:100]}}}
            answer = self._client.call("dynamodb", "BatchGetItem", request)
            heads.extend(read_head(item) for item in answer["Responses"].get(self._table, []))
            pending = pending[100:] + answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return heads


def _read_answer(item: dict[str, Any]) -> AlreadyAnswered:
    found = decode_item(item)
    return AlreadyAnswered(found["request"], json.loads(found["response"]))


def _gather(items: list[dict[str, Any]], found: list[Entry]) -> None:
    """Reads a page of entries and of the states that stand behind each of them."""
    for item in items:
        sort = item["SK"]["S"]
        if len(sort) == 14:
            found.append(read_entry(item))
        elif found and found[-1].sequence == int(sort[2:14]):
            found[-1] = _with_state(found[-1], sort[15:], item)


def _with_state(entry: Entry, suffix: str, item: dict[str, Any]) -> Entry:
    if suffix == "S":
        return replace(entry, delivery=read_delivery(item))
    values = decode_item(item)
    media = {name: value for name, value in values.items() if name not in ("PK", "SK")}
    return replace(entry, media={**entry.media, suffix.removeprefix("M#"): media})
