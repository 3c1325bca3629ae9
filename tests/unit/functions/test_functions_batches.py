"""Batches of a queue: what fails comes back when it should, what stands behind it waits, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.batches import FIRST_PAUSE, LONGEST_PAUSE, POISON_TRIES, Record, process, process_fifo
from functions.bootstrap import environment
from shared.core.later import TryLater
from shared.errors import InfrastructureError

SECRET = "what the customer wrote"


class Queue:
    """The calls to SQS. ``pauses`` is how long each record, by its receipt, is hidden; ``aside`` what was set aside;
    ``down`` makes calls fail."""

    def __init__(self) -> None:
        self.pauses: dict[str, int] = {}
        self.aside: list[dict[str, Any]] = []
        self.down = False

    def call(self, service: str, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        if self.down:
            raise InfrastructureError("SQS is down")
        if operation == "SendMessage":
            assert payload.pop("QueueUrl") == "aside"
            self.aside.append(payload)
            return {}
        assert (service, operation, payload["QueueUrl"]) == ("sqs", "ChangeMessageVisibilityBatch", "url")
        assert len({entry["Id"] for entry in payload["Entries"]}) == len(payload["Entries"]) <= 10
        self.pauses |= {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in payload["Entries"]}
        return {}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    made = Queue()
    monkeypatch.setattr(environment, "client", lambda: made)
    return made


def records(*groups: str, tries: int = 1) -> dict[str, Any]:
    """An event with one record per group named; a record's name is its group and its place: ``a0``, ``b1``."""
    return {
        "Records": [
            {
                "messageId": f"{group}{place}",
                "receiptHandle": f"{group}{place}",
                "body": f"{group}{place}",
                "attributes": {"ApproximateReceiveCount": str(tries), "MessageGroupId": group},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue.fifo",
            }
            for place, group in enumerate(groups)
        ]
    }


class Work:
    """Handles records; ``failing`` are those that fail, and with what."""

    def __init__(self, **failing: Exception) -> None:
        self.failing = failing
        self.done: list[str] = []

    def __call__(self, record: Record) -> None:
        if record["body"] in self.failing:
            raise self.failing[record["body"]]
        self.done.append(record["body"])


def failed(response: Any) -> list[str]:
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def test_a_batch_that_works_reports_nothing_and_hides_nothing(queue: Queue) -> None:
    work = Work()
    assert failed(process_fifo(records("a", "b", "a"), "ingest", "url", "aside", work)) == []
    assert work.done == ["a0", "b1", "a2"]
    assert queue.pauses == {}


def test_after_a_failure_its_group_stops_and_the_others_go_on(queue: Queue) -> None:
    work = Work(a1=RuntimeError(SECRET))
    event = records("a", "a", "b", "a", "b", "c")
    assert failed(process_fifo(event, "ingest", "url", "aside", work)) == ["a1", "a3"]
    assert work.done == ["a0", "b2", "b4", "c5"]


def test_a_group_that_waits_comes_back_together(queue: Queue) -> None:
    process_fifo(records("a", "b", "a", "a"), "deliver", "url", "aside", Work(a0=TryLater(17.4), b1=TryLater(900)))
    assert queue.pauses == {"a0": 17, "a2": 17, "a3": 17, "b1": 900}


def test_a_pause_is_never_longer_than_a_queue_can_hide_a_message(queue: Queue) -> None:
    process_fifo(records("a"), "deliver", "url", "aside", Work(a0=TryLater(10**6)))
    assert queue.pauses == {"a0": 43_200}


@pytest.mark.parametrize("tries", [1, 2, 5, 50])
def test_failures_of_what_is_around_us_wait_longer_each_time_up_to_a_limit(queue: Queue, tries: int) -> None:
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))
    seen = set()
    for _ in range(20):
        process_fifo(records("a", tries=tries), "ingest", "url", "aside", Work(a0=InfrastructureError()))
        seen.add(queue.pauses["a0"])
        assert longest / 2 - 0.5 <= queue.pauses["a0"] <= longest + 0.5
    assert len(seen) > 1 or longest < 4


def test_a_batch_that_fails_as_a_whole_is_reported_and_does_not_raise(queue: Queue) -> None:
    work = Work(a0=RuntimeError(), b1=InfrastructureError(), c2=KeyError("x"))
    assert failed(process_fifo(records("a", "b", "c"), "ingest", "url", "aside", work)) == ["a0", "b1", "c2"]
    assert set(queue.pauses) == {"a0", "b1", "c2"}


def test_in_a_queue_without_order_a_failure_stops_nothing(queue: Queue) -> None:
    work = Work(a0=RuntimeError())
    assert failed(process(records("a", "a", "a"), "media", "url", work)) == ["a0"]
    assert work.done == ["a1", "a2"]


def test_in_a_queue_without_order_each_record_has_its_own_pause(queue: Queue) -> None:
    process(records("a", "a", "a"), "watch", "url", Work(a0=TryLater(10), a2=TryLater(90)))
    assert queue.pauses == {"a0": 10, "a2": 90}


def test_a_pause_that_cannot_be_set_does_not_bring_back_what_has_succeeded(queue: Queue) -> None:
    queue.down = True
    work = Work(a0=RuntimeError())
    assert failed(process_fifo(records("a", "b"), "ingest", "url", "aside", work)) == ["a0"]
    assert work.done == ["b1"]


def test_poison_is_set_aside_and_what_stands_behind_it_goes_on_in_the_same_batch(queue: Queue) -> None:
    # given poison at its last try, and messages of its own group that were delivered as often only because they wait
    event = records("a", "a", "b", tries=POISON_TRIES)
    event["Records"][0]["messageAttributes"] = {"tasks": {"dataType": "String.Array", "stringValue": '["send"]'}}
    work = Work(a0=ValueError(SECRET))
    # when, then
    assert failed(process_fifo(event, "deliver", "url", "aside", work)) == []
    assert work.done == ["a1", "b2"]
    assert queue.aside == [
        {
            "MessageBody": "a0",
            "MessageGroupId": "a",
            "MessageDeduplicationId": "a0",
            "MessageAttributes": {"tasks": {"DataType": "String.Array", "StringValue": '["send"]'}},
        }
    ]


@pytest.mark.parametrize("error", [InfrastructureError("DynamoDB is down"), TryLater(1)])
def test_what_is_not_the_fault_of_a_record_never_sets_it_aside(queue: Queue, error: Exception) -> None:
    event = records("a", tries=POISON_TRIES + 20)
    assert failed(process_fifo(event, "deliver", "url", "aside", Work(a0=error))) == ["a0"]
    assert queue.aside == []


def test_poison_that_cannot_be_set_aside_stays_where_it_was(queue: Queue) -> None:
    queue.down = True
    event = records("a", "a", tries=POISON_TRIES)
    work = Work(a0=ValueError())
    assert failed(process_fifo(event, "ingest", "url", "aside", work)) == ["a0", "a1"]
    assert work.done == []


@pytest.mark.parametrize("arguments", [(process, "url"), (process_fifo, "url", "aside")])
def test_the_text_of_an_error_never_reaches_the_log(
    queue: Queue, printed: Callable[[], str], arguments: tuple[Any, ...]
) -> None:
    cause = ValueError(SECRET)
    error = RuntimeError(SECRET)
    error.__cause__ = cause
    handle, *urls = arguments
    handle(records("a"), "ingest", *urls, Work(a0=error))
    text = printed()
    assert "RuntimeError" in text
    assert SECRET not in text
