"""Records of a queue, one by one: what fails is reported and comes back soon, and what stands behind it in its group
waits."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, SqsFifoPartialProcessor
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from functions.bootstrap import environment
from functions.telemetry import logger
from shared.core.sending import TryLater
from shared.errors import InfrastructureError

POISON_TRIES = 5
"""After so many failures that are nobody else's fault, a record is set aside, so that those behind it can go on."""

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0

Record = dict[str, Any]


class RecordFailed(Exception):
    """Stands for an error that a record caused: its text, which may quote what a customer wrote, stays behind."""


class _Failures:
    """Notes how long each failed record asked to wait, and sets poison aside.

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
        self._service = service
        self._aside_url = aside_url
        self._handle = handle
        self._tell = tell
        self.pauses: dict[str, float] = {}

    def __call__(self, record: Record) -> None:
        try:
            self._handle(record)
        except Exception as error:
            kind = type(error).__name__
            if isinstance(error, TryLater):
                logger(self._service).info("record waits", seconds=round(error.delay), attempt=attempt(record))
            else:
                logger(self._service).warning("record failed", error=kind, attempt=attempt(record))
            poison = not isinstance(error, TryLater | InfrastructureError)
            if poison and self._aside_url is not None and attempt(record) >= POISON_TRIES:
                _set_aside(record, self._aside_url)
                logger(self._service).error("record set aside", error=kind)
                self._tell_of(record, kind)
                return
            self.pauses[record["messageId"]] = _pause(error, attempt(record))
            # Powertools writes the error it is given into its log at DEBUG.
            raise RecordFailed(kind) from None

    def _tell_of(self, record: Record, kind: str) -> None:
        """The record lies in the dead-letter queue already, and those behind it go on, whatever comes of telling."""
        if self._tell is None:
            return
        try:
            self._tell(record, kind)
        except Exception as error:
            logger(self._service).warning("record set aside without a word", error=type(error).__name__)


def process_fifo(
    event: dict[str, Any],
    service: str,
    queue_url: str,
    aside_url: str,
    handle: Callable[[Record], None],
    *,
    tell: Callable[[Record, str], None] | None = None,
) -> PartialItemFailureResponse:
    """Handles the records of a FIFO queue. After a failure the rest of its group is left alone, in order; other
    groups go on. ``aside_url`` is the dead-letter queue; ``tell`` is called with each record that was moved there, and
    the class of its error."""
    failures = _Failures(service, aside_url, handle, tell)
    return _process(event, service, queue_url, failures, SqsFifoPartialProcessor(skip_group_on_error=True))


def process(
    event: dict[str, Any], service: str, queue_url: str, handle: Callable[[Record], None]
) -> PartialItemFailureResponse:
    """Handles the records of a standard queue, which sets poison aside itself."""
    failures = _Failures(service, None, handle)
    return _process(event, service, queue_url, failures, BatchProcessor(event_type=EventType.SQS))


def attempt(record: Record) -> int:
    """How often this record has been delivered, this time included."""
    return int(record["attributes"]["ApproximateReceiveCount"])


def _process(
    event: dict[str, Any],
    service: str,
    queue_url: str,
    failures: _Failures,
    processor: BatchProcessor,
) -> PartialItemFailureResponse:
    # We report even when every record failed: raising would make Lambda start anew, and would lose the pauses.
    processor.raise_on_entire_batch_failure = False
    with processor(event["Records"], failures):
        processor.process()
    response = processor.response()
    try:
        _postpone(event["Records"], response, failures.pauses, queue_url)
    except InfrastructureError as error:
        # They come back after the queue's own timeout; raising would bring back what has succeeded as well.
        logger(service).warning("pauses not set", error=type(error).__name__)
    return response


def _pause(error: Exception, tries: int) -> float:
    if isinstance(error, TryLater):
        return error.delay
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))
    return random.uniform(0.5, 1) * longest


def _postpone(
    records: list[Record], response: PartialItemFailureResponse, pauses: dict[str, float], queue_url: str
) -> None:
    """Brings failed records back after their pause instead of after the whole visibility timeout, and with each the
    records of its group that were left alone: they may not overtake it, and need not wait longer."""
    failed = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
    of_group: dict[str, float] = {}
    entries: list[dict[str, object]] = []
    for record in records:
        if record["messageId"] not in failed:
            continue
        group = record["attributes"].get("MessageGroupId", record["messageId"])
        pause = of_group.setdefault(group, pauses.get(record["messageId"], FIRST_PAUSE))
        entries.append(
            {
                "Id": str(len(entries)),
                "ReceiptHandle": record["receiptHandle"],
                "VisibilityTimeout": max(0, min(43200, round(pause))),
            }
        )
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
