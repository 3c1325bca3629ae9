"""The front server has the Slack stand-in, and its addresses lead back to it."""

from __future__ import annotations

from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer

from infra.local.front.server import front_application
from infra.local.front.settings import FrontSettings, ProviderSettings, SlackSettings
from infra.local.providers.slack import AccountSettings
from infra.local.stack.demo.slack import accounts
from infra.local.stack.settings import Settings
from tests.unit.local.slack_stage import free_port


async def test_the_demo_account_reaches_its_stand_in(tmp_path: Path) -> None:
    # given the stack's demo account, told to both sides
    stack = Settings(home=tmp_path, port=free_port())
    demo = accounts(stack)["main"]
    stand_in = SlackSettings(accounts={"main": AccountSettings(**demo["stand_in"])})
    settings = FrontSettings(
        gateway_url="http://127.0.0.1:1",
        api_key="k",
        providers=ProviderSettings(slack=stand_in),
        folder=str(tmp_path / "providers"),
    )
    secret = demo["secret"]
    headers = {"Authorization": f"Bearer {secret['bot_token']}"}
    form = {"filename": "a.txt", "length": "2"}
    async with TestServer(front_application(settings, stack.url), port=stack.port), aiohttp.ClientSession() as session:
        # when the connector's addresses are called
        async with session.post(f"{secret['api_base']}/api/auth.test", headers=headers) as answer:
            me = await answer.json()
        async with session.post(
            f"{secret['api_base']}/api/files.getUploadURLExternal", data=form, headers=headers
        ) as answer:
            place = await answer.json()
        async with session.post(place["upload_url"], data=b"hi") as answer:
            uploaded = answer.status
        async with session.get(f"{stack.url}/_control/slack/state") as answer:
            state = await answer.json()
    # then the stand-in is behind them
    assert (me["ok"], me["team_id"]) == (True, secret["team_id"])
    assert place["upload_url"].startswith(f"{stack.providers_url}/slack/files/upload/")
    assert uploaded == 200
    assert [channel["name"] for channel in state["channels"]] == ["support"]
