"""Given a warm worker, when a text message comes in, then it costs two calls, 1 read unit and 6 write units, however
long the conversation is.

Units are counted by AWS's published rule from the items that are read and written ("Read and write operations", Amazon
DynamoDB developer guide): DynamoDB Local does not round the items of a transaction up one by one, as AWS does.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest

from shared.aws import keys
from shared.aws.client import AwsClient, CallRecord
from tests.support.channels import text_message, webhook
from tests.support.stores import Clock, Store


class Bill:
    """What the calls of a client cost: reads in units of 4 KB, writes of a transaction in twice the units of 1 KB."""

    def __init__(self, client: AwsClient) -> None:
        self.calls: list[str] = []
        self.read_units = 0.0
        self.write_units = 0.0
        client.on_call = self._note

    def _note(self, record: CallRecord) -> None:
        self.calls.append(record.operation)
        if record.operation == "GetItem":
            units = max(1, ceil(size(record.response.get("Item", {})) / 4096))
            self.read_units += units if record.request.get("ConsistentRead") else units / 2
        elif record.operation == "TransactWriteItems":
            items = [write["Put"]["Item"] for write in record.request["TransactItems"]]
            self.write_units += sum(2 * ceil(size(item) / 1024) for item in items)
        else:
            raise AssertionError(f"{record.operation} is not priced here")


def size(item: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them ("DynamoDB Item sizes and formats"); numbers at their longest."""
    return sum(len(name.encode()) + size_of_value(value) for name, value in item.items())


def size_of_value(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 2
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size_of_value(inner) for name, inner in content.items())
    if kind == "L":
        return 3 + sum(1 + size_of_value(inner) for inner in content)
    return 1


def index_writes(before: dict[str, Any], after: dict[str, Any]) -> int:
    """Writes of the inbox index: one to take the old place away and one for the new place."""
    return 0 if all(before[name] == after[name] for name in ("GSI1PK", "GSI1SK")) else 2


def head_item(store: Store, conversation_id: str) -> dict[str, Any]:
    request = {"TableName": store.table, "Key": keys.head(conversation_id), "ConsistentRead": True}
    item: dict[str, Any] = store.client.call("dynamodb", "GetItem", request)["Item"]
    return item


def lengthened(store: Store, length: int) -> str:
    """A conversation that has ``length`` entries: its messages are many, its head and what follows are real."""
    store.ingest(webhook(text_message("ada", "first")))
    head = head_item(store, store.conversation_of("ada").conversation_id)
    conversation_id: str = head["PK"]["S"][2:]
    entry = store.client.call("dynamodb", "GetItem", {"TableName": store.table, "Key": keys.entry(conversation_id, 2)})[
        "Item"
    ]
    items = [{**entry, **keys.entry(conversation_id, sequence)} for sequence in range(3, length + 1)]
    items.append({**head, "sequence": {"N": str(max(length, 2))}})
    for start in range(0, len(items), 25):
        writes = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        store.client.call("dynamodb", "BatchWriteItem", {"RequestItems": {store.table: writes}})
    return conversation_id


@pytest.mark.parametrize("length", [10, 2_000])
def test_a_warm_text_message_costs_the_same_at_any_length(real_store: Store, clock: Clock, length: int) -> None:
    conversation_id = lengthened(real_store, length)
    worker = real_store.another()
    worker.ingest(webhook(text_message("ada", "warm")))
    bill = Bill(worker.client)
    before = head_item(real_store, conversation_id)
    clock.advance(5)

    worker.ingest.start_batch()
    worker.ingest(webhook(text_message("ada", "1", "Could you tell me when my parcel arrives? I am out tomorrow.")))

    assert bill.calls == ["GetItem", "TransactWriteItems"]
    assert (bill.read_units, bill.write_units) == (1, 6)
    assert index_writes(before, head_item(real_store, conversation_id)) == 0


def test_ten_messages_of_one_batch_cost_eleven_calls(real_store: Store) -> None:
    real_store.ingest(webhook(text_message("ada", "first")))
    worker = real_store.another()
    worker.ingest(webhook(text_message("ada", "warm")))
    bill = Bill(worker.client)

    worker.ingest.start_batch()
    for number in range(10):
        worker.ingest(webhook(text_message("ada", str(number))))

    assert bill.calls == ["GetItem", *["TransactWriteItems"] * 10]
    assert (bill.read_units, bill.write_units) == (1, 60)


def test_the_inbox_index_is_written_once_a_minute(real_store: Store, clock: Clock) -> None:
    real_store.ingest(webhook(text_message("ada", "first")))
    conversation_id = real_store.conversation_of("ada").conversation_id
    written = 0
    for number in range(60):
        before = head_item(real_store, conversation_id)
        clock.advance(3)
        real_store.ingest.start_batch()
        real_store.ingest(webhook(text_message("ada", str(number))))
        written += index_writes(before, head_item(real_store, conversation_id))

    assert written == 2 * 3


def test_a_duplicate_costs_no_more_calls_than_a_message(real_store: Store) -> None:
    real_store.ingest(webhook(text_message("ada", "first")))
    worker = real_store.another()
    worker.ingest(webhook(text_message("ada", "warm")))
    bill = Bill(worker.client)

    worker.ingest.start_batch()
    worker.ingest(webhook(text_message("ada", "first")))

    assert bill.calls == ["GetItem", "TransactWriteItems"]
