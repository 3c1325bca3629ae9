"""The stand-in knows who is one person on several accounts, and takes a scan of a QR code as a phone does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.local.stage import SECOND_APP_ID, Stage, on_stage

TEN_MINUTES = {
    "expire_seconds": 600,
    "action_name": "QR_STR_SCENE",
    "action_info": {"scene": {"scene_str": "link_K7QM2XPD"}},
}


async def made(stage: Stage) -> dict[str, Any]:
    return await stage.api("POST", "qrcode/create", TEN_MINUTES)


async def info(stage: Stage, openid: str, **query: str) -> dict[str, Any]:
    return await stage.api("GET", "user/info", openid=openid, **query)


async def same_person(stage: Stage, openid: str, account: str) -> tuple[int, Any]:
    wanted = {"name": "小明", "account": account, "same_person_as": openid}
    return await stage.asked_control("POST", "customers", wanted)


async def picture(stage: Stage, ticket: str, method: str = "GET") -> tuple[int, str, bytes]:
    status, headers, body = await stage.raw(method, "/cgi-bin/showqrcode", params={"ticket": ticket})
    return status, headers.get("Content-Type", ""), body


async def test_one_person_on_two_bound_accounts_has_two_openids_and_one_unionid(tmp_path: Path) -> None:
    async with on_stage(tmp_path, open_platform=True, second={}) as stage:
        openid, stranger = await stage.customer(follow=True), await stage.customer()
        _, other = await same_person(stage, openid, "second")
        token = (await stage.stable_token(appid=SECOND_APP_ID))["access_token"]
        first, second = await info(stage, openid), await info(stage, other["openid"], access_token=token)
        third = await info(stage, stranger)
    assert first["openid"] != second["openid"]
    assert first["unionid"] == second["unionid"] != third["unionid"]
    assert (first["subscribe"], second["subscribe"]) == (1, 0)


async def test_an_account_that_is_not_bound_is_told_no_unionid(tmp_path: Path) -> None:
    async with on_stage(tmp_path, second={"open_platform": True}) as stage:
        openid = await stage.customer(follow=True)
        assert "unionid" not in await info(stage, openid)
        await stage.control("POST", "accounts/main", {"open_platform": True})
        assert "unionid" in await info(stage, openid)


async def test_a_person_is_a_user_of_an_account_once(tmp_path: Path) -> None:
    async with on_stage(tmp_path, second={}) as stage:
        openid = await stage.customer()
        assert (await same_person(stage, openid, "main"))[0] == 409
        assert (await same_person(stage, openid, "second"))[0] == 201
        assert (await same_person(stage, openid, "second"))[0] == 409
        assert (await same_person(stage, "oNobody", "second"))[0] == 404


async def test_who_somebody_is_after_a_restart(tmp_path: Path) -> None:
    async with on_stage(tmp_path, open_platform=True) as stage:
        openid = await stage.customer()
        before = await info(stage, openid)
    async with on_stage(tmp_path, open_platform=True) as stage:
        assert await info(stage, openid) == before


async def test_user_info_is_as_strict_as_wechat(tmp_path: Path) -> None:
    async with on_stage(tmp_path, second={}) as stage:
        openid = await stage.customer()
        second = (await stage.stable_token(appid=SECOND_APP_ID))["access_token"]
        refused = [
            await info(stage, "oNobody"),
            await info(stage, openid, access_token=second),
            await stage.api("GET", "user/info"),
            await stage.api("POST", "user/info", {}, openid=openid),
            await info(stage, openid, access_token="x"),
        ]
    assert [answer["errcode"] for answer in refused] == [40003, 40003, 41009, 43001, 40001]


async def test_an_account_that_is_not_verified_may_neither_ask_nor_make_qr_codes(tmp_path: Path) -> None:
    async with on_stage(tmp_path, verified=False) as stage:
        openid = await stage.customer()
        assert (await info(stage, openid))["errcode"] == 48001
        assert (await made(stage))["errcode"] == 48001


@pytest.mark.parametrize("read", ["ticket", "url"])
async def test_a_code_is_scanned_by_its_ticket_or_by_what_a_camera_reads_out_of_it(stage: Stage, read: str) -> None:
    code = await made(stage)
    openid = await stage.customer(follow=True)
    entry = await stage.control("POST", f"customers/{openid}/scan", {read: code[read]})
    assert (entry["type"], entry["content"]) == ("scan", {"scene": "link_K7QM2XPD"})
    assert b"<EventKey><![CDATA[link_K7QM2XPD]]></EventKey>" in stage.webhook.pushes[-1][1]
    assert code["ticket"].encode() in stage.webhook.pushes[-1][1]


@pytest.mark.parametrize(
    ("scan", "status"),
    [
        ({}, 400),
        ({"scene": ""}, 400),
        ({"scene": "a", "url": "http://weixin.qq.com/q/1"}, 400),
        ({"url": "http://weixin.qq.com/q/unknown"}, 404),
        ({"ticket": "unknown"}, 404),
    ],
)
async def test_a_scan_of_nothing_is_refused(stage: Stage, scan: dict[str, str], status: int) -> None:
    openid = await stage.customer()
    assert (await stage.asked_control("POST", f"customers/{openid}/scan", scan))[0] == status
    assert stage.webhook.pushes == []


async def test_codes_that_can_be_scanned_are_in_sight_until_they_expire(stage: Stage) -> None:
    code = await made(stage)
    seen = (await stage.control("GET", "codes"))["items"]
    assert [(each["url"], each["scene"]) for each in seen] == [(code["url"], "link_K7QM2XPD")]
    await stage.advance(601)
    assert (await stage.control("GET", "codes"))["items"] == []


async def test_a_code_is_of_one_account(tmp_path: Path) -> None:
    async with on_stage(tmp_path, second={}) as stage:
        code = await made(stage)
        _, other = await same_person(stage, await stage.customer(), "second")
        status, _ = await stage.asked_control("POST", f"customers/{other['openid']}/scan", {"url": code["url"]})
    assert status == 404


async def test_anybody_with_the_ticket_sees_the_picture_until_it_expires(stage: Stage) -> None:
    code = await made(stage)
    status, kind, body = await picture(stage, code["ticket"])
    assert (status, kind) == (200, "image/png")
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    await stage.advance(601)
    assert (await picture(stage, code["ticket"]))[0] == 404
    openid = await stage.customer()
    assert (await stage.asked_control("POST", f"customers/{openid}/scan", {"url": code["url"]}))[0] == 409


async def test_there_is_no_picture_for_another_ticket(stage: Stage) -> None:
    code = await made(stage)
    assert [(await picture(stage, ticket))[0] for ticket in ("", "unknown", code["url"])] == [404, 404, 404]
    assert (await picture(stage, code["ticket"], "POST"))[0] == 404
