"""``onethread dlq`` for batches of the table's stream that were not published."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from boto3.session import Session
from botocore.stub import Stubber

from infra.cli.aws_access import AwsAccess
from shared.aws.client import AwsClient, Credentials
from shared.aws.conversation_log import DynamoConversationLog
from shared.aws.deliveries import DynamoDeliveries
from shared.aws.subscriptions import DynamoSubscriptions
from shared.core.records import Head, NewEntry, Written
from shared.core.relay.records import Subscription
from tests.unit.cli.stage import REGION, Result, Stack

Run = Callable[..., Result]
NOW = time.time()
FIRST, LAST = "100000000000000000001", "100000000000000000002"


def _log(stack: Stack) -> DynamoConversationLog:
    return DynamoConversationLog(_client(stack), stack.outputs["TableName"], time.time)


def _client(stack: Stack) -> AwsClient:
    return AwsClient(REGION, Credentials("AKIDEXAMPLE", "example"), stack.endpoint_url)


def _write(stack: Stack, conversation: str, count: int, at: float = NOW) -> None:
    """A conversation with ``count`` log entries, the last of them written at ``at``, a minute apart."""
    log = _log(stack)
    item = {"PK": {"S": f"C#{conversation}"}, "SK": {"S": "HEAD"}, "sequence": {"N": "0"}}
    _client(stack).call("dynamodb", "PutItem", {"TableName": stack.outputs["TableName"], "Item": item})
    for sequence in range(1, count + 1):
        moment = at - 60 * (count - sequence)
        head = Head(conversation, "cus_1", "open", sequence, at, moment)
        entry = NewEntry(type="conversation.updated", at=moment, data={"number": sequence})
        assert isinstance(log.append(head, entry), Written)


def _subscribe(stack: Stack) -> None:
    """From now on, the events of the stack's topic go to its outbound queue."""
    url = stack.outputs["OutboundQueueUrl"]
    arn = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.sns.subscribe(
        TopicArn=stack.outputs["EventsTopicArn"],
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
    )


