"""Given the consumer that the documentation shows, when customers write, then it has what it asked for, in order; and
what filters see of an event says nothing of anybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.outside import Outside, WeChatServer, eventually

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sqs_consumer.py"


@contextmanager
def running(outside: Outside, queue: str) -> Iterator[list[str]]:
    """The example as somebody would run it; the lines that it prints."""
    access = outside.local["aws"]
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": access["endpoint_url"],
        "AWS_DEFAULT_REGION": access["region"],
        "AWS_ACCESS_KEY_ID": access["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": access["secret_access_key"],
    }
    command = [sys.executable, str(EXAMPLE), outside.local["events_topic_arn"], queue]
    lines: list[str] = []
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def read_each() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))

    reader = threading.Thread(target=read_each, daemon=True)
    reader.start()
    try:
        yield lines
    finally:
        process.terminate()
        process.wait(10)
        reader.join(10)
        unsubscribe(outside, queue)


def unsubscribe(outside: Outside, queue: str) -> None:
    sns, sqs = outside.aws("sns"), outside.aws("sqs")
    listed = sns.list_subscriptions_by_topic(TopicArn=outside.local["events_topic_arn"])["Subscriptions"]
    for each in listed:
        if each["Endpoint"].endswith(queue):
            sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])


def subscribed(outside: Outside, queue: str) -> bool:
    found = outside.aws("sns").list_subscriptions_by_topic(TopicArn=outside.local["events_topic_arn"])
    return any(each["Endpoint"].endswith(queue) for each in found["Subscriptions"])


def test_the_documented_consumer_has_what_it_asked_for_in_order(outside: Outside) -> None:
    # given
    queue = f"example-{uuid.uuid4().hex[:8]}.fifo"
    server, openid = WeChatServer(outside), outside.wechat_user("Zhao Wei")
    with running(outside, queue) as lines:
        eventually(lambda: subscribed(outside, queue), 30)
        # when
        texts = [f"{number}-{uuid.uuid4().hex}" for number in range(4)]
        for number, text in enumerate(texts):
            assert server.push(openid, text, 9_400_000 + number).status == 200
        conversation = outside.conversation_with(texts[-1])
        outside.reply(conversation, {"type": "text", "text": "您好！"})
        # then
        mine = eventually(
            lambda: found if len(found := [each for each in lines if conversation in each]) >= 4 else None
        )
    told = [line.split() for line in mine]
    assert [(name, kind, text) for name, _, kind, text in told] == [
        (conversation, "message.received", text) for text in texts
    ]
    sequences = [int(sequence) for _, sequence, _, _ in told]
    assert sequences == sorted(sequences)


def test_what_filters_see_of_an_event_holds_no_personal_data(outside: Outside) -> None:
    # given
    sqs, queue = outside.aws("sqs"), f"attributes-{uuid.uuid4().hex[:8]}.fifo"
    url = sqs.create_queue(QueueName=queue, Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sender = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [{**sender, "Resource": arn}]})}
    )
    outside.aws("sns").subscribe(
        TopicArn=outside.local["events_topic_arn"],
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    openid, text = outside.wechat_user("Sun Li"), f"my number is 13800138000 {uuid.uuid4().hex}"
    # when
    WeChatServer(outside).push(openid, text, 9_500_001)
    conversation = outside.conversation_with(text)
    accepted = outside.reply(conversation, {"type": "text", "text": "谢谢"})
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "sent")
    # then
    seen: list[dict[str, Any]] = []

    def complete() -> bool:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if json.loads(message["Body"])["subject"] == conversation:
                seen.append({"own": message["MessageAttributes"], "system": message["Attributes"]})
        return len(seen) >= 4

    eventually(complete)
    unsubscribe(outside, queue)
    shown = json.dumps(seen, ensure_ascii=False)
    for personal in (text, "13800138000", openid, "Sun Li", "谢谢"):
        assert personal not in shown
    names = {name for each in seen for name in each["own"]}
    assert names <= {"type", "channel", "origin", "tasks"}
    assert {each["own"]["type"]["StringValue"] for each in seen} >= {"message.received", "message.sent"}
