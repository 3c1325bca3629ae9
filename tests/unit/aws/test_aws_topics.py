"""Publishing to SNS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from shared.aws.client import AwsError, Throttled
from shared.aws.topics import TopicEntry, Topics

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from tests.unit.aws.conftest import ScriptedServer

ARN = "arn:aws:sns:eu-west-1:123456789012:events.fifo"


def answer(taken: str, refused: str = "") -> bytes:
    successes = "".join(f"<member><Id>{each}</Id><MessageId>m</MessageId></member>" for each in taken)
    failures = "".join(f"<member><Id>{each}</Id><Code>InternalError</Code></member>" for each in refused)
    return (
        '<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>'
        f"<Failed>{failures}</Failed><Successful>{successes}</Successful>"
        "</PublishBatchResult></PublishBatchResponse>"
    ).encode()


def forms(server: ScriptedServer) -> list[dict[str, str]]:
    return [dict(parse_qsl(request.body.decode(), keep_blank_values=True)) for request in server.received]


def test_a_batch_is_one_form_with_filterable_attributes(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, answer("0"))
    attributes: dict[str, str | list[str]] = {"type": "message.received", "channels": ["wechat", "邮件"]}

    failed = Topics(client).publish_batch(ARN, [TopicEntry("evt:1", "a & b 你", "conv_1", "evt_1", attributes)])

    assert failed == []
    prefix = "PublishBatchRequestEntries.member.1"
    [form] = forms(server)
    assert json.loads(form.pop(f"{prefix}.MessageAttributes.entry.2.Value.StringValue")) == ["wechat", "邮件"]
    assert form == {
        "Action": "PublishBatch",
        "Version": "2010-03-31",
        "TopicArn": ARN,
        f"{prefix}.Id": "0",
        f"{prefix}.Message": "a & b 你",
        f"{prefix}.MessageGroupId": "conv_1",
        f"{prefix}.MessageDeduplicationId": "evt_1",
        f"{prefix}.MessageAttributes.entry.1.Name": "type",
        f"{prefix}.MessageAttributes.entry.1.Value.DataType": "String",
        f"{prefix}.MessageAttributes.entry.1.Value.StringValue": "message.received",
        f"{prefix}.MessageAttributes.entry.2.Name": "channels",
        f"{prefix}.MessageAttributes.entry.2.Value.DataType": "String.Array",
    }


def test_many_messages_go_out_ten_to_a_call(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, answer("0123456789"))
    server.answer(200, answer("0"))

    failed = Topics(client).publish_batch(ARN, [TopicEntry(f"event {number}", "body") for number in range(11)])

    assert failed == []
    assert "PublishBatchRequestEntries.member.10.Id" in forms(server)[0]
    assert "PublishBatchRequestEntries.member.2.Id" not in forms(server)[1]


def test_attributes_count_towards_the_256_kib_of_a_batch(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, answer("0"))
    server.answer(200, answer("0"))
    half = "x" * (262_144 // 2 - len("kindStringevent"))
    entries = [
        TopicEntry("a", half, attributes={"kind": "event"}),
        TopicEntry("b", half, attributes={"kind": "events"}),
    ]

    assert Topics(client).publish_batch(ARN, entries) == []
    assert len(server.received) == 2

    server.answer(200, answer("01"))
    assert Topics(client).publish_batch(ARN, [entries[0], entries[0]]) == []
    assert len(server.received) == 3


def test_the_ids_of_messages_that_were_not_taken_come_back(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, answer("0", refused="1"))

    failed = Topics(client).publish_batch(ARN, [TopicEntry(each, "body") for each in ("a", "b", "c")])

    assert failed == ["b", "c"]


def test_an_answer_that_is_no_xml_is_an_error(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b"<html><br></html>")

    with pytest.raises(AwsError, match="MalformedAnswer"):
        Topics(client).publish_batch(ARN, [TopicEntry("a", "body")])


def test_a_throttled_topic_is_tried_again_and_then_raised(client: AwsClient, server: ScriptedServer) -> None:
    refusal = b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>"
    for _ in range(3):
        server.answer(400, refusal)

    with pytest.raises(Throttled):
        Topics(client).publish_batch(ARN, [TopicEntry("a", "body")])
