"""What belongs to this machine is closed to other sites, and the page can load nothing foreign."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from yarl import URL

from infra.local.front.page import DESK, SHOP
from infra.local.front.server import front_application
from infra.local.front.settings import FrontSettings, ProviderSettings, WeChatSettings
from infra.local.providers.wechat import AccountSettings

ACCOUNT = AccountSettings(
    app_id="wx1",
    app_secret="s" * 32,
    token="token",
    original_id="gh_1",
    webhook_url="http://127.0.0.1:1/hooks/wechat/main",
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[TestServer]:
    settings = FrontSettings(
        gateway_url="http://127.0.0.1:1",
        api_key="secret-key",
        socket_url="ws://abc.execute-api.localhost:4566/live",
        content_origins=["http://127.0.0.1:4566"],
        accounts={"wechat": ["main"], "webchat": ["main"]},
        providers=ProviderSettings(wechat=WeChatSettings(accounts={"main": ACCOUNT})),
        folder=str(tmp_path),
    )
    made = TestServer(front_application(settings, "http://127.0.0.1"))
    async with made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


async def test_the_page_learns_the_key_and_the_accounts(server: TestServer, session: aiohttp.ClientSession) -> None:
    async with session.get(server.make_url("/_local/settings.json")) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        settings = await answer.json()
    assert settings["api_key"] == "secret-key"
    assert settings["accounts"] == {"wechat": ["main"], "webchat": ["main"]}
    assert settings["providers"] == ["wechat"]


@pytest.mark.parametrize(
    "path",
    [
        "/_local/settings.json",
        "/_local/health",
        "/_control/wechat/users",
        "/providers/wechat/cgi-bin/token",
        "/",
        "/desk.js",
        "/shop/",
    ],
)
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "attacker.example"}, "bad_host"),
        ({"Host": "127.0.0.1.attacker.example:80"}, "bad_host"),
        ({"Host": "localhost.attacker.example"}, "bad_host"),
        ({"Host": "attacker.example@127.0.0.1:x"}, "bad_host"),
        ({"Origin": "https://attacker.example"}, "cross_origin"),
        ({"Origin": "null"}, "cross_origin"),
        ({"Origin": "http://127.0.0.1:1"}, "cross_origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "cross_site"),
        ({"Sec-Fetch-Site": "same-site"}, "cross_site"),
    ],
)
async def test_other_sites_are_refused(
    server: TestServer, session: aiohttp.ClientSession, path: str, headers: dict[str, str], code: str
) -> None:
    async with session.get(server.make_url(path), headers=headers) as answer:
        content = await answer.json(content_type="application/problem+json")
    assert (answer.status, content["code"]) == (403, code)


async def test_the_page_itself_and_programs_on_this_machine_are_let_in(
    server: TestServer, session: aiohttp.ClientSession
) -> None:
    own = f"localhost:{server.port}"
    for headers in ({}, {"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}):
        async with session.get(server.make_url("/_local/health"), headers=headers) as answer:
            assert await answer.json() == {"status": "ok"}


async def test_other_sites_may_call_the_public_paths(server: TestServer, session: aiohttp.ClientSession) -> None:
    headers = {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site", "Host": "tunnel.example"}
    async with session.get(server.make_url("/chat/main/messages"), headers=headers) as answer:
        assert answer.status == 502


@pytest.mark.parametrize("page", ["/", "/shop/"])
async def test_the_pages_come_with_a_strict_policy(
    server: TestServer, session: aiohttp.ClientSession, page: str
) -> None:
    async with session.get(server.make_url(page)) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "onethread" in await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "connect-src 'self' http://127.0.0.1:4566 ws://abc.execute-api.localhost:4566;" in policy


async def test_the_shop_may_be_framed_by_the_desk_and_the_desk_by_nobody(
    server: TestServer, session: aiohttp.ClientSession
) -> None:
    for page, ancestors in (("/", "'none'"), ("/shop/", "'self'")):
        async with session.get(server.make_url(page)) as answer:
            assert f"frame-ancestors {ancestors};" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("folder", ["", "shop/"])
@pytest.mark.parametrize(
    "name", ["..%2Ffront%2Fsettings.py", "../front/settings.py", "%2e%2e", "none.js", "settings.py"]
)
async def test_only_the_pages_own_files_are_served(
    server: TestServer, session: aiohttp.ClientSession, folder: str, name: str
) -> None:
    async with session.get(URL(f"http://127.0.0.1:{server.port}/{folder}{name}", encoded=True)) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("page", "folder"), [("/", DESK), ("/shop/", SHOP)])
async def test_every_file_that_a_page_names_is_there(
    server: TestServer, session: aiohttp.ClientSession, page: str, folder: Path
) -> None:
    named = set(re.findall(r'(?:src|href)="([\w.]+)"', (folder / "index.html").read_text()))
    assert len(named) >= 2
    for name in named:
        async with session.get(server.make_url(f"{page}{name}")) as answer:
            assert answer.status == 200, name


def test_the_pages_sources_never_read_markup_and_load_nothing_foreign() -> None:
    sources = [path for path in [*(DESK.parent / "source").rglob("*"), *SHOP.iterdir()] if path.is_file()]
    assert len(sources) > 20
    for path in sources:
        text = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text, re.IGNORECASE
        ), path
        assert not re.search(r"""(src|href)=["'](https?:)?//|@import url|url\(""", text), path


async def test_the_stand_in_is_reached_under_providers_and_control(
    server: TestServer, session: aiohttp.ClientSession
) -> None:
    async with session.post(server.make_url("/_control/wechat/customers"), json={"name": "小明"}) as answer:
        assert answer.status == 201
    body = {"grant_type": "client_credential", "appid": "wx1", "secret": "s" * 32}
    async with session.post(server.make_url("/providers/wechat/cgi-bin/stable_token"), json=body) as answer:
        assert "access_token" in await answer.json(content_type=None)


def test_the_module_runs_and_stops_on_sigterm(tmp_path: Path) -> None:
    settings = {"gateway_url": "http://127.0.0.1:1", "api_key": "k", "port": 0, "folder": str(tmp_path)}
    (tmp_path / "front.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "infra.local.front", "--settings", str(tmp_path / "front.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/_local/health", timeout=10) as answer:
            assert json.load(answer) == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_port_is_the_given_one_else_the_environment_s_else_8700(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONETHREAD_PORT", raising=False)
    given = FrontSettings(gateway_url="http://x", api_key="k", port=1234)
    silent = FrontSettings(gateway_url="http://x", api_key="k")
    assert (given.listening_port(), silent.listening_port()) == (1234, 8700)
    monkeypatch.setenv("ONETHREAD_PORT", "9001")
    assert (given.listening_port(), silent.listening_port()) == (1234, 9001)
