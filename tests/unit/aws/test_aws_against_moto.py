"""The same calls against moto's server: the services' own protocols, as somebody else reads them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from shared.aws.attributes import decode_item, encode_item
from shared.aws.client import AwsClient, ConditionFailed, Credentials, NotFound, TransactionCancelled
from shared.aws.objects import Objects
from shared.aws.queues import QueueEntry, Queues
from shared.aws.secrets import Secrets
from shared.aws.topics import TopicEntry, Topics
from shared.errors import UnknownAccount

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION: Final = "eu-west-1"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def lean(moto_url: str) -> AwsClient:
    return AwsClient(REGION, Credentials("AKIDEXAMPLE", "secret", "token"), moto_url)


@pytest.fixture
def boto(moto_url: str) -> boto3.session.Session:
    return boto3.session.Session("AKIDEXAMPLE", "secret", region_name=REGION)


def test_items_are_written_read_and_guarded(lean: AwsClient, boto: boto3.session.Session, moto_url: str) -> None:
    boto.client("dynamodb", endpoint_url=moto_url).create_table(
        TableName="log",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"PK": "C#1", "text": "你好 ", "count": 3, "ratio": 0.5, "tags": {"a"}, "raw": b"\x00", "map": {"x": [None]}}
    put = {"TableName": "log", "Item": encode_item(item), "ConditionExpression": "attribute_not_exists(PK)"}

    lean.call("dynamodb", "PutItem", put)
    found = lean.call("dynamodb", "GetItem", {"TableName": "log", "Key": encode_item({"PK": "C#1"})})

    assert decode_item(found["Item"]) == item
    with pytest.raises(ConditionFailed):
        lean.call("dynamodb", "PutItem", put)
    write = {"Put": {**put, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
    with pytest.raises(TransactionCancelled) as cancelled:
        lean.call("dynamodb", "TransactWriteItems", {"TransactItems": [write]})
    [reason] = cancelled.value.reasons
    assert reason["Code"] == "ConditionalCheckFailed"
    assert decode_item(reason["Item"]) == item
    with pytest.raises(NotFound):
        lean.call("dynamodb", "GetItem", {"TableName": "none", "Key": encode_item({"PK": "C#1"})})


def received(boto: boto3.session.Session, moto_url: str, queue_url: str) -> list[str]:
    sqs = boto.client("sqs", endpoint_url=moto_url)
    answer: Any = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_messages_reach_a_fifo_queue_in_order(lean: AwsClient, boto: boto3.session.Session, moto_url: str) -> None:
    sqs = boto.client("sqs", endpoint_url=moto_url)
    url = sqs.create_queue(QueueName="in.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    queues = Queues(lean)

    assert queues.send(url, "一", "g", "1")
    assert queues.send_batch(url, [QueueEntry(f"id:{n}", f"body {n}", "g", f"d{n}") for n in range(3)]) == []

    assert received(boto, moto_url, url) == ["一", "body 0", "body 1", "body 2"]
    with pytest.raises(NotFound):
        queues.send(url.replace("in.fifo", "none.fifo"), "body", "g", "1")


def test_events_reach_a_queue_through_a_filter_on_attributes(
    lean: AwsClient, boto: boto3.session.Session, moto_url: str
) -> None:
    sns, sqs = boto.client("sns", endpoint_url=moto_url), boto.client("sqs", endpoint_url=moto_url)
    arn = sns.create_topic(Name="events.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    url = sqs.create_queue(QueueName="out.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"type": ["message.sent"], "channels": ["wechat"]})
    sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=queue_arn,
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": policy},
    )
    wanted: dict[str, str | list[str]] = {"type": "message.sent", "channels": ["sms", "wechat"]}
    other: dict[str, str | list[str]] = {"type": "message.sent", "channels": ["sms"]}

    failed = Topics(lean).publish_batch(
        arn,
        [
            TopicEntry("evt:1", '{"text": "a & <b> 你"}', "c1", "1", wanted),
            TopicEntry("evt:2", "filtered out", "c1", "2", other),
        ],
    )

    assert failed == []
    assert received(boto, moto_url, url) == ['{"text": "a & <b> 你"}']
    with pytest.raises(NotFound):
        Topics(lean).publish_batch(f"{arn[:-5]}-none.fifo", [TopicEntry("1", "x", "c", "1")])


def test_both_versions_of_an_account_are_read(lean: AwsClient, boto: boto3.session.Session, moto_url: str) -> None:
    manager = boto.client("secretsmanager", endpoint_url=moto_url)
    manager.create_secret(Name="onethread/slack/main", SecretString='{"token": "one"}')
    fresh = Secrets(lean, "onethread/", time.monotonic).account("slack", "main")
    assert (fresh.current, fresh.previous()) == ({"token": "one"}, None)

    manager.put_secret_value(SecretId="onethread/slack/main", SecretString='{"token": "two"}')
    rotated = Secrets(lean, "onethread/", time.monotonic).account("slack", "main")
    assert (rotated.current, rotated.previous()) == ({"token": "two"}, {"token": "one"})

    manager.delete_secret(SecretId="onethread/slack/main", RecoveryWindowInDays=7)
    for account in ("main", "never-there"):
        with pytest.raises(UnknownAccount):
            Secrets(lean, "onethread/", time.monotonic).account("slack", account)


def test_objects_are_put_read_and_lent(lean: AwsClient, boto: boto3.session.Session, moto_url: str) -> None:
    s3 = boto.client("s3", endpoint_url=moto_url)
    s3.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": REGION})
    objects = Objects(lean)
    key = "conv_1/照片 (1)+&=.png"

    objects.put("media", key, b"\x89PNG", "image/png", {"sha": "abc"})

    assert objects.get("media", key) == b"\x89PNG"
    head = objects.head("media", key)
    assert (head.size, head.content_type, head.metadata) == (4, "image/png", {"sha": "abc"})
    with urlopen(objects.presigned_get("media", key, 60, disposition="attachment")) as answer:
        assert answer.read() == b"\x89PNG"
    for read in (objects.get, objects.head):
        with pytest.raises(NotFound):
            read("media", "none")


def test_a_form_uploads_the_object_it_was_made_for(lean: AwsClient, boto: boto3.session.Session, moto_url: str) -> None:
    s3 = boto.client("s3", endpoint_url=moto_url)
    s3.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": REGION})
    form = Objects(lean).presigned_post("uploads", "up/1", "text/plain", 100, 60)
    fields = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.fields.items()
    )
    file = '--edge\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhello\r\n--edge--\r\n'

    with urlopen(
        Request(form.url, (fields + file).encode(), {"content-type": "multipart/form-data; boundary=edge"})
    ) as answer:
        assert answer.status == 204

    assert Objects(lean).get("uploads", "up/1") == b"hello"
