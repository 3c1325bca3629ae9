"""An AWS client that counts: DynamoDB goes to AWS's own engine, everything else to the stub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from bench.capacity import Item, Units, read, written
from shared.aws.client import AwsClient, CallRecord, Credentials, Response
from shared.aws.connection import READ_TIMEOUT

CREDENTIALS = Credentials("AKIABENCH", "bench")
REGION = "us-east-1"
READS = ("GetItem", "BatchGetItem", "Query")
SHADOW = "bench-shadow"
"""A second table, in which items are written one by one to learn what that consumes."""


class Call(NamedTuple):
    """One call that was made. ``reported`` is DynamoDB's word on its units, ``computed`` ours; ``size`` is in bytes."""

    service: str
    operation: str
    size: int
    reported: Units = Units()
    computed: Units = Units()


class Message(NamedTuple):
    """A message on its way to a queue: its text, FIFO group, and the attributes that subscriptions filter by."""

    body: str
    group: str
    attributes: dict[str, str]


class _Change(NamedTuple):
    before: Item | None
    after: Item | None


class MeteredClient(AwsClient):
    """Counts inside :meth:`counting` only, so that the time of a call can be taken without the counting."""

    def __init__(self, stub_url: str, dynamodb_url: str) -> None:
        super().__init__(REGION, CREDENTIALS, stub_url)
        self._dynamodb_url = dynamodb_url
        self.plain = AwsClient(REGION, CREDENTIALS, dynamodb_url)
        """For what is looked at or prepared without being counted."""
        self.calls: list[Call] = []
        self.sent: list[Message] = []

    def endpoint(self, service: str) -> str:
        return self._dynamodb_url if service == "dynamodb" else super().endpoint(service)

    @contextmanager
    def counting(self) -> Iterator[list[Call]]:
        """The calls that are made inside, which are all there when it ends."""
        self.calls = []
        self.on_call = self._note
        try:
            yield self.calls
        finally:
            self.on_call = None

    def take_sent(self) -> list[Message]:
        """What has been sent to queues and topics since the last time."""
        taken, self.sent = self.sent, []
        return taken

    def call(
        self, service: str, operation: str, payload: dict[str, Any], *, timeout: float = READ_TIMEOUT
    ) -> dict[str, Any]:
        if service == "sqs":
            self.sent += [_queued(each) for each in payload.get("Entries", [payload]) if "MessageBody" in each]
        if self.on_call is None or service != "dynamodb":
            return super().call(service, operation, payload, timeout=timeout)
        before = self._images(operation, payload)
        answer = super().call(service, operation, {**payload, "ReturnConsumedCapacity": "INDEXES"}, timeout=timeout)
        after = self._images(operation, payload)
        changes = [_Change(*each) for each in zip(before, after, strict=True)]
        call = self.calls[-1]._replace(computed=_computed(operation, payload, answer, changes))
        if operation == "TransactWriteItems":
            call = call._replace(reported=self._each_alone(changes))
        self.calls[-1] = call
        return answer

    def request(self, *arguments: Any, **options: Any) -> Response:
        if options.get("operation") == "PublishBatch":
            self.sent += _published(options["body"])
        return super().request(*arguments, **options)

    def _note(self, record: CallRecord) -> None:
        size = record.request.get("bytes") or len(str(record.request))
        self.calls.append(Call(record.service, record.operation, size, _reported(record.operation, record.response)))

    def _images(self, operation: str, payload: dict[str, Any]) -> list[Item | None]:
        """The items that a call names, as they are stored now."""
        keys = _keys(operation, payload)
        requests = [{"TableName": table, "Key": key, "ConsistentRead": True} for table, key in keys]
        return [self.plain.call("dynamodb", "GetItem", request).get("Item") for request in requests]

    def _each_alone(self, changes: list[_Change]) -> Units:
        """What a transaction's writes consume: DynamoDB Local's figure for each write alone, twice that on the table.

        Its figure for the transaction is wrong: one item of several, and four times what that would be alone.
        """
        total = Units()
        for change in (each for each in changes if each.after is not None):
            for item in (change.before, change.after):
                if item is not None:
                    request = {"TableName": SHADOW, "Item": item, "ReturnConsumedCapacity": "INDEXES"}
                    units = _reported("PutItem", self.plain.call("dynamodb", "PutItem", request))
            total += units._replace(write=units.write * 2)
            key = _key_of(change.after or {})
            self.plain.call("dynamodb", "DeleteItem", {"TableName": SHADOW, "Key": key})
        return total


def _keys(operation: str, payload: dict[str, Any]) -> list[tuple[str, Item]]:
    match operation:
        case "TransactWriteItems":
            parts = [part for write in payload["TransactItems"] for part in write.values()]
        case "PutItem" | "UpdateItem" | "DeleteItem" | "GetItem":
            parts = [payload]
        case "BatchWriteItem":
            ((table, writes),) = payload["RequestItems"].items()
            parts = [{"TableName": table, **part} for write in writes for part in write.values()]
        case "BatchGetItem":
            ((table, wanted),) = payload["RequestItems"].items()
            parts = [{"TableName": table, "Key": key} for key in wanted["Keys"]]
        case _:
            parts = []
    return [(part["TableName"], _key_of(part.get("Key") or part["Item"])) for part in parts]


def _key_of(item: Item) -> Item:
    return {"PK": item["PK"], "SK": item["SK"]}


def _computed(operation: str, payload: dict[str, Any], answer: dict[str, Any], changes: list[_Change]) -> Units:
    strongly = bool(payload.get("ConsistentRead"))
    if operation == "Query":
        return read(answer["Items"], strongly=strongly, together=True)
    if operation in READS:
        return read([change.after or {} for change in changes], strongly=strongly, together=False)
    in_transaction = operation == "TransactWriteItems"
    return sum((written(*change, in_transaction=in_transaction) for change in changes), Units())


def _reported(operation: str, answer: dict[str, Any]) -> Units:
    consumed = answer.get("ConsumedCapacity") or []
    total = Units()
    for each in consumed if isinstance(consumed, list) else [consumed]:
        index = sum(part["CapacityUnits"] for part in each.get("GlobalSecondaryIndexes", {}).values())
        if operation in READS:
            total += Units(read=each["CapacityUnits"])
        else:
            total += Units(write=each["CapacityUnits"] - index, indexed=index)
    return total


def _queued(payload: dict[str, Any]) -> Message:
    return Message(payload["MessageBody"], payload["MessageGroupId"], {})


def _published(body: bytes) -> list[Message]:
    """The entries of a PublishBatch, in order."""
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    messages: list[Message] = []
    while (prefix := f"PublishBatchRequestEntries.member.{len(messages) + 1}") and f"{prefix}.Message" in form:
        attributes: dict[str, str] = {}
        number = 1
        while (place := f"{prefix}.MessageAttributes.entry.{number}") and f"{place}.Name" in form:
            attributes[form[f"{place}.Name"]] = form[f"{place}.Value.StringValue"]
            number += 1
        messages.append(Message(form[f"{prefix}.Message"], form[f"{prefix}.MessageGroupId"], attributes))
    return messages
