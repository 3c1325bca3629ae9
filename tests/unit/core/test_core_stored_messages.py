"""Messages in the log: stored without what is known anyway, read with the states beside them and with addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.aws.client import AwsClient, Credentials
from shared.aws.media_bucket import MediaAddresses, S3MediaBucket, SentFiles
from shared.aws.objects import Objects
from shared.core.delivery_state import DeliveryState
from shared.core.messages import read_message, stored_form
from shared.core.records import Entry
from shared.errors import DeliveryError
from shared.model.identifiers import media_id
from shared.model.media import Media
from shared.model.message import Author, Channel, Message
from shared.model.parts import FilePart, ImagePart, Part, TextPart
from shared.model.text import flatten
from shared.ports.http import HttpResponse
from tests.support.stores import Surroundings

MEDIA_ID = media_id(1_800_000_000.0)


def message(parts: list[Part], **more: Any) -> Message:
    values: dict[str, Any] = {
        "id": "msg_1",
        "conversation_id": "conv_1",
        "sequence": 3,
        "direction": "outbound",
        "origin": "agent",
        "author": Author(type="agent"),
        "channel": Channel(type="letters", account="main"),
        "identity_id": "idn_1",
        "parts": parts,
        "text": flatten(parts),
        "status": "queued",
        "occurred_at": "2026-01-02T03:04:05.678Z",
        "received_at": "2026-01-02T03:04:05.678Z",
    }
    return Message(**{**values, **more})


def entry(stored: Message, **more: Any) -> Entry:
    data = {"message": stored_form(stored)}
    return Entry(stored.conversation_id, stored.sequence, "message.sent", 0.0, data, **more)


def test_what_the_key_and_the_parts_say_is_not_stored_twice() -> None:
    form = stored_form(message([TextPart(text="hi")]))
    assert {"conversation_id", "sequence", "status", "text"}.isdisjoint(form)


@pytest.mark.parametrize("text", ["hi", "another text than that of the parts"])
def test_a_stored_message_reads_as_it_was_written(text: str) -> None:
    written = message([TextPart(text="hi")], text=text)
    assert read_message(entry(written)) == written


def test_a_message_is_read_with_how_far_it_has_come() -> None:
    state = DeliveryState(
        status="failed", rank=3, external_ids=("p1",), error={"code": "c", "title": "t", "retryable": True}
    )
    read = read_message(entry(message([TextPart(text="hi")]), delivery=state))
    assert (read.status, read.external_ids) == ("failed", ["p1"])
    assert read.error is not None
    assert (read.error.code, read.error.retryable) == ("c", True)


def test_only_what_we_send_has_a_status() -> None:
    inbound = message([TextPart(text="hi")], direction="inbound", origin="customer", status=None)
    echo = message([TextPart(text="hi")], origin="echo", status=None)
    assert [read_message(entry(each)).status for each in (inbound, echo)] == [None, None]


def test_a_file_is_read_with_its_present_state() -> None:
    state = {"state": "stored", "mime_type": "image/png", "size": 9, "key": "internal", "at": 1.0}
    read = read_message(entry(message([ImagePart(media=Media(media_id=MEDIA_ID))]), media={MEDIA_ID: state}))
    [part] = read.parts
    assert isinstance(part, ImagePart)
    assert part.media == Media(media_id=MEDIA_ID, state="stored", mime_type="image/png", size=9)


@pytest.fixture
def bucket() -> S3MediaBucket:
    """A bucket that is only ever signed for, never called."""
    client = AwsClient("eu-west-1", Credentials("AKIATEST", "test-secret"), clock=lambda: 1_800_000_000.0)
    return S3MediaBucket(Objects(client), "bucket")


def shown(bucket: S3MediaBucket, media: Media, states: dict[str, dict[str, Any]], **more: Any) -> str | None:
    """The address that a file is shown with."""
    of = message([FilePart(media=media)], **more)
    MediaAddresses(bucket).fill(of, entry(of, media=states))
    return media.url


INBOUND: dict[str, Any] = {"direction": "inbound", "origin": "customer"}


def test_a_stored_file_of_a_customer_gets_an_address_for_a_quarter_of_an_hour(bucket: S3MediaBucket) -> None:
    media = Media(media_id=MEDIA_ID, state="stored", filename="café.pdf", mime_type="application/pdf")
    url = shown(bucket, media, {MEDIA_ID: {"key": "media/1"}}, **INBOUND)
    assert url is not None
    assert url.startswith("https://bucket.s3.eu-west-1.amazonaws.com/media/1?")
    assert "X-Amz-Expires=900" in url
    assert re.search(r"response-content-disposition=attachment%3B%20filename", url)


@pytest.mark.parametrize(
    ("mime_type", "disposition"),
    [("image/png", "inline"), ("audio/mpeg", "inline"), ("text/html", "attachment"), (None, "attachment")],
)
def test_only_pictures_and_recordings_open_in_the_page(
    bucket: S3MediaBucket, mime_type: str | None, disposition: str
) -> None:
    media = Media(media_id=MEDIA_ID, mime_type=mime_type)
    assert f"response-content-disposition={disposition}" in bucket.address("k", media)


def test_a_file_that_is_not_there_yet_or_is_kept_back_gets_none(bucket: S3MediaBucket) -> None:
    assert shown(bucket, Media(media_id=MEDIA_ID), {}, **INBOUND) is None
    assert shown(bucket, Media(), {}, **INBOUND) is None
    for state in ("withheld", "rejected"):
        kept: Any = state
        assert shown(bucket, Media(media_id=MEDIA_ID, state=kept), {MEDIA_ID: {"key": "k"}}, **INBOUND) is None


def test_a_file_that_an_agent_uploaded_is_found_by_its_id(bucket: S3MediaBucket) -> None:
    url = shown(bucket, Media(media_id=MEDIA_ID), {})
    assert url is not None
    assert f"/uploads/_agents/{MEDIA_ID}?" in url


class Web(Surroundings):
    """The web, which answers every address with one status."""

    def __init__(self, status: int) -> None:
        self.status = status

    def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        return HttpResponse(self.status, {}, f"{method} {url} {more['maximum_bytes']}".encode())


def test_a_file_named_by_its_address_is_fetched_within_the_channels_limit(bucket: S3MediaBucket) -> None:
    files = SentFiles(bucket, Web(200))
    assert files.read(Media(url="https://a.example/x"), 9) == b"GET https://a.example/x 9"


@pytest.mark.parametrize(
    ("status", "media"),
    [(404, Media(url="https://a.example/x")), (302, Media(url="https://a.example/x")), (200, Media())],
)
def test_a_file_that_cannot_be_had_fails_for_good(bucket: S3MediaBucket, status: int, media: Media) -> None:
    with pytest.raises(DeliveryError) as refused:
        SentFiles(bucket, Web(status)).read(media, 9)
    assert (refused.value.error_class, refused.value.code) == ("permanent", "media_unavailable")


class Uploaded(S3MediaBucket):
    """A bucket with files of a given size, None for none."""

    def __init__(self, size: int | None) -> None:
        self._size = size

    def size(self, key: str) -> int | None:
        return self._size

    def read(self, key: str, maximum: int) -> bytes:
        return key.encode()


def test_an_uploaded_file_is_read_by_its_id() -> None:
    assert SentFiles(Uploaded(9), Web(200)).read(Media(media_id=MEDIA_ID), 9) == f"uploads/_agents/{MEDIA_ID}".encode()


@pytest.mark.parametrize(("size", "code"), [(None, "media_unavailable"), (10, "media_too_large")])
def test_an_uploaded_file_that_is_missing_or_too_large_fails_for_good(size: int | None, code: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        SentFiles(Uploaded(size), Web(200)).read(Media(media_id=MEDIA_ID), 9)
    assert (refused.value.error_class, refused.value.code) == ("permanent", code)
