"""The stand-in takes and gives temporary media as documented."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from infra.local.providers.wechat.samples import MP4, amr, png
from tests.unit.local.stage import Stage

JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
MP3_FRAME = b"\xff\xfb\x10\xc4"
"""MPEG-1 layer III at 32 kbit/s: 4,000 bytes play one second."""


async def test_an_image_comes_back_as_it_went_up(stage: Stage) -> None:
    uploaded = await stage.upload("image", png(), "a.png", "image/png")
    assert uploaded["type"] == "image"
    query = {"access_token": stage.access_token or "", "media_id": uploaded["media_id"]}
    _, headers, content = await stage.raw("GET", "/cgi-bin/media/get", params=query)
    assert (headers["Content-Type"], content) == ("image/png", png())


async def test_a_thumb_answers_under_its_own_name(stage: Stage) -> None:
    uploaded = await stage.upload("thumb", JPEG, "a.jpg", "image/jpeg")
    assert set(uploaded) == {"type", "thumb_media_id", "created_at"}


async def test_a_video_comes_back_as_an_address(stage: Stage) -> None:
    uploaded = await stage.upload("video", MP4, "a.mp4", "video/mp4")
    answer = await stage.api("GET", "media/get", media_id=uploaded["media_id"])
    _, _, content = await stage.raw("GET", f"/files/{answer['video_url'].rpartition('/')[2]}")
    assert content == MP4


async def test_media_is_gone_after_three_days(stage: Stage) -> None:
    uploaded = await stage.upload("image", png(), "a.png", "image/png")
    await stage.advance(3 * 86400 + 1)
    stage.access_token = None
    assert (await stage.api("GET", "media/get", media_id=uploaded["media_id"]))["errcode"] == 40007


async def test_an_unknown_or_missing_media_id_is_refused(stage: Stage) -> None:
    assert (await stage.api("GET", "media/get", media_id="unknown"))["errcode"] == 40007
    assert (await stage.api("GET", "media/get"))["errcode"] == 41006


@pytest.mark.parametrize(
    ("kind", "data", "filename", "content_type", "errcode"),
    [
        ("file", png(), "a.png", "image/png", 40004),
        ("image", b"", "a.png", "image/png", 40006),
        ("image", b"<html>", "a.png", "image/png", 40005),
        ("image", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp", 40005),
        ("image", png(), "a.jpg", "image/png", 40005),
        ("image", png(), "a.png", "image/jpeg", 40005),
        ("image", png(), "a.png", "application/octet-stream", 40005),
        ("image", png() + bytes(10 << 20), "a.png", "image/png", 40009),
        ("voice", png(), "a.amr", "audio/amr", 40005),
        ("voice", amr(2 * 3600), "a.amr", "audio/amr", 40010),
        ("voice", amr(61), "a.amr", "audio/amr", 45007),
        ("voice", MP3_FRAME + bytes(61 * 4000), "a.mp3", "audio/mpeg", 45007),
        ("video", MP4 + bytes(10 << 20), "a.mp4", "video/mp4", 40011),
        ("thumb", JPEG + bytes(64 << 10), "a.jpg", "image/jpeg", 40012),
        ("thumb", png(), "a.png", "image/png", 40005),
    ],
)
async def test_a_wrong_upload_is_refused_with_its_code(
    stage: Stage, kind: str, data: bytes, filename: str, content_type: str, errcode: int
) -> None:
    assert (await stage.upload(kind, data, filename, content_type))["errcode"] == errcode


@pytest.mark.parametrize(
    ("kind", "data", "filename", "content_type"),
    [
        ("image", JPEG, "a.jpeg", "image/jpeg"),
        ("image", b"GIF89a" + bytes(20), "a.gif", "image/gif"),
        ("voice", amr(59), "a.amr", "audio/amr"),
        ("voice", MP3_FRAME + bytes(59 * 4000), "a.mp3", "audio/mp3"),
    ],
)
async def test_what_is_documented_is_accepted(
    stage: Stage, kind: str, data: bytes, filename: str, content_type: str
) -> None:
    assert "media_id" in await stage.upload(kind, data, filename, content_type)


async def test_the_form_has_one_part_named_media_with_a_filename(stage: Stage) -> None:
    assert (await stage.upload("image", png(), "a.png", "image/png", field="file"))["errcode"] == 41005
    nameless = aiohttp.FormData(default_to_multipart=True)
    nameless.add_field("media", "text")
    assert (await stage.api("POST", "media/upload", nameless, type="image"))["errcode"] == 41005
    twice = aiohttp.FormData()
    for filename in ("a.png", "b.png"):
        twice.add_field("media", png(), filename=filename, content_type="image/png")
    assert (await stage.api("POST", "media/upload", twice, type="image"))["errcode"] == 41005


@pytest.mark.parametrize("body", [{"media": "x"}, b"plain bytes"])
async def test_an_upload_that_is_no_form_is_refused(stage: Stage, body: Any) -> None:
    assert (await stage.api("POST", "media/upload", body, type="image"))["errcode"] == 41005
