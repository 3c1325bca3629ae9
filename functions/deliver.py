"""The outbound queue: what the log says is to be sent is sent, and the outcome recorded."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from functions.batches import BatchResponse, Record, attempt, process_fifo
from functions.bootstrap import channels, environment, store
from functions.telemetry import conclude
from shared.core.delivery import Job
from shared.core.records import Entry
from shared.errors import InfrastructureError
from shared.model.timestamps import seconds

SERVICE = "deliver"
TOLD = ("identity.linked", "identity.unlinked", "conversation.channel_switched")
"""Events that are not sent to anybody, and that open web chats hear of."""


def handler(event: dict[str, Any], context: object) -> BatchResponse:
    """Up to ten events of the stream in, the ones to be tried again out."""
    outcomes: Counter[str] = Counter()

    def handle(record: Record) -> None:
        outcomes[_handle(_entry(record), attempt(record))] += 1

    response = process_fifo(
        event, SERVICE, environment.setting("OUTBOUND_QUEUE_URL"), environment.setting("OUTBOUND_ASIDE_URL"), handle
    )
    conclude(SERVICE, outcomes, failed=len(response["batchItemFailures"]))
    return response


def _handle(entry: Entry, tries: int) -> str:
    """What became of it, in a word."""
    if "profile" in entry.tasks:
        return channels.learn_profile()(entry, tries)
    if entry.type in TOLD:
        return channels.tell_browsers()(entry)
    return channels.deliver()(Job(entry, tries))


def _entry(record: Record) -> Entry:
    """The log entry that an event of the stream is about; read from the log when the event was too large to carry
    it."""
    event = json.loads(record["body"])
    tasks = tuple(json.loads(record["messageAttributes"]["tasks"]["stringValue"]))
    if event["type"] == "message.status_changed":
        # It says that a message should go on to its next route; what is to be sent is in the message's own entry.
        at, sequence = seconds(event["time"]), event["data"]["sequence"]
        return Entry(event["subject"], sequence, event["type"], at, data={}, tasks=tasks)
    if "data" not in event:
        entry = store.conversation_log().entry(event["subject"], event["sequence"])
        if entry is None:
            raise InfrastructureError("the entry that the event names is not in the log")
        return entry
    return Entry(
        conversation_id=event["subject"],
        sequence=event["sequence"],
        type=event["type"],
        at=seconds(event["time"]),
        data=event["data"],
        tasks=tasks,
        traceparent=event.get("traceparent"),
    )
