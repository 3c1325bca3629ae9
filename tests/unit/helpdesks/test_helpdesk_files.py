"""Files on their way to a helpdesk and from it: only those of the message, and what cannot be had is said."""

from __future__ import annotations

import pytest

from shared.core.helpdesks.attachments import Attachments
from shared.core.helpdesks.files import EntryFiles
from shared.core.records import Entry
from shared.errors import DeliveryError
from shared.helpdesk.seam import DeskReply
from shared.model.media import Media
from shared.ports.http import HttpResponse
from tests.support.desks import Connected, FileStore, stand_in

OURS = "med_01920000-0000-7000-8000-000000000001"


class Web:
    """The web: one file, at one address."""

    def request(self, method: str, url: str, **options: object) -> HttpResponse:
        return HttpResponse(200 if url == "https://files.example/a" else 404, {}, b"from the web")


def entry(kind: str = "message.received", origin: str = "customer", key: str | None = None) -> Entry:
    media = {} if key is None else {OURS: {"state": "stored", "key": key}}
    return Entry("conv_1", 2, kind, 0.0, data={}, origin=origin, media=media)


def read(of: Entry | None, media: Media, maximum: int = 100) -> bytes:
    bucket = FileStore(
        {f"media/conv_1/{OURS}": (b"fetched", "x", None), f"uploads/_agents/{OURS}": (b"sent", "x", None)}
    )
    return EntryFiles(bucket, Web(), of).read(media, maximum)


def test_a_customers_file_an_agents_upload_and_a_web_address_can_be_read() -> None:
    media = Media(media_id=OURS)
    assert read(entry(key=f"media/conv_1/{OURS}"), media) == b"fetched"
    assert read(entry("message.sent", "agent"), media) == b"sent"
    assert read(entry("message.sent", "agent"), Media(url="https://files.example/a")) == b"from the web"


@pytest.mark.parametrize(
    ("of", "media", "code"),
    [
        (entry(), Media(media_id=OURS), "media_unavailable"),
        (entry("message.sent", "echo"), Media(media_id=OURS), "media_unavailable"),
        (None, Media(media_id=OURS), "media_unavailable"),
        (entry(key=f"media/conv_1/{OURS}"), Media(media_id=OURS, state="withheld"), "media_unavailable"),
        (entry(key="media/conv_1/gone"), Media(media_id=OURS), "media_unavailable"),
        (entry("message.sent", "agent"), Media(media_id="../../secrets"), "media_unavailable"),
        (entry("message.sent", "agent"), Media(url="https://files.example/none"), "media_unavailable"),
        (entry(), Media(), "media_unavailable"),
    ],
)
def test_nothing_else_is_read(of: Entry | None, media: Media, code: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        read(of, media)
    assert (refused.value.error_class, refused.value.code) == ("permanent", code)


def test_a_file_that_is_too_large_for_the_helpdesk_is_not_read() -> None:
    with pytest.raises(DeliveryError) as refused:
        read(entry(key=f"media/conv_1/{OURS}"), Media(media_id=OURS), maximum=3)
    assert refused.value.code == "media_too_large"


def test_an_answer_goes_out_without_a_file_that_is_gone_and_the_file_is_named() -> None:
    with stand_in("generic") as provider:
        connected = Connected("generic", provider.account)
        text = {"type": "text", "text": "see there"}
        gone = {"url": f"{provider.account['api_base']}/files/999", "filename": "terms.pdf"}
        answer = DeskReply("12", "7", [text], files=[gone])
        files = Attachments(connected.adapter, connected.context, connected.bucket)
        assert files.parts(answer) == ([text], "terms.pdf (not_found)")
        provider.act("fail", {"path": "/files/999", "http_status": 503})
        with pytest.raises(DeliveryError) as later:
            files.parts(answer)
        assert later.value.error_class == "retry"
