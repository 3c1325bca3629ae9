"""The files of an inbound message: each comes to one final state, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from shared.core.media import EraseMedia, FetchMedia, MediaOrigin
from shared.errors import DeliveryError, ErrorClass, InfrastructureError, UnknownAccount
from shared.model.media import Media, MediaState
from shared.ports.connector import FetchedMedia
from tests.unit.media.samples import png, portable_executable

PICTURE = png(640, 480)


@dataclass
class Log:
    """One message with its media, as the log keeps them."""

    sources: list[MediaOrigin]
    recorded: dict[str, tuple[Media, str | None]] = field(default_factory=dict)
    writes: int = 0

    def media_sources(self, conversation_id: str, sequence: int) -> tuple[str, str, list[MediaOrigin]]:
        assert (conversation_id, sequence) == ("conv_1", 7)
        return "wechat", "main", [source for source in self.sources if source[0] not in self.recorded]

    def record_media(self, conversation_id: str, sequence: int, media: Media, key: str | None) -> bool:
        self.writes += 1
        assert media.media_id is not None
        if media.media_id in self.recorded:
            return False
        self.recorded[media.media_id] = (media, key)
        return True


@dataclass
class Bucket:
    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    reads: int = 0

    def put(self, key: str, body: bytes, content_type: str, filename: str | None) -> None:
        self.files[key] = body
        self.types[key] = (content_type, filename)

    def size(self, key: str) -> int | None:
        return len(self.files[key]) if key in self.files else None

    def read(self, key: str, maximum: int) -> bytes:
        self.reads += 1
        return self.files[key][:maximum]

    def delete(self, key: str) -> None:
        self.files.pop(key, None)


@dataclass
class Provider:
    """Gives out files by the ``id`` of a reference; an exception is raised instead of given."""

    files: Mapping[str, FetchedMedia | Exception]
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, channel: str, account: str, reference: Mapping[str, str]) -> FetchedMedia:
        self.asked.append((channel, account, reference["id"]))
        found = self.files[reference["id"]]
        if isinstance(found, Exception):
            raise found
        return found


def one(file: FetchedMedia | Exception, declared: str | None = None) -> tuple[Log, Bucket, FetchMedia]:
    log, bucket = Log([("med_1", {"id": "a"}, declared)]), Bucket()
    return log, bucket, FetchMedia(log, bucket, Provider({"a": file}), maximum_bytes=100_000)


def error(error_class: ErrorClass, code: str = "some_code") -> DeliveryError:
    return DeliveryError(error_class, code, "it failed")


def test_a_file_is_stored_under_its_media_id_and_described_by_its_bytes() -> None:
    log, bucket, fetch = one(FetchedMedia(PICTURE, "image/jpeg", "photo.jpg"))
    settled = fetch("conv_1", 7)
    expected = Media(
        media_id="med_1",
        state="stored",
        mime_type="image/png",
        declared_mime_type="image/jpeg",
        size=len(PICTURE),
        sha256=hashlib.sha256(PICTURE).hexdigest(),
        filename="photo.jpg",
        width=640,
        height=480,
    )
    assert settled == [expected]
    assert log.recorded == {"med_1": (expected, "media/conv_1/med_1")}
    assert bucket.files == {"media/conv_1/med_1": PICTURE}
    assert bucket.types == {"media/conv_1/med_1": ("image/png", "photo.jpg")}


def test_the_connector_is_asked_for_the_account_that_received_the_message() -> None:
    log, provider = Log([("med_1", {"id": "a"}, None)]), Provider({"a": FetchedMedia(PICTURE)})
    FetchMedia(log, Bucket(), provider)("conv_1", 7)
    assert provider.asked == [("wechat", "main", "a")]


def test_a_file_of_an_unknown_kind_is_kept_as_plain_octets() -> None:
    _, bucket, fetch = one(FetchedMedia(b"\x00\x01\x02"), declared="audio/x-unheard-of")
    media = fetch("conv_1", 7)[0]
    assert (media.state, media.mime_type, media.declared_mime_type) == (
        "stored",
        "application/octet-stream",
        "audio/x-unheard-of",
    )
    assert bucket.types["media/conv_1/med_1"] == ("application/octet-stream", None)


def test_a_second_run_does_nothing() -> None:
    log, provider, bucket = Log([("med_1", {"id": "a"}, None)]), Provider({"a": FetchedMedia(PICTURE)}), Bucket()
    fetch = FetchMedia(log, bucket, provider)
    fetch("conv_1", 7)
    assert fetch("conv_1", 7) == []
    assert (len(provider.asked), log.writes) == (1, 1)


@pytest.mark.parametrize("state", ["stored", "expired", "rejected", "withheld"])
def test_a_media_in_a_final_state_is_left_alone(state: MediaState) -> None:
    log, provider = Log([("med_1", {"id": "a"}, None)]), Provider({})
    log.recorded["med_1"] = (Media(media_id="med_1", state=state), None)
    assert FetchMedia(log, Bucket(), provider)("conv_1", 7, final=True) == []
    assert (provider.asked, log.writes) == ([], 0)


def test_of_two_runs_at_once_one_records_and_both_store_the_same_file() -> None:
    # Given a run that is overtaken by another while it fetches
    log, bucket = Log([("med_1", {"id": "a"}, None)]), Bucket()
    other = FetchMedia(log, bucket, Provider({"a": FetchedMedia(PICTURE)}))

    def overtaken(channel: str, account: str, reference: Mapping[str, str]) -> FetchedMedia:
        assert len(other("conv_1", 7)) == 1
        return FetchedMedia(PICTURE)

    # When it finishes, then it has recorded nothing, and there is one file
    assert FetchMedia(log, bucket, overtaken)("conv_1", 7) == []
    assert list(bucket.files) == ["media/conv_1/med_1"]


class BrokenLog(Log):
    def record_media(self, conversation_id: str, sequence: int, media: Media, key: str | None) -> bool:
        raise InfrastructureError("throttled")


def test_a_run_that_died_between_file_and_record_is_completed_by_the_next() -> None:
    # Given a run that stored the file and could not record it
    bucket, provider = Bucket(), Provider({"a": FetchedMedia(PICTURE)})
    with pytest.raises(InfrastructureError):
        FetchMedia(BrokenLog([("med_1", {"id": "a"}, None)]), bucket, provider)("conv_1", 7)
    assert list(bucket.files) == ["media/conv_1/med_1"]
    # When the queue delivers again, then the media is recorded and there is still one file
    settled = FetchMedia(Log([("med_1", {"id": "a"}, None)]), bucket, provider)("conv_1", 7)
    assert [media.state for media in settled] == ["stored"]
    assert list(bucket.files) == ["media/conv_1/med_1"]


@pytest.mark.parametrize(
    ("file", "declared", "reason"),
    [
        (FetchedMedia(b"<!DOCTYPE html><title>Log in</title>", "text/html"), "image/png", "html"),
        (FetchedMedia(b"<!DOCTYPE html><title>Log in</title>", "text/html"), None, "html"),
        (FetchedMedia(b'{"errcode":40001}', "image/jpeg"), None, "not_media"),
        (FetchedMedia(portable_executable(), "image/png"), "image/png", "executable"),
        (FetchedMedia(b""), None, "empty"),
        (FetchedMedia(bytes(100_001)), None, "too_large"),
        (error("permanent", "response_too_large"), None, "too_large"),
        (error("permanent", "address_refused"), None, "address_refused"),
        (error("permanent", "provider_redirected"), None, "provider_redirected"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_rejected_and_not_stored(
    file: FetchedMedia | Exception, declared: str | None, reason: str
) -> None:
    log, bucket, fetch = one(file, declared)
    media = fetch("conv_1", 7)[0]
    assert (media.media_id, media.state, media.reason, media.sha256) == ("med_1", "rejected", reason, None)
    assert log.recorded["med_1"][1] is None
    assert bucket.files == {}


def test_of_a_file_that_is_too_large_the_size_is_known() -> None:
    _, _, fetch = one(FetchedMedia(bytes(100_001)))
    assert [(media.reason, media.size) for media in fetch("conv_1", 7)] == [("too_large", 100_001)]


def test_a_page_that_the_sender_declared_is_kept_but_not_served_as_a_page() -> None:
    _, bucket, fetch = one(FetchedMedia(b"<html>x"), declared="text/html")
    media = fetch("conv_1", 7)[0]
    assert (media.state, media.mime_type) == ("stored", "text/html")
    assert bucket.types["media/conv_1/med_1"][0] == "application/octet-stream"


def test_a_file_that_the_provider_no_longer_has_is_expired() -> None:
    log, _, fetch = one(error("permanent", "media_expired"), declared="image/png")
    fetch("conv_1", 7)
    assert log.recorded["med_1"] == (
        Media(media_id="med_1", state="expired", reason="media_expired", declared_mime_type="image/png"),
        None,
    )


@pytest.mark.parametrize("error_class", ["retry", "token", "unknown", "account", "window", "blocked"])
def test_a_file_that_cannot_be_had_now_stays_pending_until_the_last_try(error_class: ErrorClass) -> None:
    log, _, fetch = one(error(error_class))
    with pytest.raises(DeliveryError) as caught:
        fetch("conv_1", 7)
    assert caught.value.error_class == error_class
    assert log.writes == 0
    settled = fetch("conv_1", 7, final=True)
    assert [(media.state, media.reason) for media in settled] == [("expired", "fetch_failed")]


@pytest.mark.parametrize("failure", [InfrastructureError("throttled"), UnknownAccount("no secret")])
def test_failures_that_somebody_can_mend_are_never_taken_for_the_files_fault(failure: Exception) -> None:
    log, _, fetch = one(failure)
    with pytest.raises(type(failure)):
        fetch("conv_1", 7, final=True)
    assert log.writes == 0


def test_one_file_that_fails_does_not_hold_up_the_others() -> None:
    log = Log([("med_1", {"id": "a"}, None), ("med_2", {"id": "b"}, None), ("med_3", {"id": "c"}, None)])
    first = error("retry", "provider_timeout")
    files: dict[str, FetchedMedia | Exception] = {"a": first, "b": FetchedMedia(PICTURE), "c": error("retry", "other")}
    with pytest.raises(DeliveryError) as caught:
        FetchMedia(log, Bucket(), Provider(files))("conv_1", 7)
    assert caught.value is first
    assert list(log.recorded) == ["med_2"]


def upload(key: str, files: dict[str, bytes], declared: str | None = "image/png") -> tuple[Log, Bucket, list[Media]]:
    log, bucket = Log([("med_1", {"upload": key}, declared)]), Bucket(dict(files))
    return log, bucket, FetchMedia(log, bucket, Provider({}), maximum_bytes=100_000)("conv_1", 7)


def test_an_upload_is_read_from_the_bucket_and_stays_where_it_is() -> None:
    log, bucket, settled = upload("uploads/main/idn_1/med_1", {"uploads/main/idn_1/med_1": PICTURE})
    assert [(media.state, media.mime_type, media.width) for media in settled] == [("stored", "image/png", 640)]
    assert log.recorded["med_1"][1] == "uploads/main/idn_1/med_1"
    assert list(bucket.files) == ["uploads/main/idn_1/med_1"]
    assert bucket.types == {}


@pytest.mark.parametrize(
    ("key", "files", "state", "reason"),
    [
        ("uploads/main/idn_1/med_1", {}, "expired", "media_expired"),
        ("uploads/a", {"uploads/a": bytes(100_001)}, "rejected", "too_large"),
        ("uploads/a", {"uploads/a": b"<html>"}, "rejected", "html"),
        ("media/conv_2/med_9", {"media/conv_2/med_9": PICTURE}, "rejected", "unknown_upload"),
    ],
)
def test_an_upload_that_cannot_be_kept_is_settled_at_once(
    key: str, files: dict[str, bytes], state: MediaState, reason: str
) -> None:
    log, _, settled = upload(key, files)
    assert [(media.state, media.reason) for media in settled] == [(state, reason)]
    assert log.recorded["med_1"][1] is None


def test_an_upload_that_is_too_large_is_not_even_read() -> None:
    _, bucket, _ = upload("uploads/a", {"uploads/a": bytes(100_001)})
    assert bucket.reads == 0


def test_the_files_of_a_message_that_was_taken_back_are_gone_and_others_are_not() -> None:
    bucket = Bucket({"media/conv_1/med_1": b"one", "media/conv_1/med_2": b"two", "media/conv_2/med_1": b"other"})

    for _ in range(2):
        EraseMedia(bucket)("conv_1", ["med_1", "med_2"])

    assert bucket.files == {"media/conv_2/med_1": b"other"}
