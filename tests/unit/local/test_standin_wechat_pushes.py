"""What the stand-in pushes is built, encrypted and signed as WeChat documents it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from infra.local.providers.wechat.crypto import decrypt, encrypt, signature
from infra.local.providers.wechat.samples import png
from tests.unit.local.stage import AES_KEY, APP_ID, ORIGINAL_ID, TOKEN, Stage, on_stage

VECTORS = json.loads(Path(__file__).with_name("wechat_vectors.json").read_text())


def elements(body: bytes) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(body)}


def test_the_official_handshake_signature_comes_out() -> None:
    given = VECTORS["handshake"]
    assert signature(given["token"], given["timestamp"], given["nonce"]) == given["signature"]


@pytest.mark.parametrize("vector", VECTORS["sealed"], ids=lambda vector: vector["name"])
def test_known_messages_encrypt_and_decrypt_to_known_values(vector: dict[str, Any]) -> None:
    key, app_id, message = vector["encoding_aes_key"], vector["app_id"], vector["message"].encode()
    assert encrypt(key, app_id, message, vector["random"].encode()) == vector["encrypt"]
    assert decrypt(key, app_id, vector["encrypt"]) == message
    signed = [vector["token"], vector["timestamp"], vector["nonce"]]
    assert signature(*signed, vector["encrypt"]) == vector["msg_signature"]
    if vector["signature"] is not None:
        assert signature(*signed) == vector["signature"]


async def test_a_plain_text_is_pushed_as_signed_xml(stage: Stage) -> None:
    openid = await stage.customer()
    await stage.write(openid, text="a ]]> b & <你好> 😀")
    query, body, headers = stage.webhook.pushes[-1]
    assert set(query) == {"signature", "timestamp", "nonce", "openid"}
    assert query["signature"] == signature(TOKEN, query["timestamp"], query["nonce"])
    assert query["openid"] == openid
    assert headers["Content-Type"] == "text/xml"
    fields = elements(body)
    assert list(fields) == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId"]
    assert fields["Content"] == "a ]]> b & <你好> 😀"
    assert (fields["ToUserName"], fields["FromUserName"]) == (ORIGINAL_ID, openid)
    assert len(openid) == 28
    assert openid.startswith("o")


async def test_an_account_may_have_json_pushes(tmp_path: Path) -> None:
    async with on_stage(tmp_path, data_format="json") as stage:
        openid = await stage.customer()
        await stage.write(openid, text="你好")
        _, body, headers = stage.webhook.pushes[-1]
    assert headers["Content-Type"] == "application/json"
    assert "你好".encode() in body
    assert json.loads(body)["FromUserName"] == openid


@pytest.mark.parametrize(("mode", "readable"), [("secure", False), ("compatible", True)])
async def test_an_encrypted_push_carries_its_own_signature(tmp_path: Path, mode: str, readable: bool) -> None:
    async with on_stage(tmp_path, encoding_aes_key=AES_KEY, mode=mode) as stage:
        await stage.write(await stage.customer(), text="secret")
        query, body, _ = stage.webhook.pushes[-1]
    outer = elements(body)
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] == signature(TOKEN, query["timestamp"], query["nonce"], outer["Encrypt"])
    assert query["signature"] == signature(TOKEN, query["timestamp"], query["nonce"])
    assert elements(decrypt(AES_KEY, APP_ID, outer["Encrypt"]))["Content"] == "secret"
    assert ("Content" in outer) is readable


def test_another_app_id_does_not_decrypt() -> None:
    with pytest.raises(ValueError, match="AppID"):
        decrypt(AES_KEY, "wx0000000000000000", encrypt(AES_KEY, APP_ID, b"x"))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "choice", "id": "101", "title": "Yes"}, {"MsgType": "text", "Content": "Yes", "bizmsgmenuid": "101"}),
        ({"type": "voice", "recognition": "hello"}, {"MsgType": "voice", "Format": "amr", "Recognition": "hello"}),
        ({"type": "video"}, {"MsgType": "video"}),
        ({"type": "video", "short": True}, {"MsgType": "shortvideo"}),
        (
            {"type": "location", "latitude": 23.13, "longitude": 113.35, "label": "塔", "scale": 16},
            {"MsgType": "location", "Location_X": "23.13", "Location_Y": "113.35", "Scale": "16", "Label": "塔"},
        ),
        (
            {"type": "link", "title": "T", "url": "https://example.com/"},
            {"MsgType": "link", "Title": "T", "Description": "", "Url": "https://example.com/"},
        ),
        (
            {"type": "miniprogrampage", "title": "T", "app_id": "wx1", "page_path": "p"},
            {"MsgType": "miniprogrampage", "Title": "T", "AppId": "wx1", "PagePath": "p"},
        ),
        ({"type": "raw", "fields": {"MsgType": "hologram", "Depth": 3}}, {"MsgType": "hologram", "Depth": "3"}),
    ],
)
async def test_each_kind_of_message_has_its_fields(
    stage: Stage, message: dict[str, Any], expected: dict[str, str]
) -> None:
    await stage.write(await stage.customer(), **message)
    fields = elements(stage.webhook.pushes[-1][1])
    assert fields.items() >= expected.items()
    assert fields["MsgId"].isdecimal()


async def test_an_image_of_the_user_can_be_fetched_by_media_id_and_by_address(stage: Stage) -> None:
    picture = png(8, 8)
    await stage.write(await stage.customer(), type="image", data=base64.b64encode(picture).decode())
    fields = elements(stage.webhook.pushes[-1][1])
    token = (await stage.stable_token())["access_token"]
    query = {"access_token": token, "media_id": fields["MediaId"]}
    assert (await stage.raw("GET", "/cgi-bin/media/get", params=query))[2] == picture
    assert (await stage.raw("GET", f"/files/{fields['PicUrl'].rpartition('/')[2]}"))[2] == picture
    _, shown = await stage.asked_control("GET", "users")
    assert shown["items"][0]["entries"] == 1


@pytest.mark.parametrize(
    ("act", "body", "expected"),
    [
        ("unfollow", None, {"Event": "unsubscribe", "EventKey": ""}),
        ("menu", {"key": "HELP"}, {"Event": "CLICK", "EventKey": "HELP"}),
        ("menu", {"key": "Q", "event": "scancode_push"}, {"Event": "scancode_push", "EventKey": "Q"}),
        ("scan", {"scene": "shop"}, {"Event": "SCAN", "EventKey": "shop"}),
    ],
)
async def test_each_event_has_its_fields_and_no_msg_id(
    stage: Stage, act: str, body: dict[str, Any] | None, expected: dict[str, str]
) -> None:
    openid = await stage.customer(follow=True)
    await stage.control("POST", f"customers/{openid}/{act}", body)
    fields = elements(stage.webhook.pushes[-1][1])
    assert fields.items() >= {"MsgType": "event", **expected}.items()
    assert "MsgId" not in fields


async def test_following_pushes_subscribe_with_an_empty_key(stage: Stage) -> None:
    await stage.customer(follow=True)
    fields = elements(stage.webhook.pushes[-1][1])
    assert (fields["Event"], fields["EventKey"]) == ("subscribe", "")


async def test_a_stranger_who_scans_follows_and_brings_the_scene(stage: Stage) -> None:
    made = await stage.api(
        "POST",
        "qrcode/create",
        {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "link-42"}}},
    )
    openid = await stage.customer()
    await stage.control("POST", f"customers/{openid}/scan", {"ticket": made["ticket"]})
    fields = elements(stage.webhook.pushes[-1][1])
    assert (fields["Event"], fields["EventKey"], fields["Ticket"]) == ("subscribe", "qrscene_link-42", made["ticket"])
    assert (await stage.api("GET", "user/info", openid=openid))["qr_scene_str"] == "link-42"
