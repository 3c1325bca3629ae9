"""Customers' files: by media id, by the address of a video, or from the public address of a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.channels.wechat.connector import CONNECTOR
from connectors.channels.wechat.media import MAXIMUM_BYTES
from shared.errors import DeliveryError
from tests.support.providers import PNG, Provider
from tests.unit.wechat.surroundings import answer, context_of

GET, TOKEN, PICTURE = "/cgi-bin/media/get", "/cgi-bin/stable_token", "/p.jpg"
IMAGE = {"kind": "image", "media_id": "M/1", "url": "https://mmbiz.qpic.cn/p.jpg"}
VOICE = {"kind": "voice", "media_id": "M2"}


def error_of(wechat: Provider, reference: dict[str, str]) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        CONNECTOR.fetch_media(reference, context_of(wechat))
    return error.value


def test_a_file_comes_with_its_type_and_its_name() -> None:
    disposition = 'attachment; filename="M1.png"'
    wechat = Provider({GET: [answer(PNG, content_disposition=disposition)]})
    found = CONNECTOR.fetch_media(IMAGE, context_of(wechat))
    assert (found.body, found.declared_mime_type, found.filename) == (PNG, "image/png", "M1.png")
    assert wechat.calls[0].query == {"access_token": "T1", "media_id": "M/1"}


def test_a_video_is_fetched_from_the_address_that_wechat_answers() -> None:
    wechat = Provider(
        {GET: [answer({"video_url": "https://video.example.com/v.mp4"})], "/v.mp4": [answer(b"\0\0\0\x18ftypmp42")]}
    )
    assert CONNECTOR.fetch_media(VOICE, context_of(wechat)).body == b"\0\0\0\x18ftypmp42"


def test_an_expired_file_without_another_address_is_gone() -> None:
    error = error_of(Provider({GET: [answer({"errcode": 40007, "errmsg": "invalid media_id"})]}), VOICE)
    assert (error.error_class, error.code) == ("permanent", "media_expired")


def test_an_error_is_recognised_although_it_calls_itself_text() -> None:
    wechat = Provider({GET: [answer({"errcode": 40007}, content_type="text/plain")]})
    assert error_of(wechat, VOICE).code == "media_expired"


def test_a_text_that_is_a_file_is_a_file() -> None:
    wechat = Provider({GET: [answer(b"[] is text", content_type="text/plain")]})
    assert CONNECTOR.fetch_media(VOICE, context_of(wechat)).body == b"[] is text"


@pytest.mark.parametrize("errcode", [40007, 48001])
def test_a_picture_that_wechat_does_not_give_is_fetched_from_its_public_address(errcode: int) -> None:
    wechat = Provider({GET: [answer({"errcode": errcode})], PICTURE: [answer(PNG)]})
    assert CONNECTOR.fetch_media(IMAGE, context_of(wechat)).body == PNG


def test_a_picture_is_not_looked_for_elsewhere_while_wechat_may_still_give_it() -> None:
    wechat = Provider({GET: [answer(b"", 503)]})
    assert error_of(wechat, IMAGE).error_class == "retry"
    assert wechat.paths() == [GET]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_picture_that_is_nowhere_any_more_is_gone(status: int) -> None:
    wechat = Provider({GET: [answer({"errcode": 40007})], PICTURE: [answer(b"", status)]})
    assert error_of(wechat, IMAGE).code == "media_expired"


def test_a_refused_token_is_replaced_once() -> None:
    fresh = answer({"access_token": "T2", "expires_in": 7200})
    wechat = Provider({GET: [answer({"errcode": 42001}), answer(PNG)], TOKEN: [fresh]})
    assert CONNECTOR.fetch_media(VOICE, context_of(wechat)).body == PNG
    assert wechat.paths() == [GET, TOKEN, GET]


def test_a_json_answer_that_holds_nothing_is_tried_again() -> None:
    assert error_of(Provider({GET: [answer({"errcode": 0})]}), VOICE).error_class == "retry"


def test_a_reference_without_a_file_is_gone() -> None:
    assert error_of(Provider(), {}).code == "media_expired"


def test_files_are_read_up_to_20_megabytes() -> None:
    assert MAXIMUM_BYTES == 20 * 1024 * 1024


def test_a_disposition_with_a_line_break_does_no_harm() -> None:
    wechat = Provider({GET: [answer(PNG, content_disposition='attachment; filename="a\r\nb.png"')]})
    assert CONNECTOR.fetch_media(VOICE, context_of(wechat)).body == PNG


@pytest.mark.parametrize(
    ("address", "guarded"),
    [
        ("https://video.example.com/v.mp4", True),
        ("https://proxy.example/v.mp4", False),
        ("http://proxy.example/v.mp4", True),
    ],
)
def test_only_an_address_on_the_configured_origin_is_fetched_without_the_guard(address: str, guarded: bool) -> None:
    provider = Provider({GET: [answer({"video_url": address})], "/v.mp4": [answer(b"\0\0\0\x18ftypmp42")]})
    strangers = Provider({"/v.mp4": [answer(b"\0\0\0\x18ftypmp42")]})
    context = replace(context_of(provider, api_base="https://proxy.example"), web=strangers.client("web"))
    CONNECTOR.fetch_media(VOICE, context)
    assert strangers.paths() == (["/v.mp4"] if guarded else [])
