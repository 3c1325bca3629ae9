"""Failures can be asked for, calls can be looked at, and memory outlives the process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from infra.local.providers.wechat.samples import png
from tests.unit.local.stage import Stage, on_stage

SEND = "message/custom/send"


async def fail(stage: Stage, path: str = SEND, **fault: Any) -> None:
    await stage.control("POST", "fail", {"path": path, **fault})


async def posted(stage: Stage, openid: str) -> tuple[int, dict[str, str], bytes]:
    token = stage.access_token or (await stage.stable_token())["access_token"]
    body = json.dumps({"touser": openid, "msgtype": "text", "text": {"content": "x"}})
    return await stage.raw("POST", f"/cgi-bin/{SEND}", params={"access_token": token}, data=body)


async def test_a_provider_error_comes_as_often_as_asked(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await fail(stage, errcode=45009, times=2)
    assert [await stage.send(openid, "text", {"content": "x"}) for _send in range(3)] == [45009, 45009, 0]


async def test_a_fault_meets_its_own_path_only(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await fail(stage, path="media/upload", errcode=-1)
    assert await stage.send(openid, "text", {"content": "x"}) == 0
    assert (await stage.upload("image", png(), "a.png", "image/png"))["errcode"] == -1


async def test_an_http_error_brings_its_headers(stage: Stage) -> None:
    await fail(stage, http_status=429, headers={"Retry-After": "7"})
    status, headers, _ = await posted(stage, await stage.customer(wrote=True))
    assert (status, headers["Retry-After"]) == (429, "7")


async def test_garbage_is_not_json(stage: Stage) -> None:
    await fail(stage, garbage=True)
    status, _, content = await posted(stage, await stage.customer(wrote=True))
    assert status == 200
    with pytest.raises(ValueError, match=r"\S"):
        json.loads(content)


async def test_a_redirect_names_its_target(stage: Stage) -> None:
    await fail(stage, redirect="https://example.com/")
    status, headers, _ = await posted(stage, await stage.customer(wrote=True))
    assert (status, headers["Location"]) == (302, "https://example.com/")


async def test_a_hanging_call_is_dropped_and_did_nothing(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await fail(stage, hang_seconds=0.05)
    with pytest.raises(aiohttp.ClientConnectionError):
        await posted(stage, openid)
    assert [entry["direction"] for entry in await stage.timeline(openid)] == ["sent"]


async def test_a_lost_answer_leaves_the_message_with_the_customer(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await fail(stage, http_status=502, when="after")
    assert (await posted(stage, openid))[0] == 502
    assert [entry["direction"] for entry in await stage.timeline(openid)] == ["sent", "received"]


@pytest.mark.parametrize(
    "fault", [{}, {"path": "x"}, {"path": "", "errcode": 1}, {"path": "x", "errcode": 1, "times": 0}]
)
async def test_a_fault_that_says_nothing_is_refused(stage: Stage, fault: dict[str, Any]) -> None:
    assert (await stage.asked_control("POST", "fail", fault))[0] == 400


async def test_planned_faults_can_be_taken_back(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await fail(stage, errcode=-1, times=99)
    await stage.control("DELETE", "fail")
    assert await stage.send(openid, "text", {"content": "x"}) == 0


async def test_calls_are_remembered_with_their_answers(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await stage.send(openid, "text", {"content": "你好"})
    await stage.upload("image", png(), "a.png", "image/png")
    (sent,) = (await stage.control("GET", f"requests?path={SEND}"))["items"]
    assert sent["method"] == "POST"
    assert json.loads(sent["body"])["text"]["content"] == "你好"
    assert json.loads(sent["answer"])["errcode"] == 0
    (uploaded,) = (await stage.control("GET", "requests?path=media/upload"))["items"]
    assert uploaded["parts"][0]["filename"] == "a.png"
    await stage.control("DELETE", "requests")
    assert (await stage.control("GET", "requests"))["items"] == []


async def test_users_media_and_tokens_are_there_after_a_restart(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        openid = await stage.customer(wrote=True)
        media_id = (await stage.upload("image", png(), "a.png", "image/png"))["media_id"]
        token = stage.access_token
        before = await stage.timeline(openid)
        await stage.advance(60)
    async with on_stage(tmp_path) as stage:
        stage.access_token = token
        assert await stage.timeline(openid) == before
        assert await stage.send(openid, "image", {"media_id": media_id}) == 0
        assert (await stage.control("GET", "clock"))["offset_seconds"] == 60


async def test_changes_reach_the_disk_within_a_second(stage: Stage, tmp_path: Path) -> None:
    openid = await stage.customer()
    await asyncio.sleep(0.8)
    assert openid in (tmp_path / "wechat.json").read_text()


async def test_user_info_follows_the_documentation(tmp_path: Path) -> None:
    async with on_stage(tmp_path, open_platform=True) as stage:
        stranger, follower = await stage.customer(), await stage.customer(follow=True)
        unknown = await stage.api("GET", "user/info", openid=stranger)
        known = await stage.api("GET", "user/info", openid=follower, lang="zh_CN")
        missing = await stage.api("GET", "user/info")
    assert set(unknown) == {"subscribe", "openid", "unionid"}
    assert (known["subscribe"], known["language"], known["nickname"]) == (1, "zh_CN", "")
    assert missing["errcode"] == 41009


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}}, 40053),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}}, 40053),
        ({"action_name": "QR_OTHER", "action_info": {"scene": {"scene_id": 1}}}, 40052),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_id": 1}}}, 47001),
        ({"expire_seconds": 31 * 86400, "action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 1}}}, 40053),
    ],
)
async def test_a_wrong_qr_code_is_refused(stage: Stage, body: dict[str, Any], errcode: int) -> None:
    assert (await stage.api("POST", "qrcode/create", body))["errcode"] == errcode


async def test_an_expired_qr_code_cannot_be_scanned_and_a_permanent_one_can(stage: Stage) -> None:
    openid = await stage.customer()
    info = {"scene": {"scene_id": 7}}
    short = await stage.api("POST", "qrcode/create", {"action_name": "QR_SCENE", "action_info": info})
    lasting = await stage.api("POST", "qrcode/create", {"action_name": "QR_LIMIT_SCENE", "action_info": info})
    assert short["expire_seconds"] == 60
    assert "expire_seconds" not in lasting
    await stage.advance(61)
    assert (await stage.asked_control("POST", f"customers/{openid}/scan", {"ticket": short["ticket"]}))[0] == 409
    await stage.control("POST", f"customers/{openid}/scan", {"ticket": lasting["ticket"]})
