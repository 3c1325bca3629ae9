"""The client, against a real server: what it sends, what it repeats, what it raises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shared.aws.client import (
    AwsClient,
    AwsError,
    CallRecord,
    ConditionFailed,
    Credentials,
    NotFound,
    Throttled,
    TransactionCancelled,
    Unreachable,
    Unsent,
)
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from tests.unit.aws.conftest import ScriptedServer


def error_body(code: str, **members: Any) -> bytes:
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "why", **members}).encode()


@pytest.mark.parametrize(
    ("service", "operation", "target", "content_type"),
    [
        ("dynamodb", "GetItem", "DynamoDB_20120810.GetItem", "application/x-amz-json-1.0"),
        ("sqs", "SendMessage", "AmazonSQS.SendMessage", "application/x-amz-json-1.0"),
        ("secretsmanager", "GetSecretValue", "secretsmanager.GetSecretValue", "application/x-amz-json-1.1"),
    ],
)
def test_a_call_is_one_signed_post_of_json(
    client: AwsClient, server: ScriptedServer, service: str, operation: str, target: str, content_type: str
) -> None:
    server.answer(200, '{"Item": "ü"}'.encode())

    assert client.call(service, operation, {"Key": "值"}) == {"Item": "ü"}

    [request] = server.received
    assert (request.method, request.target) == ("POST", "/")
    assert json.loads(request.body) == {"Key": "值"}
    assert request.headers["x-amz-target"] == target
    assert request.headers["content-type"] == content_type
    assert f"/eu-west-1/{service}/aws4_request" in request.headers["authorization"]
    assert request.headers["host"] in server.url


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ConditionalCheckFailedException", 400, ConditionFailed),
        ("TransactionCanceledException", 400, TransactionCancelled),
        ("ResourceNotFoundException", 400, NotFound),
        ("QueueDoesNotExist", 400, NotFound),
        ("ValidationException", 400, AwsError),
        ("AccessDeniedException", 400, AwsError),
    ],
)
def test_an_error_that_time_does_not_mend_is_raised_at_once(
    client: AwsClient, server: ScriptedServer, code: str, status: int, expected: type[AwsError]
) -> None:
    server.answer(status, error_body(code))

    with pytest.raises(AwsError) as raised:
        client.call("dynamodb", "PutItem", {})

    assert type(raised.value) is expected
    assert isinstance(raised.value, InfrastructureError)
    assert (raised.value.code, raised.value.message, raised.value.status) == (code, "why", status)
    assert len(server.received) == 1


def test_a_failed_condition_carries_the_item(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(400, error_body("ConditionalCheckFailedException", Item={"PK": {"S": "C#1"}}))

    with pytest.raises(ConditionFailed) as raised:
        client.call("dynamodb", "PutItem", {})

    assert raised.value.body["Item"] == {"PK": {"S": "C#1"}}
    assert "C#1" not in str(raised.value)


def test_a_cancelled_transaction_carries_its_reasons_and_is_not_repeated(
    client: AwsClient, server: ScriptedServer
) -> None:
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "ThrottlingError"}]
    server.answer(400, error_body("TransactionCanceledException", CancellationReasons=reasons))

    with pytest.raises(TransactionCancelled) as raised:
        client.call("dynamodb", "TransactWriteItems", {})

    assert raised.value.reasons == reasons
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error_body("ProvisionedThroughputExceededException")),
        (400, error_body("ThrottlingException")),
        (429, b""),
        (500, error_body("InternalServerError")),
        (503, b"<html>not from AWS</html>"),
    ],
)
def test_what_may_pass_is_tried_three_times_in_all(
    client: AwsClient, server: ScriptedServer, sleeps: list[float], status: int, body: bytes
) -> None:
    server.answer(status, body)
    server.answer(status, body)
    server.answer(200, b'{"done": true}')

    assert client.call("dynamodb", "PutItem", {}) == {"done": True}
    assert sleeps == [0.05, 0.1]


def test_after_three_tries_the_last_error_is_raised(client: AwsClient, server: ScriptedServer) -> None:
    for _ in range(3):
        server.answer(400, error_body("ThrottlingException"))

    with pytest.raises(Throttled):
        client.call("dynamodb", "PutItem", {})

    assert len(server.received) == 3


def test_the_waits_are_spread_over_the_whole_of_their_range(server: ScriptedServer) -> None:
    sleeps: list[float] = []
    fractions = iter([0.0, 0.5])
    client = AwsClient(
        "eu-west-1", Credentials("A", "s"), server.url, sleep=sleeps.append, random=lambda: next(fractions)
    )
    for _ in range(2):
        server.answer(500)

    client.call("dynamodb", "PutItem", {})

    assert sleeps == [0.0, 0.05]


def test_the_clients_own_randomness_is_a_fraction(server: ScriptedServer) -> None:
    sleeps: list[float] = []
    client = AwsClient("eu-west-1", Credentials("A", "s"), server.url, sleep=sleeps.append)
    for _ in range(20):
        server.answer(500)
        client.call("dynamodb", "PutItem", {})

    assert all(0 <= wait < 0.05 for wait in sleeps)
    assert len(set(sleeps)) == 20


def test_a_missing_answer_is_asked_for_again(client: AwsClient, server: ScriptedServer) -> None:
    server.hang()
    server.drop()
    server.answer(200, b'{"done": true}')

    assert client.call("dynamodb", "TransactWriteItems", {}, timeout=0.1) == {"done": True}


def test_a_transaction_keeps_its_token_when_it_is_repeated(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(500)
    client.call("dynamodb", "TransactWriteItems", {"TransactItems": []})
    client.call("dynamodb", "TransactWriteItems", {"TransactItems": []})

    first, repeated, other = (json.loads(request.body)["ClientRequestToken"] for request in server.received)

    assert first == repeated != other
    assert 1 <= len(first) <= 36


def test_a_transaction_may_bring_its_own_token(client: AwsClient, server: ScriptedServer) -> None:
    client.call("dynamodb", "TransactWriteItems", {"ClientRequestToken": "mine"})

    assert json.loads(server.received[0].body)["ClientRequestToken"] == "mine"


def test_nobody_listening_is_unreachable_after_three_tries(unused_url: str) -> None:
    sleeps: list[float] = []
    client = AwsClient("eu-west-1", Credentials("A", "s"), unused_url, sleep=sleeps.append)

    with pytest.raises(Unreachable, match="dynamodb GetItem: ConnectionRefusedError"):
        client.call("dynamodb", "GetItem", {})

    assert len(sleeps) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_would_be_done_twice_is_tried_once(
    client: AwsClient, server: ScriptedServer, sleeps: list[float], status: int
) -> None:
    server.answer(status)

    with pytest.raises(AwsError):
        client.request("ses", "POST", "/send", body=b"mail", once=True)

    assert (len(server.received), sleeps) == (1, [])


def test_a_lost_answer_is_told_from_a_call_that_never_went_out(
    client: AwsClient, server: ScriptedServer, unused_url: str
) -> None:
    server.drop()
    with pytest.raises(Unreachable) as lost:
        client.request("ses", "POST", "/send", body=b"mail", once=True)
    with pytest.raises(Unsent):
        client.request("ses", "POST", "/send", body=b"mail", endpoint=unused_url, once=True)

    assert not isinstance(lost.value, Unsent)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("header", "pause"), [({"retry-after": "7"}, 7.0), ({"retry-after": "soon"}, None), ({}, None)]
)
def test_an_error_says_how_long_to_wait_when_aws_does(
    client: AwsClient, server: ScriptedServer, header: dict[str, str], pause: float | None
) -> None:
    server.answer(429, b"{}", header)

    with pytest.raises(Throttled) as raised:
        client.request("ses", "POST", "/send", once=True)

    assert raised.value.retry_after == pause


def test_an_answer_that_is_no_json_is_an_error(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b"<html>")

    with pytest.raises(AwsError, match="MalformedAnswer"):
        client.call("dynamodb", "GetItem", {})


def test_an_empty_answer_is_an_empty_object(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b"")

    assert client.call("sqs", "DeleteMessage", {}) == {}


@pytest.mark.parametrize(
    ("status", "body", "headers", "code", "message", "expected"),
    [
        (404, b"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", {}, "NoSuchKey", "gone", NotFound),
        (404, b"", {}, "HTTP404", "", NotFound),
        (403, b"{}", {"x-amzn-ErrorType": "Forbidden:http://aws"}, "Forbidden", "", AwsError),
        (301, b"<Error><Code>PermanentRedirect</Code></Error>", {}, "PermanentRedirect", "", AwsError),
    ],
)
def test_errors_of_services_without_json_are_understood(
    client: AwsClient,
    server: ScriptedServer,
    status: int,
    body: bytes,
    headers: dict[str, str],
    code: str,
    message: str,
    expected: type[AwsError],
) -> None:
    server.answer(status, body, headers)

    with pytest.raises(AwsError) as raised:
        client.request("s3", "GET", "/bucket/key")

    assert (type(raised.value), raised.value.code, raised.value.message) == (expected, code, message)


def test_a_request_sends_method_path_query_headers_and_body(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(201, b"made", {"ETag": "1"})

    response = client.request(
        "s3", "PUT", "/b/k%20y", [("b", "2 "), ("a", "")], {"Content-Type": "text/plain"}, body=b"data"
    )

    assert (response.status, response.body, response.headers["etag"]) == (201, b"made", "1")
    [request] = server.received
    assert (request.method, request.target, request.body) == ("PUT", "/b/k%20y?a=&b=2%20", b"data")
    assert request.headers["content-type"] == "text/plain"


def test_a_request_may_go_to_an_address_of_its_own(server: ScriptedServer) -> None:
    client = AwsClient("eu-west-1", Credentials("A", "s"))

    client.request("execute-api", "POST", "/@connections/abc%3D", endpoint=f"{server.url}/prod")

    assert server.received[0].target == "/prod/@connections/abc%3D"


@pytest.mark.parametrize(
    ("region", "endpoint_url", "expected"),
    [
        ("eu-west-1", None, "https://sqs.eu-west-1.amazonaws.com"),
        ("cn-north-1", None, "https://sqs.cn-north-1.amazonaws.com.cn"),
        ("eu-west-1", "http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
    ],
)
def test_the_endpoint_follows_region_and_local_stack(region: str, endpoint_url: str | None, expected: str) -> None:
    assert AwsClient(region, Credentials("A", "s"), endpoint_url).endpoint("sqs") == expected


def test_a_client_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_REGION": "eu-north-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
    }.items():
        monkeypatch.setenv(name, value)

    client = AwsClient.from_environment()

    assert (client.region, client.endpoint_url) == ("eu-north-1", "http://127.0.0.1:1")
    assert client.credentials == Credentials("AKID", "secret", "token")


def test_a_missing_region_is_an_infrastructure_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)

    with pytest.raises(InfrastructureError, match="AWS_REGION"):
        AwsClient.from_environment()


def test_every_answered_call_is_reported(client: AwsClient, server: ScriptedServer) -> None:
    records: list[CallRecord] = []
    client.on_call = records.append
    consumed = {"ConsumedCapacity": {"WriteCapacityUnits": 2.0}}
    server.answer(500)
    server.answer(200, json.dumps(consumed).encode())
    server.answer(200, b"<ok/>")

    client.call("dynamodb", "PutItem", {"TableName": "t"})
    client.request("sns", "POST", "/", body=b"Action=x", operation="PublishBatch")

    assert records == [
        CallRecord("dynamodb", "PutItem", {"TableName": "t"}, {}, 500),
        CallRecord("dynamodb", "PutItem", {"TableName": "t"}, consumed, 200),
        CallRecord("sns", "PublishBatch", {"bytes": 8}, {"bytes": 5}, 200),
    ]


def test_the_client_imports_nothing_heavy() -> None:
    modules = ", ".join(
        f"shared.aws.{name}" for name in ("client", "queues", "topics", "secrets", "objects", "sockets", "attributes")
    )
    program = f"import sys, {modules}; print(*sys.modules)"
    root = Path(__file__).parents[3]

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=root, text=True)

    loaded = set(run.stdout.split())
    assert "shared.aws.client" in loaded
    heavy = {"boto3", "botocore", "urllib3", "requests", "msgspec", "pydantic", "dataclasses", "random", "pyexpat"}
    assert not loaded & heavy
