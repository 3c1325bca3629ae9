"""Sending to SQS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.aws.client import NotFound
from shared.aws.queues import QueueEntry, Queues

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from tests.unit.aws.conftest import ScriptedServer

URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/inbound.fifo"


def taken(*ids: str) -> bytes:
    return json.dumps({"Successful": [{"Id": each} for each in ids]}).encode()


def payloads(server: ScriptedServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in server.received]


def test_a_message_to_a_fifo_queue_names_group_and_dedup_id(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b'{"MessageId": "m-1"}')

    assert Queues(client).send(URL, '{"a":1}', "group", "dedup") == "m-1"

    assert payloads(server) == [
        {
            "QueueUrl": URL,
            "MessageBody": '{"a":1}',
            "MessageGroupId": "group",
            "MessageDeduplicationId": "dedup",
        }
    ]


def test_a_message_to_a_standard_queue_may_wait(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b'{"MessageId": "m-1"}')

    Queues(client).send(URL, "body", delay_seconds=0)

    assert payloads(server) == [{"QueueUrl": URL, "MessageBody": "body", "DelaySeconds": 0}]


def test_a_missing_queue_is_not_found(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(
        400,
        b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"}',
        {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
    )

    with pytest.raises(NotFound):
        Queues(client).send(URL, "body")


def test_many_messages_go_out_ten_to_a_call_in_order(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, taken(*"0123456789"))
    server.answer(200, taken(*"01"))
    entries = [QueueEntry(f"event:{number}", f"body {number}", "g", f"d{number}") for number in range(12)]

    assert Queues(client).send_batch(URL, entries) == []

    sent = payloads(server)
    assert [len(payload["Entries"]) for payload in sent] == [10, 2]
    bodies = [entry["MessageBody"] for payload in sent for entry in payload["Entries"]]
    assert bodies == [entry.body for entry in entries]
    assert sent[1]["Entries"][1] == {
        "Id": "1",
        "MessageBody": "body 11",
        "MessageGroupId": "g",
        "MessageDeduplicationId": "d11",
    }


def test_a_batch_stays_within_one_mebibyte_of_utf_8(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, taken("0", "1"))
    server.answer(200, taken("0"))
    half = "值" * (1_048_576 // 2 // 3)

    assert Queues(client).send_batch(URL, [QueueEntry(each, half) for each in "abc"]) == []

    assert [len(payload["Entries"]) for payload in payloads(server)] == [2, 1]


def test_the_ids_of_messages_that_were_not_taken_come_back(client: AwsClient, server: ScriptedServer) -> None:
    refused = {"Id": "1", "Code": "InternalError", "SenderFault": False}
    server.answer(200, json.dumps({"Successful": [{"Id": "0"}], "Failed": [refused]}).encode())

    failed = Queues(client).send_batch(URL, [QueueEntry("a", "1"), QueueEntry("b", "2"), QueueEntry("c", "3")])

    assert failed == ["b", "c"]


def test_no_messages_are_no_call(client: AwsClient, server: ScriptedServer) -> None:
    assert Queues(client).send_batch(URL, []) == []
    assert server.received == []
