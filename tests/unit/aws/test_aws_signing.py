"""Signatures, held against those of botocore at the same frozen second."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from shared.aws.signing import Credentials, SigningRequest, canonical_query, presign_get, presign_post, sign
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_790_000_000.0
REGION = "eu-central-1"
PERMANENT = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = PERMANENT._replace(session_token="IQoJb3JpZ2luX2VjEXAMPLE//token+with/odd=signs==")

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
any_credentials = st.sampled_from([PERMANENT, TEMPORARY])


@pytest.fixture(autouse=True, scope="module")
def frozen_botocore() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    moment = datetime.datetime.fromtimestamp(NOW, datetime.UTC).replace(tzinfo=None)
    patch.setattr(botocore.auth, "get_current_datetime", lambda: moment)
    yield
    patch.undo()


def botocore_credentials(credentials: Credentials) -> BotocoreCredentials:
    return BotocoreCredentials(*credentials)


def signed_by_botocore(request: SigningRequest, credentials: Credentials, service: str) -> dict[str, str]:
    url = f"https://{request.host}{request.path}" + (f"?{request.query}" if request.query else "")
    aws_request = AWSRequest(request.method, url, headers=dict(request.headers), data=request.body)
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    if service == "s3":
        aws_request.context["payload_signing_enabled"] = True
    signer(botocore_credentials(credentials), service, REGION).add_auth(aws_request)
    return {name.lower(): value for name, value in aws_request.headers.items()}


@pytest.mark.parametrize("credentials", [PERMANENT, TEMPORARY], ids=["permanent", "temporary"])
def test_a_json_call_is_signed_as_botocore_signs_it(credentials: Credentials) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}
    request = SigningRequest("POST", "dynamodb.eu-central-1.amazonaws.com", "/", "", headers, b'{"TableName":"t"}')

    assert sign(request, credentials, REGION, "dynamodb", NOW) == signed_by_botocore(request, credentials, "dynamodb")


@given(
    segments=st.lists(text | st.sampled_from(["", ".", "..", "a b", "%3D", "~", "*"]), max_size=4),
    query=st.lists(st.tuples(text, text), max_size=4),
    credentials=any_credentials,
    service=st.sampled_from(["execute-api", "s3", "sns"]),
)
def test_odd_characters_in_paths_and_queries_are_signed_as_botocore_signs_them(
    segments: list[str], query: list[tuple[str, str]], credentials: Credentials, service: str
) -> None:
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    request = SigningRequest("GET", "example.amazonaws.com", path, canonical_query(query), {}, b"")

    signed = sign(request, credentials, REGION, service, NOW)

    assert signed["authorization"] == signed_by_botocore(request, credentials, service)["authorization"]


def test_spaces_inside_a_header_are_folded_for_the_signature_and_sent_as_they_are() -> None:
    request = SigningRequest("PUT", "b.s3.amazonaws.com", "/k", "", {"X-Amz-Meta-Name": " two  spaces "}, b"body")

    signed = sign(request, PERMANENT, REGION, "s3", NOW)

    assert signed["authorization"] == signed_by_botocore(request, PERMANENT, "s3")["authorization"]
    assert signed["x-amz-meta-name"] == " two  spaces "


def test_a_request_to_s3_names_the_hash_of_its_body() -> None:
    request = SigningRequest("PUT", "b.s3.amazonaws.com", "/k", "", {}, b"body")

    signed = sign(request, PERMANENT, REGION, "s3", NOW)

    assert signed["x-amz-content-sha256"] == signed_by_botocore(request, PERMANENT, "s3")["x-amz-content-sha256"]


def test_the_signing_key_follows_the_day_and_the_secret() -> None:
    request = SigningRequest("POST", "sqs.amazonaws.com", "/", "", {}, b"")
    other = PERMANENT._replace(secret_access_key="another")

    signatures = {
        sign(request, credentials, REGION, "sqs", now)["authorization"].rpartition("=")[2]
        for credentials in (PERMANENT, other)
        for now in (NOW, NOW + 86_400)
    }

    assert len(signatures) == 4


@given(
    key=text.filter(bool),
    disposition=st.none() | text,
    content_type=st.none() | st.just("image/png"),
    credentials=any_credentials,
    expires=st.integers(1, 604_800),
)
def test_a_presigned_address_is_the_one_that_botocore_gives(
    key: str, disposition: str | None, content_type: str | None, credentials: Credentials, expires: int
) -> None:
    origin, path = "https://bucket.s3.eu-central-1.amazonaws.com", "/" + quote(key, safe="/~")
    extra = {"response-content-disposition": disposition, "response-content-type": content_type}
    query = canonical_query([(name, value) for name, value in extra.items() if value is not None])
    expected = AWSRequest("GET", f"{origin}{path}" + (f"?{query}" if query else ""))
    botocore.auth.S3SigV4QueryAuth(botocore_credentials(credentials), "s3", REGION, expires).add_auth(expected)

    url = presign_get(
        origin,
        path,
        credentials,
        REGION,
        expires=expires,
        now=NOW,
        response_content_disposition=disposition,
        response_content_type=content_type,
    )

    ours, theirs = urlsplit(url), urlsplit(str(expected.url))
    assert (ours.netloc, ours.path) == (theirs.netloc, theirs.path)
    assert sorted(parse_qsl(ours.query, True)) == sorted(parse_qsl(theirs.query, True))


@pytest.mark.parametrize("credentials", [PERMANENT, TEMPORARY], ids=["permanent", "temporary"])
def test_a_presigned_form_is_the_one_that_botocore_gives(credentials: Credentials) -> None:
    key, content_type = "uploads/照片 1.png", "image/png"
    url = "https://bucket.s3.eu-central-1.amazonaws.com/"
    request = AWSRequest("POST", url)
    conditions: list[Any] = [
        {"bucket": "bucket"},
        ["content-length-range", 1, 1000],
        {"key": key},
        {"Content-Type": content_type},
    ]
    request.context["s3-presign-post-fields"] = {"key": key, "Content-Type": content_type}
    request.context["s3-presign-post-policy"] = {"expiration": "2026-09-21T14:18:20Z", "conditions": conditions}
    botocore.auth.S3SigV4PostAuth(botocore_credentials(credentials), "s3", REGION).add_auth(request)

    form = presign_post(
        url,
        "bucket",
        key,
        credentials,
        REGION,
        content_type=content_type,
        maximum_bytes=1000,
        expires=300,
        now=NOW,
    )

    assert form.url == url
    assert form.fields == request.context["s3-presign-post-fields"]


def test_a_frame_to_a_socket_is_addressed_and_signed_as_boto3_does_it() -> None:
    sent: list[Any] = []
    theirs = boto3.client(
        "apigatewaymanagementapi",
        region_name=REGION,
        endpoint_url="https://abc.execute-api.eu-central-1.amazonaws.com/prod",
        aws_access_key_id=PERMANENT.access_key_id,
        aws_secret_access_key=PERMANENT.secret_access_key,
    )

    def stop(request: Any, **_: Any) -> None:
        sent.append(request)
        raise ConnectionAbortedError

    theirs.meta.events.register("before-send", stop)
    with pytest.raises(ConnectionAbortedError):
        theirs.post_to_connection(ConnectionId="R0oXAdfD0kwCH6w=", Data=b"{}")
    path = f"/prod/@connections/{quote('R0oXAdfD0kwCH6w=', safe='')}"
    headers = {"content-type": "application/octet-stream"} if "Content-Type" in sent[0].headers else {}
    request = SigningRequest("POST", "abc.execute-api.eu-central-1.amazonaws.com", path, "", headers, b"{}")

    signed = sign(request, PERMANENT, REGION, "execute-api", NOW)

    assert urlsplit(sent[0].url).path == path
    assert signed["authorization"] == sent[0].headers["Authorization"].decode()


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")

    assert Credentials.from_environment() == Credentials("AKID", "secret", None)


def test_missing_credentials_are_an_infrastructure_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)

    with pytest.raises(InfrastructureError, match="AWS_SECRET_ACCESS_KEY"):
        Credentials.from_environment()


def test_the_text_form_of_credentials_shows_no_secret() -> None:
    shown = f"{TEMPORARY!r} {TEMPORARY}"

    assert TEMPORARY.secret_access_key not in shown
    assert str(TEMPORARY.session_token) not in shown
