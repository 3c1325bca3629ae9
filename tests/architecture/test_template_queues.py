"""The queues, and how functions take from them: in order, for how long, and what happens to what fails."""

from __future__ import annotations

import re

import pytest

from shared.core.unread import LONGEST_WAIT
from shared.core.windows import SHORTEST_ANNOUNCED
from tests.architecture.template import ROOT, logical, of_type

DEAD_LETTERS = {"Inbound": 100, "Outbound": 100, "Forward": 100, "Media": 5, "Timers": 100, "Mail": 5}
"""Queues, and after how many deliveries they set a message aside themselves."""


def test_queues_in_order_are_fifo_with_a_share_of_throughput_per_group() -> None:
    for name in ("InboundQueue", "OutboundQueue", "ForwardQueue"):
        queue = of_type("AWS::SQS::Queue")[name]
        assert queue["FifoQueue"] is True
        assert queue["FifoThroughputLimit"] == "perMessageGroupId"
        assert queue["DeduplicationScope"] == "messageGroup"
        assert queue["QueueName"]["Fn::Sub"].endswith(".fifo")
        assert of_type("AWS::SQS::Queue")[name.replace("Queue", "DeadLetterQueue")]["FifoQueue"] is True


def test_every_queue_is_encrypted() -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in of_type("AWS::SQS::Queue").values())


@pytest.mark.parametrize("name", sorted(DEAD_LETTERS))
def test_what_fails_again_and_again_is_set_aside_for_two_weeks(name: str) -> None:
    queues = of_type("AWS::SQS::Queue")
    redrive = queues[f"{name}Queue"]["RedrivePolicy"]
    dead_letters = queues[f"{name}DeadLetterQueue"]

    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{name}DeadLetterQueue", "Arn"]}
    assert redrive["maxReceiveCount"] == DEAD_LETTERS[name]
    assert dead_letters["MessageRetentionPeriod"] == 14 * 86_400
    assert "-dlq" in dead_letters["QueueName"]["Fn::Sub"]


def test_the_media_function_knows_its_last_try() -> None:
    (tries,) = re.findall(r"^TRIES = (\d+)$", (ROOT / "functions/media.py").read_text(), re.MULTILINE)

    assert int(tries) == DEAD_LETTERS["Media"]


def test_a_timer_may_come_out_until_its_longest_wait_on_many_routes_is_over() -> None:
    queue = of_type("AWS::SQS::Queue")["TimersQueue"]
    longest, routes = 86_400, 14
    comes_out = routes * (longest // LONGEST_WAIT + 1)

    assert LONGEST_WAIT + queue["VisibilityTimeout"] < 12 * 3600
    assert queue["MessageRetentionPeriod"] >= routes * longest
    assert queue["RedrivePolicy"]["maxReceiveCount"] > 2 * comes_out


@pytest.mark.parametrize(
    ("queue", "function"),
    [
        *(("Inbound", "ingest"), ("Outbound", "deliver"), ("Forward", "forward")),
        *(("Media", "media"), ("Timers", "watch"), ("Mail", "email")),
    ],
)
def test_a_message_stays_hidden_for_six_times_the_functions_time(queue: str, function: str) -> None:
    hidden = of_type("AWS::SQS::Queue")[f"{queue}Queue"]["VisibilityTimeout"]
    timeout = of_type("AWS::Lambda::Function")[f"{logical(function)}Function"]["Timeout"]

    assert hidden >= 6 * timeout


@pytest.mark.parametrize(
    ("function", "queue", "batch"),
    [
        ("ingest", "Inbound", 10),
        ("deliver", "Outbound", 10),
        ("forward", "Forward", 1),
        ("media", "Media", 2),
        ("watch", "Timers", 10),
        ("email", "Mail", 10),
    ],
)
def test_a_queues_function_reports_the_messages_that_failed(function: str, queue: str, batch: int) -> None:
    mapping = of_type("AWS::Lambda::EventSourceMapping")[f"{logical(function)}Function{queue}"]

    assert mapping == {
        "FunctionName": {"Ref": f"{logical(function)}Function"},
        "EventSourceArn": {"Fn::GetAtt": [f"{queue}Queue", "Arn"]},
        "BatchSize": batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }


def test_windows_are_looked_for_every_five_minutes_which_is_a_third_of_the_shortest_lead() -> None:
    (rule,) = of_type("AWS::Events::Rule").values()
    (target,) = rule["Targets"]
    allowed = [each for each in of_type("AWS::Lambda::Permission").values() if "events" in str(each["Principal"])]

    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert SHORTEST_ANNOUNCED / 4 >= 3 * 300
    assert target["Arn"] == {"Fn::GetAtt": ["WatchFunction", "Arn"]}
    assert [each["FunctionName"] for each in allowed] == [{"Ref": "WatchFunction"}]
    assert "SourceArn" in allowed[0]
