"""The demo accounts: one set for every channel, with which the channel's own connector finds nothing wrong."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from connectors import registry
from infra.local.front.settings import FrontSettings
from infra.local.stack import front
from infra.local.stack.demo import DemoAccount, demo_accounts, demo_channels
from infra.local.stack.demo_helpdesks import demo_helpdesks
from infra.local.stack.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_every_channel_has_demo_accounts() -> None:
    assert demo_channels() == registry.channels()


def test_the_connectors_find_nothing_wrong_with_the_demo_accounts(settings: Settings) -> None:
    for account in demo_accounts(settings):
        assert registry.connector(account.channel).validate(account.secret) == [], account


def test_the_adapters_find_nothing_wrong_with_the_demo_helpdesks(settings: Settings) -> None:
    for account in demo_helpdesks(settings):
        assert registry.helpdesk(account.helpdesk).validate(account.secret) == [], account


def test_secrets_differ_from_start_to_start(settings: Settings) -> None:
    first, second = (json.dumps([account.secret for account in demo_accounts(settings)]) for _ in range(2))

    assert first != second


def test_wechat_comes_with_and_without_encryption(settings: Settings) -> None:
    modes = {account.name: account.secret["mode"] for account in demo_accounts(settings) if account.channel == "wechat"}

    assert modes == {"main": "secure", "plain": "plain"}


def test_the_front_server_understands_what_it_is_told(settings: Settings) -> None:
    outputs = {
        "ApiId": "abc123",
        "SocketUrl": "ws://127.0.0.1:4570/_aws/execute-api/def456/chat",
        "MailBucket": "mail",
        "MailTopicArn": "arn:aws:sns:eu-west-1:000000000000:mail",
        "MailConfigurationSet": "onethread-mail",
    }
    accounts = demo_accounts(settings)

    front.write_settings(settings, outputs, "ot_key", accounts, demo_helpdesks(settings))

    told = msgspec.json.decode(settings.front_file.read_bytes(), type=FrontSettings)
    assert told.gateway_url == "http://127.0.0.1:4570/_aws/execute-api/abc123"
    assert told.accounts["webchat"] == ["main"]
    assert told.providers.wechat is not None
    assert told.providers.wechat.accounts["main"].webhook_url == "http://127.0.0.1:8700/hooks/wechat/main"
    for helpdesk in ("chatwoot", "zendesk"):
        (account,) = told.providers.helpdesks[helpdesk].values()
        assert account["webhook_url"] == f"http://127.0.0.1:8700/helpdesks/{helpdesk}/demo"
    assert set(told.for_page()["providers"]) >= {"wechat", "chatwoot", "zendesk"}
    assert told.providers.email is not None
    assert told.providers.email.aws.bucket == "mail"
    assert told.providers.email.smtp_port == settings.smtp_port
    assert settings.front_file.stat().st_mode & 0o077 == 0


def test_the_stand_in_and_the_account_share_their_secrets(settings: Settings) -> None:
    def common(account: DemoAccount) -> bool:
        assert account.stand_in is not None
        return all(account.stand_in[name] == value for name, value in account.secret.items() if name != "api_base")

    assert all(common(account) for account in demo_accounts(settings) if account.stand_in)
