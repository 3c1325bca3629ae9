"""The stand-in's tokens rotate as Slack says, and the connector goes along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from shared.errors import DeliveryError
from shared.http.outgoing import ProviderClient
from shared.ports.connector import OutboundRequest
from shared.ports.context import ChannelContext
from tests.support.providers import Files, Tokens, channel_context
from tests.unit.local.slack_stage import SECRET, TEAM, SlackStage, on_slack_stage

CONNECTOR = registry.connector("slack")
APP: dict[str, Any] = {"client_id": "1.2", "client_secret": "s3cret"}
FIRST = "xoxe-1-first"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SlackStage]:
    async with on_slack_stage(tmp_path, bot_token="xoxe.xoxb-1-first", refresh_token=FIRST, **APP) as made:
        await made.control("POST", "behaviour", {"rate_limits": False})
        yield made


def context(stage: SlackStage, tokens: Tokens) -> ChannelContext:
    account = {**APP, "signing_secret": SECRET, "team_id": TEAM, "refresh_token": FIRST}
    return channel_context(
        account | {"api_base": f"{stage.url}/slack"}, http=ProviderClient(), tokens=tokens, media=Files()
    )


async def said(stage: SlackStage, tokens: Tokens) -> str:
    request = OutboundRequest("post", {"channel": await stage.support(), "text": "hi"})
    return (await asyncio.to_thread(CONNECTOR.send, request, context(stage, tokens))).status


async def refreshed(stage: SlackStage, **changes: str) -> dict[str, Any]:
    return await stage.form(
        "oauth.v2.access", **{**APP, "grant_type": "refresh_token", "refresh_token": FIRST, **changes}
    )


async def test_a_refresh_token_works_once_and_brings_the_next(stage: SlackStage) -> None:
    second = await refreshed(stage)

    assert (second["ok"], second["expires_in"], second["token_type"]) == (True, 43_200, "bot")
    assert (await refreshed(stage))["error"] == "invalid_refresh_token"
    assert (await refreshed(stage, refresh_token=second["refresh_token"]))["ok"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"client_secret": "no"}, "bad_client_secret"),
        ({"grant_type": "authorization_code"}, "invalid_grant_type"),
        ({"refresh_token": "xoxe-1-other"}, "invalid_refresh_token"),
    ],
)
async def test_credentials_that_are_not_the_apps_are_refused(
    stage: SlackStage, changes: dict[str, str], error: str
) -> None:
    assert (await refreshed(stage, **changes))["error"] == error


async def test_a_token_ends_after_twelve_hours(stage: SlackStage) -> None:
    token = (await refreshed(stage))["access_token"]
    await stage.control("POST", "clock", {"advance_seconds": 43_199})
    assert (await stage.api("auth.test", token=token))["ok"]

    await stage.control("POST", "clock", {"advance_seconds": 2})

    assert (await stage.api("auth.test", token=token))["error"] == "token_expired"
    assert (await stage.api("auth.test", token="xoxe.xoxb-1-other"))["error"] == "invalid_auth"


async def test_the_connector_writes_day_after_day(stage: SlackStage) -> None:
    tokens = Tokens(stored=None)
    for _ in range(3):
        assert await said(stage, tokens) == "delivered"
        await stage.control("POST", "clock", {"advance_seconds": 50_000})

    assert tokens.replaced == 2


async def test_when_somebody_else_has_used_the_refresh_token_the_account_has_to_be_repaired(stage: SlackStage) -> None:
    await refreshed(stage)

    with pytest.raises(DeliveryError) as raised:
        await said(stage, Tokens(stored=None))

    assert (raised.value.error_class, raised.value.code) == ("account", "invalid_refresh_token")


async def test_the_check_of_an_account_whose_token_rotates_is_content(stage: SlackStage) -> None:
    findings = await asyncio.to_thread(CONNECTOR.check, context(stage, Tokens(stored=None)))

    assert [finding for finding in findings if not finding.ok] == []
    assert "token rotation" in [finding.subject for finding in findings]
