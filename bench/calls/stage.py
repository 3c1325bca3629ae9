"""The functions in this process, wired to a real DynamoDB engine and to the stub."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import Any
from unittest.mock import patch

from bench import workload
from bench.calls.metering import CREDENTIALS, REGION, SHADOW, MeteredClient
from bench.stub import running_stub
from functions.bootstrap import environment, relay
from shared.ports.http import HttpResponse

TABLE = "bench"


class Subscriber:
    """Takes everything at once. What its TLS costs us is not counted; the wait for it is."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        return HttpResponse(204, {}, b"")


class Stage:
    """``client`` is what the functions call AWS with; ``logs`` is everything that they have logged."""

    def __init__(self, client: MeteredClient, dynamodb_url: str, logs: io.StringIO) -> None:
        self.client = client
        self.logs = logs
        self._stream = _Stream(dynamodb_url)

    def changes(self) -> list[dict[str, Any]]:
        """The stream's records since the last time, through the filter of the publish function (template.yaml)."""
        records = self._stream.read()
        return [
            record
            for record in records
            if record["eventName"] != "REMOVE" and record["dynamodb"]["Keys"]["SK"]["S"].startswith("E#")
        ]


@contextmanager
def staged() -> Iterator[Stage]:
    """Everything that the functions log goes to the stage, also what later parts of this process make them log."""
    from tests.support.engines import dynamodb_local
    from tests.support.tables import create_table

    with ExitStack() as stack:
        engine = stack.enter_context(dynamodb_local())
        stub = stack.enter_context(running_stub(workload.ACCOUNTS))
        client = MeteredClient(stub.url, engine.endpoint)
        create_table(client.plain, TABLE)
        create_table(client.plain, SHADOW)
        logs = io.StringIO()
        stack.enter_context(patch.dict(os.environ, settings(stub.url)))
        stack.enter_context(patch.object(environment, "client", lambda: client))
        stack.enter_context(patch.object(relay, "webhook_client", Subscriber))
        stack.enter_context(redirect_stderr(logs))
        stack.enter_context(redirect_stdout(logs))
        yield Stage(client, engine.endpoint, logs)


def settings(url: str) -> dict[str, str]:
    """The functions' environment (template.yaml)."""
    return {
        "AWS_REGION": REGION,
        "TABLE_NAME": TABLE,
        "DESK_ORIGINS": "",
        "LINKED_HISTORY": "provider,signed_token,code",
        "INBOUND_QUEUE_URL": f"{url}/123456789012/bench-inbound.fifo",
        "OUTBOUND_QUEUE_URL": f"{url}/123456789012/bench-outbound.fifo",
        "INBOUND_ASIDE_URL": f"{url}/123456789012/bench-inbound-dlq.fifo",
        "OUTBOUND_ASIDE_URL": f"{url}/123456789012/bench-outbound-dlq.fifo",
        "FORWARD_QUEUE_URL": f"{url}/123456789012/bench-forward.fifo",
        "FORWARD_ASIDE_URL": f"{url}/123456789012/bench-forward-dlq.fifo",
        "HELPDESK_SECRETS_PREFIX": "bench-helpdesk/",
        "LOOPBACK_WEBHOOKS": "false",
        "MEDIA_QUEUE_URL": f"{url}/123456789012/bench-media",
        "TIMERS_QUEUE_URL": f"{url}/123456789012/bench-timers",
        "EVENTS_TOPIC_ARN": f"arn:aws:sns:{REGION}:123456789012:bench-events.fifo",
        "EVENT_SOURCE": "urn:onethread:bench",
        "SECRETS_PREFIX": workload.SECRETS_PREFIX,
        "SESSION_SECRET": workload.SESSION_SECRET,
        "MEDIA_BUCKET": "bench-media",
        "MAIL_BUCKET": "bench-mail",
        "MAIL_CONFIGURATION_SET": "bench-mail",
        "SEAL_SECRET": workload.SEAL_SECRET,
        "PUBLIC_URL": "https://bench.example",
        "SOCKET_URL": "wss://bench.example/chat",
        "SOCKET_MANAGEMENT_URL": f"{url}/chat",
        "POWERTOOLS_METRICS_NAMESPACE": "onethread",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
    }


class _Stream:
    """The table's stream, read to its end each time."""

    def __init__(self, endpoint: str) -> None:
        import boto3

        session = boto3.session.Session(CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, region_name=REGION)
        self._client = session.client("dynamodbstreams", endpoint_url=endpoint)
        table = session.client("dynamodb", endpoint_url=endpoint).describe_table(TableName=TABLE)["Table"]
        self._arn = table["LatestStreamArn"]
        self._iterator: str | None = None

    def read(self) -> list[Any]:
        if self._iterator is None:
            shard = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"][0]["ShardId"]
            answer = self._client.get_shard_iterator(
                StreamArn=self._arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )
            self._iterator = answer["ShardIterator"]
        found: list[Any] = []
        while True:
            page = self._client.get_records(ShardIterator=self._iterator, Limit=1000)
            self._iterator = page["NextShardIterator"]
            found += page["Records"]
            if not page["Records"]:
                return found
