"""Two readings of WeChat's documentation, the connector's and the stand-in's, agree on who somebody is and how they
come over from another channel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.channels.wechat.ingress import INGRESS
from shared.http.outgoing import ProviderClient
from shared.http.request import Request
from shared.model.envelope import Envelope
from shared.model.inbound import InboundMessage
from shared.ports.connector import Profile
from shared.ports.context import AccessTokens, ChannelContext
from tests.support.providers import Tokens, channel_context
from tests.unit.local.stage import AES_KEY, APP_ID, APP_SECRET, SECOND_APP_ID, TOKEN, Stage, on_stage

CONNECTOR = registry.connector("wechat")
CODE = "K7QM2XPD"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, encoding_aes_key=AES_KEY, open_platform=True, second={}) as made:
        yield made


def account(stage: Stage, app_id: str = APP_ID) -> dict[str, Any]:
    secrets = {"app_id": app_id, "app_secret": APP_SECRET, "token": TOKEN, "encoding_aes_key": AES_KEY}
    return {**secrets, "api_base": f"{stage.url}/wechat"}


def context(stage: Stage, app_id: str = APP_ID, tokens: AccessTokens | None = None) -> ChannelContext:
    return channel_context(account(stage, app_id), http=ProviderClient(), tokens=tokens or Tokens(stored=None))


def understood(stage: Stage) -> InboundMessage:
    """The stand-in's last push, as the connector reads it."""
    query, body, headers = stage.webhook.pushes[-1]
    request = Request("POST", "/", query, {name.lower(): value for name, value in headers.items()}, body)
    [verified] = INGRESS.verify(request, account(stage), time.time())
    [event] = CONNECTOR.parse(Envelope("wechat", "main", time.time(), verified.body, verified.query))
    assert isinstance(event, InboundMessage)
    return event


async def profile(stage: Stage, openid: str, app_id: str = APP_ID) -> Profile | None:
    return await asyncio.to_thread(CONNECTOR.profile, openid, context(stage, app_id))


@pytest.mark.parametrize(("follows", "opens"), [(True, "scan"), (False, "follow")])
async def test_whoever_scans_the_code_brings_the_link_code_and_nothing_else(
    stage: Stage, follows: bool, opens: str
) -> None:
    link = await asyncio.to_thread(CONNECTOR.deep_link, CODE, context(stage))
    openid = await stage.customer(follow=follows)
    assert link is not None
    await stage.control("POST", f"customers/{openid}/scan", {"url": link.qr})
    event = understood(stage)
    assert (event.sender.external_id, event.link_code, event.link_only, event.opens) == (openid, CODE, True, opens)


async def test_the_link_shows_a_picture_as_long_as_the_link_code_lives(stage: Stage) -> None:
    link = await asyncio.to_thread(CONNECTOR.deep_link, CODE, context(stage))
    assert link is not None
    async with stage.session.get(link.url) as shown:
        assert (shown.status, shown.content_type) == (200, "image/png")
    await stage.advance(901)
    async with stage.session.get(link.url) as gone:
        assert gone.status == 404


async def test_a_token_that_wechat_no_longer_takes_is_replaced(stage: Stage) -> None:
    tokens = Tokens(stored="88_old")
    assert await asyncio.to_thread(CONNECTOR.deep_link, CODE, context(stage, tokens=tokens)) is not None
    assert tokens.replaced == 1


async def test_one_person_on_two_accounts_proves_one_unionid(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    wanted = {"name": "小明", "account": "second", "same_person_as": openid}
    other = (await stage.control("POST", "customers", wanted))["openid"]
    here, there = await profile(stage, openid), await profile(stage, other, SECOND_APP_ID)
    assert here is not None
    assert there is not None
    assert here.aliases["unionid"] == there.aliases["unionid"]
    assert (here.language, there.language) == ("zh-CN", None)
    assert await profile(stage, other) is None


async def test_an_account_that_may_not_has_neither_link_nor_profile(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    await stage.control("POST", "accounts/main", {"verified": False})
    assert await asyncio.to_thread(CONNECTOR.deep_link, CODE, context(stage)) is None
    assert await profile(stage, openid) is None
    found = await asyncio.to_thread(CONNECTOR.check, context(stage))
    assert [(each.ok, each.subject) for each in found][-1] == (True, "scan to continue")
