"""``onethread helpdesk``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.desks import StandIn, stand_in
from tests.unit.cli.stage import FakeApi, Result, Stack

Run = Callable[..., Result]
SECRET = "shop-helpdesk/generic/main"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The settings of an account, complete."""
    with_secrets = StandIn("generic", tmp_path).account
    path = tmp_path / "desk.json"
    path.write_text(json.dumps({**with_secrets, "api_base": "https://desk.example"}))
    return path


@pytest.fixture
def subscribed(api: FakeApi) -> FakeApi:
    """An API that has no subscription yet, and makes one."""
    api.status, api.answer = 200, {"items": [], "id": "sub_1"}
    return api


def stored(stack: Stack) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(stack.secrets.get_secret_value(SecretId=SECRET)["SecretString"])
    return settings


def test_set_stores_the_settings_subscribes_the_account_and_says_where_its_webhooks_go(
    run: Run, stack: Stack, subscribed: FakeApi, file: Path
) -> None:
    result = run("--local", "helpdesk", "set", "generic", "main", "--file", str(file))
    assert (result.code, result.err) == (0, "")
    assert f"{stack.outputs['Url']}/helpdesks/generic/main" in result.out
    assert "sub_1" in result.out
    assert stored(stack)["api_base"] == "https://desk.example"
    made = [
        body
        for (path, _, body), method in zip(subscribed.requests, subscribed.methods, strict=True)
        if (method, path) == ("POST", "/v1/subscriptions")
    ]
    assert made == [{"helpdesk": "generic/main"}]


def test_an_account_that_is_subscribed_is_not_subscribed_again(
    run: Run, stack: Stack, subscribed: FakeApi, file: Path
) -> None:
    subscribed.answer = {"items": [{"id": "sub_7", "helpdesk": "generic/main"}]}
    result = run("--local", "--json", "helpdesk", "set", "generic", "main", "--file", str(file))
    assert result.json["subscription_id"] == "sub_7"
    assert set(subscribed.methods) == {"GET"}


def test_settings_on_the_command_line_come_over_those_of_the_file(
    run: Run, stack: Stack, subscribed: FakeApi, file: Path
) -> None:
    run("--local", "helpdesk", "set", "generic", "main", "--file", str(file), "api_base=https://other.example")
    assert stored(stack)["api_base"] == "https://other.example"


def test_settings_with_a_mistake_are_not_stored_and_the_mistake_is_named(
    run: Run, stack: Stack, subscribed: FakeApi, file: Path
) -> None:
    result = run("--local", "--json", "helpdesk", "set", "generic", "main", "--file", str(file), "api_base=nowhere")
    assert result.code == 1
    assert result.error["code"] == "invalid_settings"
    assert "api_base" in result.error["message"]
    assert subscribed.requests == []
    with pytest.raises(stack.secrets.exceptions.ResourceNotFoundException):
        stored(stack)


@pytest.mark.parametrize("content", ["{", "[1]", '"token-of-the-desk"'])
def test_a_file_that_holds_no_settings_is_refused_without_being_shown(
    run: Run, stack: Stack, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    result = run("--local", "helpdesk", "set", "generic", "main", "--file", str(path))
    assert result.code == 2
    assert "token-of-the-desk" not in result.out + result.err


def test_no_value_of_a_setting_is_ever_printed(run: Run, stack: Stack, subscribed: FakeApi, file: Path) -> None:
    for words in (("set", "generic", "main", "--file", str(file)), ("list",)):
        for form in ((), ("--json",)):
            result = run("--local", *form, "helpdesk", *words)
            assert result.code == 0
            assert "token-of-the-desk" not in result.out + result.err
            assert "secret-of-the-webhook" not in result.out + result.err


def test_check_calls_the_helpdesk(run: Run, stack: Stack, subscribed: FakeApi, file: Path) -> None:
    with stand_in("generic") as running:
        address = f"api_base={running.account['api_base']}"
        run("--local", "helpdesk", "set", "generic", "main", "--file", str(file), address)
        result = run("--local", "helpdesk", "check", "generic", "main")
    assert result.code == 0
    assert "ok      api: answered with name main" in result.out


def test_a_helpdesk_that_cannot_be_reached_fails_the_check(
    run: Run, stack: Stack, subscribed: FakeApi, file: Path
) -> None:
    run("--local", "helpdesk", "set", "generic", "main", "--file", str(file), "api_base=http://127.0.0.1:9")
    result = run("--local", "helpdesk", "check", "generic", "main")
    assert result.code == 1
    assert "FAILED  provider_unreachable" in result.out


def test_remove_takes_the_subscription_away_as_well(run: Run, stack: Stack, subscribed: FakeApi, file: Path) -> None:
    run("--local", "helpdesk", "set", "generic", "main", "--file", str(file))
    subscribed.answer = {"items": [{"id": "sub_1", "helpdesk": "generic/main"}]}
    result = run("--local", "helpdesk", "remove", "generic", "main", "--yes")
    assert result.code == 0
    assert (subscribed.methods[-1], subscribed.requests[-1][0]) == ("DELETE", "/v1/subscriptions/sub_1")
    assert run("--local", "helpdesk", "remove", "generic", "main", "--yes").code == 1


def test_what_is_no_helpdesk_is_said_so(run: Run, stack: Stack) -> None:
    assert "there is no helpdesk named" in run("--local", "helpdesk", "set", "pigeon", "main", "a=b").err
