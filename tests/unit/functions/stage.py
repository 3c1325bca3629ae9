"""The functions of a stack in this process, on an imitation of AWS: HTTP in, queues, stream and topic, HTTP out."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from functions import chat, deliver, ingest, publish, webhook
from functions.api import application
from functions.bootstrap import store
from shared.aws.api_keys import DynamoApiKeys
from shared.aws.client import AwsClient, Credentials
from shared.core.api_keys import Scope
from shared.model.identifiers import identity_id
from tests.support.tables import create_table
from tests.unit.functions.http_events import Answer, checked, http_event, read_answer
from tests.unit.wechat import pushes

REGION = "eu-west-1"
SHOP = "https://shop.example"


@dataclass
class Stage:
    """One stack: its table, queues, topic, bucket and secrets, under names of its own.

    ``wire`` is every message as it was seen in a queue, with its attributes.
    """

    endpoint: str
    name: str = field(default_factory=lambda: f"stage{uuid4().hex[:12]}")
    wire: list[dict[str, Any]] = field(default_factory=list)
    _iterator: str | None = None

    def build(self, environment: pytest.MonkeyPatch) -> None:
        """Makes everything, and tells the functions where it is."""
        self.client = AwsClient(REGION, Credentials("AKIATEST", "test-secret"), self.endpoint)
        create_table(self.client, self.name, stream=True)
        queues = {
            "inbound": "inbound.fifo",
            "outbound": "outbound.fifo",
            "media": "media",
            "timers": "timers",
            "forward": "forward.fifo",
            "inbound-dlq": "inbound-dlq.fifo",
            "outbound-dlq": "outbound-dlq.fifo",
        }
        self.queues = {name: self._queue(f"{self.name}-{suffix}") for name, suffix in queues.items()}
        topic = self._topic()
        self._subscribe(topic, "outbound", ["send", "push", "profile"])
        self.client.request("s3", "PUT", f"/{self.name}", operation="CreateBucket", body=_BUCKET)
        self.client.call("secretsmanager", "CreateSecret", {"Name": f"{self.name}-session", "SecretString": "s" * 40})
        self.client.call("secretsmanager", "CreateSecret", {"Name": f"{self.name}-seal", "SecretString": "w" * 40})
        for name in [each for each in os.environ if each.startswith(("AWS_", "POWERTOOLS_"))]:
            environment.delenv(name)
        settings = {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "test-secret",
            "AWS_ENDPOINT_URL": self.endpoint,
            "TABLE_NAME": self.name,
            "DESK_ORIGINS": "https://desk.example,https://*.desks.example",
            "LINKED_HISTORY": "provider,signed_token,code",
            "SECRETS_PREFIX": f"{self.name}/",
            "SESSION_SECRET": f"{self.name}-session",
            "INBOUND_QUEUE_URL": self.queues["inbound"],
            "OUTBOUND_QUEUE_URL": self.queues["outbound"],
            "MEDIA_QUEUE_URL": self.queues["media"],
            "TIMERS_QUEUE_URL": self.queues["timers"],
            "FORWARD_QUEUE_URL": self.queues["forward"],
            "HELPDESK_SECRETS_PREFIX": f"{self.name}-helpdesk/",
            "LOOPBACK_WEBHOOKS": "true",
            "INBOUND_ASIDE_URL": self.queues["inbound-dlq"],
            "OUTBOUND_ASIDE_URL": self.queues["outbound-dlq"],
            "EVENTS_TOPIC_ARN": topic,
            "EVENT_SOURCE": "urn:onethread:test",
            "MEDIA_BUCKET": self.name,
            "MAIL_BUCKET": f"{self.name}-mail",
            "MAIL_CONFIGURATION_SET": f"{self.name}-mail",
            "SEAL_SECRET": f"{self.name}-seal",
            "SOCKET_URL": "wss://chat.example/chat",
            "SOCKET_MANAGEMENT_URL": f"{self.endpoint}/sockets",
            "PUBLIC_URL": "https://api.example",
        }
        for name, value in settings.items():
            environment.setenv(name, value)
        forget()

    def account(self, channel: str, account: str, settings: Mapping[str, Any]) -> None:
        secret = {"Name": f"{self.name}/{channel}/{account}", "SecretString": json.dumps(dict(settings))}
        self.client.call("secretsmanager", "CreateSecret", secret)

    def key(self, *scopes: Scope) -> str:
        """A new API key, as text."""
        _, text = DynamoApiKeys(self.client, self.name, time.time).issue("test", scopes)
        return text

    def api(
        self,
        method: str,
        path: str,
        value: object = None,
        *,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        """A call of the API; ``value`` goes as JSON."""
        headers: dict[str, str] = dict(more.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if value is not None:
            more["body"] = json.dumps(value)
            headers.setdefault("Content-Type", "application/json")
        event = http_event(method, path, headers=headers, query=urlencode(query or {}), **more)
        return checked(event, read_answer(application.handler(event, None)))

    def push(self, body: bytes, account: str = "plain") -> Answer:
        """A push of WeChat, signed now."""
        make = pushes.secure_request if account == "secure" else pushes.plain_request
        request = make(body, now=time.time())
        return self.hook(request.body.decode(), dict(request.query), account)

    def says(self, sender: str, text: str = "hello", **fields: str) -> str:
        """A customer's text on wechat/plain, as far as into the log; returns the conversation's id."""
        now = str(int(time.time()))
        values = {"FromUserName": sender, "CreateTime": now, "MsgId": uuid4().hex, "Content": text, **fields}
        assert self.push(pushes.xml(**values)).status == 200
        self.take_in()
        stored = store.people().identity(identity_id("wechat", "plain", sender))
        assert stored is not None
        assert stored.conversation_id is not None
        return stored.conversation_id

    def hook(self, body: str, query: Mapping[str, str], account: str = "plain", **headers: str) -> Answer:
        path = f"/hooks/wechat/{account}"
        parameters = {"channel": "wechat", "account": account}
        event = http_event("POST", path, body=body, query=urlencode(query), parameters=parameters, headers=headers)
        return checked(event, read_answer(webhook.handler(event, None)))

    def chat(self, path: str, value: object, token: str | None = None) -> Answer:
        """A call of the web-chat widget, from the shop's page."""
        headers = {"origin": SHOP} | ({"authorization": f"Bearer {token}"} if token else {})
        event = http_event("POST", f"/chat/main/{path}", body=json.dumps(value), headers=headers)
        return checked(event, read_answer(chat.handler(event, None)))

    def run(self) -> None:
        """Lets everything that is under way arrive: the inbound queue, the stream, and the outbound queue."""
        for _ in range(2):
            self.take_in()
            records = self.stream()
            if records:
                publish.handler({"Records": records}, None)
            for event in self.batches("outbound"):
                self._finish("outbound", event, deliver.handler(event, None))

    def take_in(self) -> None:
        """Lets what is in the inbound queue arrive in the log."""
        for event in self.batches("inbound"):
            self._finish("inbound", event, ingest.handler(event, None))

    def batches(self, queue: str) -> list[dict[str, Any]]:
        """What is in a queue now, as events of Lambda."""
        found = []
        while records := self._receive(queue):
            found.append({"Records": records})
        return found

    def stream(self) -> list[dict[str, Any]]:
        """The records that the table's stream has had since the last call."""
        streams = self._streams
        if self._iterator is None:
            arn = streams.list_streams(TableName=self.name)["Streams"][0]["StreamArn"]
            shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
            self._iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
                "ShardIterator"
            ]
        found: list[dict[str, Any]] = []
        while True:
            # One page need not be all there is.
            answer = streams.get_records(ShardIterator=self._iterator)
            self._iterator = answer["NextShardIterator"]
            if not answer["Records"]:
                return found
            found += [dict(record) for record in answer["Records"]]

    @cached_property
    def _streams(self) -> Any:
        import boto3

        return boto3.client(
            "dynamodbstreams",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="AKIATEST",
            aws_secret_access_key="test-secret",
        )

    def _receive(self, queue: str) -> list[dict[str, Any]]:
        request = {
            "QueueUrl": self.queues[queue],
            "MaxNumberOfMessages": 10,
            "MessageSystemAttributeNames": ["All"],
            "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        }
        received = self.client.call("sqs", "ReceiveMessage", request).get("Messages", [])
        self.wire += [{**message, "queue": queue} for message in received]
        return [record(message) for message in received]

    def _finish(self, queue: str, event: dict[str, Any], response: Mapping[str, Any]) -> None:
        failed = {each["itemIdentifier"] for each in response["batchItemFailures"]}
        for each in event["Records"]:
            if each["messageId"] not in failed:
                request = {"QueueUrl": self.queues[queue], "ReceiptHandle": each["receiptHandle"]}
                self.client.call("sqs", "DeleteMessage", request)

    def _queue(self, name: str) -> str:
        request: dict[str, Any] = {"QueueName": name}
        if name.endswith(".fifo"):
            request["Attributes"] = {"FifoQueue": "true"}
        url: str = self.client.call("sqs", "CreateQueue", request)["QueueUrl"]
        return url

    def _topic(self) -> str:
        self._sns(
            {"Action": "CreateTopic", "Name": f"{self.name}.fifo", **_entry("Attributes", 1, "FifoTopic", "true")}
        )
        return f"arn:aws:sns:{REGION}:123456789012:{self.name}.fifo"

    def _subscribe(self, topic: str, queue: str, tasks: list[str]) -> None:
        form = {
            "Action": "Subscribe",
            "TopicArn": topic,
            "Protocol": "sqs",
            "Endpoint": f"arn:aws:sqs:{REGION}:123456789012:{self.name}-{queue}.fifo",
            **_entry("Attributes", 1, "RawMessageDelivery", "true"),
            **_entry("Attributes", 2, "FilterPolicy", json.dumps({"tasks": tasks})),
        }
        self._sns(form)

    def _sns(self, form: dict[str, str]) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({"Version": "2010-03-31", **form}).encode()
        self.client.request("sns", "POST", "/", headers=headers, body=body)


_BUCKET = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"


def _entry(name: str, number: int, key: str, value: str) -> dict[str, str]:
    return {f"{name}.entry.{number}.key": key, f"{name}.entry.{number}.value": value}


def record(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message of SQS as Lambda hands it to a function."""
    attributes = {
        name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {name: str(value) for name, value in message["Attributes"].items()},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
    }


def forget() -> None:
    """Makes the functions cold: whatever they keep while they are warm is of another stack."""
    warm = [module for name, module in sys.modules.items() if name.startswith("functions.")]
    for value in [value for module in warm for value in vars(module).values()]:
        clear = getattr(value, "cache_clear", None)
        if clear is not None:
            clear()
