"""Records of a queue, one by one: what fails is reported and comes back soon, and what stands behind it in its group
waits."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypedDict

from functions.bootstrap import environment
from functions.telemetry import logger
from shared.core.later import TryLater
from shared.errors import InfrastructureError

POISON_TRIES = 5
"""After so many failures that are nobody else's fault, a record is set aside, so that those behind it can go on."""

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0
LONGEST_HIDDEN = 43_200
"""Seconds. SQS hides a message for 12 hours at most."""

Record = dict[str, Any]


class Failure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    """Which records are to come again, by their message ids; Lambda takes the others out of the queue.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""

    batchItemFailures: list[Failure]


class _Handling:
    """Handles a record, and says for how long it waits when that failed. Poison is set aside.

    The queue could set it aside itself, but it counts deliveries, and what stands behind poison in the same batch is
    delivered as often: all of them would go.
    """

    def __init__(
        self,
        service: str,
        aside_url: str | None,
        handle: Callable[[Record], None],
        tell: Callable[[Record, str], None] | None = None,
    ) -> None:
        self._logger = logger(service)
        self._aside_url = aside_url
        self._handle = handle
        self._tell = tell

    def __call__(self, record: Record) -> float | None:
        """The seconds after which the record is to come again; None when it is done with. Of an error only its class
        is logged: its text may quote what a customer wrote."""
        try:
            self._handle(record)
        except TryLater as later:
            self._logger.info("record waits", seconds=round(later.delay), attempt=attempt(record))
            return later.delay
        except Exception as error:
            kind = type(error).__name__
            self._logger.warning("record failed", error=kind, attempt=attempt(record))
            poison = not isinstance(error, InfrastructureError) and attempt(record) >= POISON_TRIES
            if poison and self._is_set_aside(record, kind):
                return None
            return _pause(attempt(record))
        return None

    def _is_set_aside(self, record: Record, kind: str) -> bool:
        """Whether the record is in the dead-letter queue now. If not, it stays where it was."""
        if self._aside_url is None:
            return False
        try:
            _set_aside(record, self._aside_url)
        except InfrastructureError as error:
            self._logger.warning("record not set aside", error=type(error).__name__)
            return False
        self._logger.error("record set aside", error=kind)
        self._tell_of(record, kind)
        return True

    def _tell_of(self, record: Record, kind: str) -> None:
        """The record lies in the dead-letter queue already, and those behind it go on, whatever comes of telling."""
        if self._tell is None:
            return
        try:
            self._tell(record, kind)
        except Exception as error:
            self._logger.warning("record set aside without a word", error=type(error).__name__)


def process_fifo(
    event: dict[str, Any],
    service: str,
    queue_url: str,
    aside_url: str,
    handle: Callable[[Record], None],
    *,
    tell: Callable[[Record, str], None] | None = None,
) -> BatchResponse:
    """Handles the records of a FIFO queue. After a failure the rest of its group is left alone, in order; other
    groups go on. ``aside_url`` is the dead-letter queue; ``tell`` is called with each record that was moved there, and
    the class of its error."""
    handling = _Handling(service, aside_url, handle, tell)
    return _process(
        event["Records"], service, queue_url, handling, lambda record: record["attributes"]["MessageGroupId"]
    )


def process(event: dict[str, Any], service: str, queue_url: str, handle: Callable[[Record], None]) -> BatchResponse:
    """Handles the records of a standard queue, which sets poison aside itself. None waits for another."""
    handling = _Handling(service, None, handle)
    return _process(event["Records"], service, queue_url, handling, lambda record: record["messageId"])


def attempt(record: Record) -> int:
    """How often this record has been delivered, this time included."""
    return int(record["attributes"]["ApproximateReceiveCount"])


def _process(
    records: list[Record],
    service: str,
    queue_url: str,
    handling: _Handling,
    group_of: Callable[[Record], str],
) -> BatchResponse:
    """Reports even when every record failed: raising would make Lambda start anew, and would lose the pauses."""
    pauses: dict[str, float] = {}
    waiting: list[tuple[Record, float]] = []
    for record in records:
        group = group_of(record)
        if group not in pauses:
            pause = handling(record)
            if pause is None:
                continue
            pauses[group] = pause
        waiting.append((record, pauses[group]))
    try:
        _postpone(waiting, queue_url)
    except InfrastructureError as error:
        # They come back after the queue's own timeout; raising would bring back what has succeeded as well.
        logger(service).warning("pauses not set", error=type(error).__name__)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record, _ in waiting]}


def _pause(tries: int) -> float:
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))
    return random.uniform(0.5, 1) * longest


def _postpone(waiting: list[tuple[Record, float]], queue_url: str) -> None:
    """Brings failed records back after their pause instead of after the whole visibility timeout, and with each the
    records of its group that were left alone: they may not overtake it, and need not wait longer. Raises
    InfrastructureError."""
    entries: list[dict[str, object]] = [
        {
            "Id": str(number),
            "ReceiptHandle": record["receiptHandle"],
            "VisibilityTimeout": max(0, min(LONGEST_HIDDEN, round(pause))),
        }
        for number, (record, pause) in enumerate(waiting)
    ]
    if entries:
        environment.client().call("sqs", "ChangeMessageVisibilityBatch", {"QueueUrl": queue_url, "Entries": entries})


def _set_aside(record: Record, aside_url: str) -> None:
    """Moves a record into the dead-letter queue as it is. Raises InfrastructureError, and then it stays where it
    was."""
    attributes = {
        name: {"DataType": value["dataType"], "StringValue": value["stringValue"]}
        for name, value in record["messageAttributes"].items()
        if value.get("stringValue") is not None
    }
    message: dict[str, Any] = {
        "QueueUrl": aside_url,
        "MessageBody": record["body"],
        "MessageGroupId": record["attributes"]["MessageGroupId"],
        "MessageDeduplicationId": record["messageId"],
    }
    if attributes:
        message["MessageAttributes"] = attributes
    environment.client().call("sqs", "SendMessage", message)
