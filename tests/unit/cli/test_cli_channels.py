"""``onethread channel``."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from shared.errors import DeliveryError
from shared.ports.connector import Finding
from shared.ports.context import ChannelContext
from tests.unit.cli.stage import FakeApi, Result, Stack

Run = Callable[..., Result]
IDENTITY_SECRET = "a secret that only this site and we know"
ORIGINS = 'allowed_origins:=["https://shop.example"]'


def _stored(stack: Stack, name: str, stage: str = "AWSCURRENT") -> Any:
    return json.loads(stack.secrets.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"])


def test_set_creates_the_secret_of_a_new_account(run: Run, stack: Stack) -> None:
    result = run("--local", "channel", "set", "webchat", "main", f"identity_secret={IDENTITY_SECRET}", ORIGINS)
    assert (result.code, result.err) == (0, "")
    assert "webchat/main created: allowed_origins, identity_secret" in result.out
    assert _stored(stack, "shop/webchat/main") == {
        "identity_secret": IDENTITY_SECRET,
        "allowed_origins": ["https://shop.example"],
    }


def test_no_value_of_a_setting_is_ever_printed(run: Run, stack: Stack) -> None:
    for words in (("channel", "set", "webchat", "main", f"identity_secret={IDENTITY_SECRET}"), ("channel", "list")):
        for form in ((), ("--json",)):
            result = run("--local", *form, *words)
            assert result.code == 0
            assert IDENTITY_SECRET not in result.out + result.err


def test_set_merges_and_unsets_and_keeps_the_version_before(run: Run, stack: Stack) -> None:
    run("--local", "channel", "set", "webchat", "main", f"identity_secret={IDENTITY_SECRET}", ORIGINS)
    result = run("--local", "channel", "set", "webchat", "main", "--unset", "identity_secret", 'allowed_origins:=["*"]')
    assert result.code == 0
    assert _stored(stack, "shop/webchat/main") == {"allowed_origins": ["*"]}
    assert _stored(stack, "shop/webchat/main", "AWSPREVIOUS")["identity_secret"] == IDENTITY_SECRET


def test_setting_what_is_set_already_does_not_push_out_the_version_before(run: Run, stack: Stack) -> None:
    run("--local", "channel", "set", "webchat", "main", ORIGINS)
    run("--local", "channel", "set", "webchat", "main", 'allowed_origins:=["*"]')
    result = run("--local", "--json", "channel", "set", "webchat", "main", 'allowed_origins:=["*"]')
    assert result.json["outcome"] == "unchanged"
    assert _stored(stack, "shop/webchat/main", "AWSPREVIOUS") == {"allowed_origins": ["https://shop.example"]}


def test_values_come_from_files_and_from_standard_input(
    run: Run, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.txt").write_text("0123456789abcdef\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("token of ours\r\n"))
    result = run(
        "--local", "channel", "set", "wechat", "main", "app_id=wx12", f"app_secret=@{tmp_path}/secret.txt", "token=-"
    )
    assert result.code == 0
    expected = {"app_id": "wx12", "app_secret": "0123456789abcdef", "token": "token of ours"}
    assert _stored(stack, "shop/wechat/main") == expected


def test_the_webhook_url_to_paste_is_shown_for_channels_that_have_one(run: Run, stack: Stack, api: FakeApi) -> None:
    settings = ("app_id=wx12", "app_secret=s", "token=t")
    wechat = run("--local", "--json", "channel", "set", "wechat", "main", *settings).json
    webchat = run("--local", "--json", "channel", "set", "webchat", "main").json
    assert wechat["webhook_url"] == f"{api.url}/hooks/wechat/main"
    assert webchat["webhook_url"] is None


def test_settings_that_the_connector_refuses_are_not_stored(run: Run, stack: Stack) -> None:
    result = run("--local", "--json", "channel", "set", "webchat", "main", "identity_secret=short")
    assert result.code == 1
    assert result.error["code"] == "invalid_settings"
    assert "nothing was stored: identity_secret must be" in result.error["message"]
    assert run("--local", "--json", "channel", "list").json == {"items": []}


def test_a_setting_that_the_connector_does_not_look_at_is_pointed_out(run: Run, stack: Stack) -> None:
    result = run("--local", "channel", "set", "webchat", "main", ORIGINS, "allowed_orgins=x")
    assert result.code == 0
    assert result.err == "onethread: webchat does not check the setting allowed_orgins: is it spelled right?\n"


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("nonsense", "main", "a=b"), 1, "unknown_channel"),
        (("webchat", "main", "no assignment"), 2, "usage"),
        (("webchat", "main", "a:={secret"), 2, "usage"),
        (("webchat", "main", "a=1", "a=2"), 2, "usage"),
        (("webchat", "main", "a=1", "--unset", "a"), 2, "usage"),
        (("webchat", "ma/in", "a=1"), 2, "usage"),
        (("webchat", "main", "a=@/nowhere/file"), 1, "system"),
    ],
)
def test_settings_written_wrongly_change_nothing(
    run: Run, stack: Stack, words: tuple[str, ...], code: int, complaint: str
) -> None:
    result = run("--local", "--json", "channel", "set", *words)
    assert (result.code, result.error["code"]) == (code, complaint)
    assert "secret" not in result.err
    assert run("--local", "--json", "channel", "list").json == {"items": []}


def test_list_shows_accounts_and_no_other_secret(run: Run, stack: Stack, api: FakeApi) -> None:
    for name in ("shop/session", "shop2/webchat/main", "SHOP/webchat/other", "shop/future/one"):
        stack.secrets.create_secret(Name=name, SecretString="{}")
    run("--local", "channel", "set", "wechat", "main", "app_id=wx12", "app_secret=s", "token=t")
    items = run("--local", "--json", "channel", "list").json["items"]
    assert [(item["channel"], item["account"], item["webhook_url"]) for item in items] == [
        ("future", "one", None),
        ("wechat", "main", f"{api.url}/hooks/wechat/main"),
    ]
    assert "CHANNEL" in run("--local", "channel", "list").out


def test_check_says_ok_when_everything_is(run: Run, stack: Stack) -> None:
    run("--local", "channel", "set", "webchat", "main", ORIGINS)
    result = run("--local", "channel", "check", "webchat", "main")
    assert result.code == 0
    assert "ok      allowed_origins: https://shop.example" in result.out


def test_check_exits_1_when_something_is_wrong(run: Run, stack: Stack) -> None:
    run("--local", "channel", "set", "webchat", "main")
    result = run("--local", "--json", "channel", "check", "webchat", "main")
    assert result.code == 1
    assert result.json["ok"] is False
    assert {"ok": False, "subject": "allowed_origins"}.items() <= result.json["findings"][0].items()


def test_check_of_an_account_that_is_not_there_says_so(run: Run, stack: Stack) -> None:
    result = run("--local", "channel", "check", "webchat", "nobody")
    assert result.code == 1
    assert "shop/webchat/nobody" in result.err


class _Refused:
    """A connector whose provider does not know the account."""

    def validate(self, account: Mapping[str, Any]) -> list[str]:
        return []

    def check(self, context: ChannelContext) -> list[Finding]:
        raise DeliveryError("account", "bad_credentials", f"the provider does not know {context.account['app_id']}")


def test_what_the_provider_refuses_is_a_finding(run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--local", "channel", "set", "wechat", "main", "app_id=wx12", "app_secret=s", "token=t")
    monkeypatch.setattr(registry, "connector", lambda channel: _Refused())
    result = run("--local", "channel", "check", "wechat", "main")
    assert result.code == 1
    assert "FAILED  bad_credentials: the provider does not know wx12" in result.out


def test_remove_takes_the_account_away_and_set_brings_it_back(run: Run, stack: Stack) -> None:
    run("--local", "channel", "set", "webchat", "main", f"identity_secret={IDENTITY_SECRET}")
    assert run("--local", "channel", "remove", "webchat", "main", "--yes").code == 0
    assert run("--local", "--json", "channel", "list").json == {"items": []}
    assert run("--local", "--json", "channel", "remove", "webchat", "main", "--yes").error["code"] == "unknown_account"
    result = run("--local", "--json", "channel", "set", "webchat", "main", ORIGINS)
    assert result.json["outcome"] == "restored"
    assert _stored(stack, "shop/webchat/main") == {"allowed_origins": ["https://shop.example"]}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code", "left"), [("main\n", 0, 0), ("yes\n", 1, 1), ("", 1, 1)])
def test_remove_asks_for_the_name(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, left: int
) -> None:
    run("--local", "channel", "set", "webchat", "main")
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    assert run("--local", "channel", "remove", "webchat", "main").code == code
    assert len(run("--local", "--json", "channel", "list").json["items"]) == left


def test_remove_without_a_person_and_without_yes_is_refused(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--local", "channel", "set", "webchat", "main")
    monkeypatch.setattr("sys.stdin", io.StringIO("main\n"))
    assert run("--local", "channel", "remove", "webchat", "main").code == 2