def _stream_records(stack: Stack) -> tuple[str, str, list[dict[str, Any]]]:
    """The stream's ARN, its shard, and all its records."""
    streams = stack.session.client("dynamodbstreams", endpoint_url=stack.endpoint_url)
    arn = streams.list_streams(TableName=stack.outputs["TableName"])["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return arn, shard, records


def _notice(arn: str, shard: str, first: str, last: str, at: float = NOW) -> str:
    """As Lambda writes it (AWS Lambda developer guide, "Retain discarded batches", DynamoDB)."""
    moment = datetime.fromtimestamp(at, UTC).isoformat()
    return json.dumps(
        {
            "requestContext": {
                "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
                "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:shop-publish",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": moment,
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": first,
                "endSequenceNumber": last,
                "approximateArrivalOfFirstRecord": moment,
                "approximateArrivalOfLastRecord": moment,
                "batchSize": 2,
                "streamArn": arn,
            },
        }
    )


def _fail(stack: Stack, notice: str) -> None:
    stack.sqs.send_message(QueueUrl=stack.outputs["PublishFailuresQueueUrl"], MessageBody=notice)


def _published(stack: Stack) -> list[str]:
    return [json.loads(message["Body"])["id"] for _ in range(4) for message in stack.received("OutboundQueueUrl")]


def test_show_explains_what_such_a_notice_is(run: Run, stack: Stack) -> None:
    _fail(stack, _notice("arn:aws:dynamodb:stream", "shardId-1", "100", "200"))
    (item,) = run("--local", "--json", "dlq", "show", "publish-failures").json["items"]
    assert item["error"] == "RetryAttemptsExhausted, Unhandled"
    assert (item["records"], item["shard"], item["sequence_numbers"]) == (2, "shardId-1", ["100", "200"])
    assert "redrive publishes them again" in item["explanation"]


def test_redrive_publishes_exactly_the_records_that_the_stream_still_has(run: Run, stack: Stack) -> None:
    _write(stack, "conv_1", 4)
    arn, shard, records = _stream_records(stack)
    entries = [record for record in records if record["dynamodb"]["Keys"]["SK"]["S"].startswith("E#")]
    first, last = (entries[index]["dynamodb"]["SequenceNumber"] for index in (1, 2))
    _subscribe(stack)
    _fail(stack, _notice(arn, shard, first, last))
    assert run("--local", "--json", "dlq", "redrive", "publish-failures").json["redriven"] == 1
    assert _published(stack) == ["conv_1:2", "conv_1:3"]
    assert stack.received("PublishFailuresQueueUrl") == []


def test_redrive_wakes_whoever_subscribed_to_what_was_not_published(run: Run, stack: Stack) -> None:
    wanted = Subscription(id="sub_1", created_at=NOW, url="https://desk.example/hook")
    DynamoSubscriptions(_client(stack), stack.outputs["TableName"]).create(wanted)
    _write(stack, "conv_1", 4)
    arn, shard, records = _stream_records(stack)
    entries = [record for record in records if record["dynamodb"]["Keys"]["SK"]["S"].startswith("E#")]
    first, last = (entries[index]["dynamodb"]["SequenceNumber"] for index in (1, 2))
    _fail(stack, _notice(arn, shard, first, last))
    assert run("--local", "--json", "dlq", "redrive", "publish-failures").json["redriven"] == 1
    (message,) = stack.received("ForwardQueueUrl")
    assert json.loads(message["Body"]) == {
        "kind": "wake",
        "subscription_id": "sub_1",
        "conversation_id": "conv_1",
        "first": 2,
    }


@pytest.fixture
def forgetful_stream(aws_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that has dropped the records: what DynamoDB answers after 24 hours."""
    streams = aws_session.client("dynamodbstreams")
    stubber = Stubber(streams)
    stubber.add_client_error("get_shard_iterator", "TrimmedDataAccessException")
    stubber.activate()
    monkeypatch.setattr(AwsAccess, "streams", streams)


@pytest.mark.usefixtures("forgetful_stream")
def test_redrive_publishes_from_the_log_what_the_stream_has_forgotten(run: Run, stack: Stack) -> None:
    _write(stack, "conv_old", 2, NOW - 7200)
    _write(stack, "conv_1", 30)
    _write(stack, "conv_2", 1)
    DynamoDeliveries(_client(stack), stack.outputs["TableName"], time.time).raise_status(
        "conv_2", 1, "msg_1", "delivered", NOW
    )
    _subscribe(stack)
    _fail(
        stack,
        _notice(
            "arn:aws:dynamodb:eu-west-1:123456789012:table/shop/stream/2020",
            "shardId-00000001541626099285-f35f62ef",
            FIRST,
            LAST,
        ),
    )
    result = run("--local", "--json", "dlq", "redrive", "publish-failures")
    assert (result.err, result.json["redriven"]) == ("", 1)
    published = _published(stack)
    of_conversation_1 = [name for name in published if name.startswith("conv_1:")]
    assert of_conversation_1 == [f"conv_1:{sequence}" for sequence in range(31 - len(of_conversation_1), 31)]
    assert 5 <= len(of_conversation_1) <= 7
    assert "conv_2:1" in published
    assert not [name for name in published if name.startswith("conv_old")]


def test_a_notice_that_cannot_be_read_stays(run: Run, stack: Stack) -> None:
    _fail(stack, "{}")
    result = run("--local", "--json", "dlq", "redrive", "publish-failures")
    assert (result.code, result.error["code"]) == (1, "bad_notice")
    assert len(stack.received("PublishFailuresQueueUrl")) == 1


def test_when_the_topic_does_not_take_it_the_notice_stays(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(stack, "conv_1", 1)
    arn, shard, records = _stream_records(stack)
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    _fail(stack, _notice(arn, shard, min(numbers, key=int), max(numbers, key=int)))
    stack.sns.delete_topic(TopicArn=stack.outputs["EventsTopicArn"])
    assert run("--local", "--json", "dlq", "redrive", "publish-failures").code == 1
    assert len(stack.received("PublishFailuresQueueUrl")) == 1
