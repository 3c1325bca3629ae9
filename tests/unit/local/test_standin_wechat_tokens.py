"""The stand-in hands out access tokens as WeChat does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.local.stage import APP_ID, APP_SECRET, Stage, encoded, on_stage


async def test_the_same_token_comes_until_five_minutes_before_its_end(stage: Stage) -> None:
    first = await stage.stable_token()
    assert first["expires_in"] == 7200
    await stage.advance(7200 - 301)
    assert (await stage.stable_token())["access_token"] == first["access_token"]


async def test_near_its_end_a_new_token_comes_and_the_old_one_lives_five_more_minutes(stage: Stage) -> None:
    old = (await stage.stable_token())["access_token"]
    await stage.advance(7200 - 60)
    new = await stage.stable_token()
    assert new["access_token"] != old
    assert new["expires_in"] == 7200
    openid = await stage.customer()
    await stage.advance(290)
    assert "openid" in await stage.api("GET", "user/info", openid=openid, access_token=old)
    await stage.advance(20)
    assert (await stage.api("GET", "user/info", openid=openid, access_token=old))["errcode"] == 42001


async def test_a_forced_refresh_ends_the_old_token_at_once(stage: Stage) -> None:
    old = (await stage.stable_token())["access_token"]
    new = (await stage.stable_token(force_refresh=True))["access_token"]
    assert new != old
    assert (await stage.api("GET", "user/info", openid="o", access_token=old))["errcode"] == 40001


async def test_a_forced_refresh_within_thirty_seconds_of_the_last_refreshes_nothing(stage: Stage) -> None:
    first = (await stage.stable_token(force_refresh=True))["access_token"]
    assert (await stage.stable_token(force_refresh=True))["access_token"] == first
    await stage.advance(31)
    assert (await stage.stable_token(force_refresh=True))["access_token"] != first


async def test_the_twenty_first_forced_refresh_of_a_day_is_refused(stage: Stage) -> None:
    for _refresh in range(20):
        assert "access_token" in await stage.stable_token(force_refresh=True)
        await stage.advance(31)
    assert (await stage.stable_token(force_refresh=True))["errcode"] == 45009


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "short"}, 40125),
        ({"secret": "f" * 32}, 40001),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"force_refresh": "true"}, 47001),
        ({"extra": 1}, 47001),
    ],
)
async def test_wrong_credentials_are_told_apart(stage: Stage, changes: dict[str, Any], errcode: int) -> None:
    assert (await stage.stable_token(**changes))["errcode"] == errcode


async def test_a_caller_outside_the_whitelist_is_told_its_address(tmp_path: Path) -> None:
    async with on_stage(tmp_path, allowed_ips=["203.0.113.7"]) as stage:
        refused = await stage.stable_token()
    assert refused["errcode"] == 40164
    assert "invalid ip 127.0.0.1" in refused["errmsg"]


async def test_a_stable_token_is_asked_for_with_post(stage: Stage) -> None:
    _, _, content = await stage.raw("GET", "/cgi-bin/stable_token")
    assert json.loads(content)["errcode"] == 43002


async def test_the_other_token_call_rotates_at_each_call_and_leaves_the_stable_token_alone(stage: Stage) -> None:
    stable = (await stage.stable_token())["access_token"]
    query = {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET}
    tokens = []
    for _call in range(2):
        _, _, content = await stage.raw("GET", "/cgi-bin/token", params=query)
        tokens.append(json.loads(content)["access_token"])
    assert len({stable, *tokens}) == 3
    openid = await stage.customer()
    for token in (stable, *tokens):
        assert "openid" in await stage.api("GET", "user/info", openid=openid, access_token=token)


async def test_the_other_token_call_takes_get_only(stage: Stage) -> None:
    _, _, content = await stage.raw("POST", "/cgi-bin/token", data=encoded({}))
    assert json.loads(content)["errcode"] == 43001


async def test_a_call_without_a_token_or_with_an_unknown_one_is_refused(stage: Stage) -> None:
    assert (await stage.api("GET", "user/info", openid="o", access_token=""))["errcode"] == 41001
    assert (await stage.api("GET", "user/info", openid="o", access_token="x"))["errcode"] == 40001


async def test_errors_come_with_http_200_and_a_request_id(stage: Stage) -> None:
    status, headers, content = await stage.raw("GET", "/cgi-bin/nothing")
    assert status == 200
    assert headers["Content-Type"] == "application/json; encoding=utf-8"
    assert json.loads(content)["errcode"] == 40066
    assert " rid: " in json.loads(content)["errmsg"]
