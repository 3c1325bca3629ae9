"""Objects in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.aws.client import AwsClient, Credentials, NotFound
from shared.aws.connection import ResponseTooLarge
from shared.aws.objects import ObjectHead, Objects

if TYPE_CHECKING:
    from tests.unit.aws.conftest import ScriptedServer


@pytest.fixture
def real() -> Objects:
    """As in a Lambda function: no local stack."""
    return Objects(AwsClient("eu-west-1", Credentials("AKID", "secret"), clock=lambda: 1_790_000_000.0))


def test_an_object_is_put_with_its_type_and_metadata(client: AwsClient, server: ScriptedServer) -> None:
    Objects(client).put("mail", "raw/a b+ü", b"data", "message/rfc822", {"Source": "ses"})

    [request] = server.received
    assert (request.method, request.target, request.body) == ("PUT", "/mail/raw/a%20b%2B%C3%BC", b"data")
    assert request.headers["content-type"] == "message/rfc822"
    assert request.headers["x-amz-meta-source"] == "ses"


def test_metadata_that_headers_cannot_carry_is_refused(client: AwsClient, server: ScriptedServer) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        Objects(client).put("mail", "key", b"", "text/plain", {"name": "ü"})

    assert server.received == []


def test_an_object_is_read_whole(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b"\x00\xff")

    assert Objects(client).get("mail", "key") == b"\x00\xff"


def test_an_object_over_the_limit_is_not_read(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(200, b"12345")

    with pytest.raises(ResponseTooLarge):
        Objects(client).get("mail", "key", limit=4)


def test_a_missing_object_is_not_found(client: AwsClient, server: ScriptedServer) -> None:
    server.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    with pytest.raises(NotFound, match="NoSuchKey"):
        Objects(client).get("mail", "key")


def test_the_head_of_an_object_is_its_size_type_and_metadata(client: AwsClient, server: ScriptedServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Type: image/png\r\nx-amz-meta-Source: ses\r\n\r\n"
    server.raw(head, close=False)

    assert Objects(client).head("mail", "key") == ObjectHead(7, "image/png", {"source": "ses"})
    assert server.received[0].method == "HEAD"


def test_the_bucket_is_in_the_host_name_on_aws(real: Objects) -> None:
    url = urlsplit(real.presigned_get("media", "a/b c.png", 60))

    assert (url.scheme, url.netloc, url.path) == ("https", "media.s3.eu-west-1.amazonaws.com", "/a/b%20c.png")


def test_a_bucket_with_a_dot_is_in_the_path(real: Objects) -> None:
    url = urlsplit(real.presigned_get("media.example", "key", 60))

    assert (url.netloc, url.path) == ("s3.eu-west-1.amazonaws.com", "/media.example/key")


def test_the_bucket_is_in_the_path_on_a_local_stack(client: AwsClient, server: ScriptedServer) -> None:
    assert Objects(client).presigned_get("media", "key", 60).startswith(f"{server.url}/media/key?")


def test_a_presigned_address_carries_the_answers_headers_and_its_end(real: Objects) -> None:
    url = real.presigned_get("media", "key", 60, disposition='attachment; filename="a.png"', content_type="image/png")

    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-disposition"] == ['attachment; filename="a.png"']
    assert query["response-content-type"] == ["image/png"]


def test_a_presigned_form_names_key_and_type(real: Objects) -> None:
    form = real.presigned_post("media", "up/1", "image/png", 1000, 60)

    assert form.url == "https://media.s3.eu-west-1.amazonaws.com/"
    assert (form.fields["key"], form.fields["Content-Type"]) == ("up/1", "image/png")
