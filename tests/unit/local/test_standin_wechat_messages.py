"""The stand-in takes customer-service messages exactly as documented, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.local.providers.wechat.samples import MP4, amr, png
from tests.unit.local.stage import Stage, encoded, on_stage

JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
ARTICLE = {"title": "T", "description": "D", "url": "https://example.com/", "picurl": "https://example.com/p.png"}


async def media_id(stage: Stage, kind: str) -> str:
    files = {
        "image": (png(), "a.png", "image/png"),
        "voice": (amr(), "a.amr", "audio/amr"),
        "video": (MP4, "a.mp4", "video/mp4"),
        "thumb": (JPEG, "a.jpg", "image/jpeg"),
    }
    answer = await stage.upload(kind, *files[kind])
    return str(answer["thumb_media_id" if kind == "thumb" else "media_id"])


async def test_every_documented_message_type_is_accepted(stage: Stage) -> None:
    ids = {kind: await media_id(stage, kind) for kind in ("image", "voice", "video", "thumb")}
    messages: dict[str, dict[str, Any]] = {
        "text": {"content": 'hi <a href="https://example.com/">link</a>'},
        "image": {"media_id": ids["image"]},
        "voice": {"media_id": ids["voice"]},
        "video": {"media_id": ids["video"], "thumb_media_id": ids["thumb"], "title": "T", "description": "D"},
        "music": {
            "title": "T",
            "description": "D",
            "musicurl": "https://example.com/a.mp3",
            "hqmusicurl": "https://example.com/b.mp3",
            "thumb_media_id": ids["thumb"],
        },
        "news": {"articles": [ARTICLE]},
        "mpnewsarticle": {"article_id": "a1"},
        "msgmenu": {"head_content": "H", "list": [{"id": "101", "content": "Yes"}], "tail_content": "T"},
        "miniprogrampage": {"title": "T", "appid": "wx1", "pagepath": "p", "thumb_media_id": ids["image"]},
        "wxcard": {"card_id": "c1"},
    }
    for kind, content in messages.items():
        openid = await stage.customer(wrote=True)
        assert await stage.send(openid, kind, content) == 0, kind
        received = (await stage.timeline(openid))[-1]
        assert (received["direction"], received["type"], received["content"]) == ("received", kind, content)


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {"content": "字" * 682 + "abc"}, 45002),
        ("text", {}, 47001),
        ("text", {"content": 5}, 47001),
        ("text", {"content": "x", "format": "html"}, 47001),
        ("image", {}, 41006),
        ("image", {"media_id": "unknown"}, 40007),
        ("voice", {"media_id": "unknown"}, 40007),
        ("video", {"media_id": "unknown"}, 40007),
        ("mpnews", {"media_id": "unknown"}, 40007),
        ("music", {"musicurl": "https://e", "hqmusicurl": "https://e", "thumb_media_id": "x"}, 40007),
        ("music", {"musicurl": "https://e"}, 47001),
        ("news", {"articles": []}, 45008),
        ("news", {"articles": [ARTICLE, ARTICLE]}, 45008),
        ("news", {"articles": [{**ARTICLE, "url": "javascript:alert(1)"}]}, 40048),
        ("news", {"articles": [{"title": "T"}]}, 47001),
        ("msgmenu", {"head_content": "H", "list": []}, 47001),
        ("msgmenu", {"list": [{"id": 1, "content": "Yes"}]}, 47001),
        ("msgmenu", {"list": [{"id": "1", "content": ""}]}, 44004),
        ("miniprogrampage", {"title": "T", "appid": "wx1", "pagepath": "p", "thumb_media_id": "x"}, 40007),
        ("miniprogrampage", {"title": "T", "appid": "a", "pagepath": "p", "thumb_media_id": "x"}, 40013),
        ("sticker", {"content": "x"}, 40008),
    ],
)
async def test_a_wrong_message_is_refused_with_its_code(
    stage: Stage, kind: str, content: dict[str, Any], errcode: int
) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.send(openid, kind, content) == errcode
    assert [entry["direction"] for entry in await stage.timeline(openid)] == ["sent"]


async def test_a_text_of_exactly_2048_bytes_passes(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.send(openid, "text", {"content": "字" * 682 + "ab"}) == 0


async def test_a_media_of_another_kind_is_not_an_image(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.send(openid, "image", {"media_id": await media_id(stage, "voice")}) == 40007


async def test_an_unknown_field_beside_the_message_is_refused(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.send(openid, "text", {"content": "x"}, sender="me") == 47001


async def test_the_label_for_machine_made_messages_shows_on_the_screen(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.send(openid, "text", {"content": "x"}, aimsgcontext={"is_ai_msg": 1}) == 0
    assert (await stage.timeline(openid))[-1]["ai"] is True
    assert await stage.send(openid, "text", {"content": "x"}, aimsgcontext={"is_ai_msg": True}) == 47001
    assert await stage.send(openid, "text", {"content": "x"}, aimsgcontext={"is_ai_msg": 2}) == 47001


async def test_only_a_known_customer_service_account_may_sign(tmp_path: Path) -> None:
    async with on_stage(tmp_path, kf_accounts=["anna@onethread"]) as stage:
        openid = await stage.customer(wrote=True)
        assert await stage.send(openid, "text", {"content": "x"}, customservice={"kf_account": "anna@onethread"}) == 0
        assert await stage.send(openid, "text", {"content": "x"}, customservice={"kf_account": "bob@x"}) == 61452


async def test_an_unverified_account_may_not_send(tmp_path: Path) -> None:
    async with on_stage(tmp_path, verified=False) as stage:
        openid = await stage.customer(wrote=True)
        assert await stage.send(openid, "text", {"content": "x"}) == 48001
        assert await stage.typing(openid) == 48001


async def test_an_unknown_openid_is_refused(stage: Stage) -> None:
    assert await stage.send("oUnknown", "text", {"content": "x"}) == 40003
    assert (await stage.api("POST", "message/custom/send", {"msgtype": "text"}))["errcode"] == 40003


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"", 44002),
        (b"not json", 47001),
        (b"[]", 47001),
        (b'{"touser":"a","touser":"b"}', 47001),
        (b'{"touser":NaN}', 47001),
        (b"[" * 100_000, 47001),
        ('{"touser":"字"}'.encode("gbk"), 40033),
        (b'{"touser":"\\u4f60"}', 40033),
        (b'{"touser":"\\\\\\u4f60"}', 40033),
    ],
)
async def test_a_body_that_is_not_raw_utf8_json_is_refused(stage: Stage, body: bytes, errcode: int) -> None:
    assert (await stage.api("POST", "message/custom/send", body))["errcode"] == errcode


async def test_a_backslash_written_by_the_customer_is_not_an_escape(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.send(openid, "text", {"content": "C:\\u1234"}) == 0


async def test_another_charset_is_refused(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    body = encoded({"touser": openid, "msgtype": "text", "text": {"content": "x"}})
    token = (await stage.stable_token())["access_token"]
    headers = {"Content-Type": "application/json; charset=gbk"}
    _, _, content = await stage.raw(
        "POST", "/cgi-bin/message/custom/send", params={"access_token": token}, data=body, headers=headers
    )
    assert b'"errcode": 40033' in content


async def test_a_message_is_sent_with_post(stage: Stage) -> None:
    assert (await stage.api("GET", "message/custom/send"))["errcode"] == 43002
