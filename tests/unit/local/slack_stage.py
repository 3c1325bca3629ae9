"""A Slack stand-in on a free port, the app's server it posts to, and short ways to call both."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.local.providers.slack import AccountSettings, SlackProvider

TOKEN, SECRET = "xoxb-1-test", "0123456789abcdef0123456789abcdef"
TEAM, APP, BOT_ID, BOT = "T0HOME", "A0APP", "B0BOT", "U0BOT"


class AppServer:
    """The app's server: remembers what is posted; answers with ``answers`` in turn (a number: so many seconds late),
    then with an empty 200."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.arrived = asyncio.Event()
        self.answers: list[web.Response | float | Callable[[bytes], web.Response]] = []

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.posts.append((dict(request.headers), body))
        self.arrived.set()
        answer = self.answers.pop(0) if self.answers else web.Response()
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.Response()
        return answer if isinstance(answer, web.Response) else answer(body)

    def envelopes(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.posts if body.startswith(b"{")]

    def events(self) -> list[dict[str, Any]]:
        return [envelope["event"] for envelope in self.envelopes()]

    def payload(self) -> dict[str, Any]:
        """That of the last interaction."""
        return dict(json.loads(parse_qs(self.posts[-1][1].decode())["payload"][0]))


class SlackStage:
    """Calls to the stand-in. ``api`` sends JSON with the account's token."""

    def __init__(self, url: str, session: aiohttp.ClientSession, server: AppServer) -> None:
        self.url = url
        self.session = session
        self.server = server

    async def raw(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, str], bytes]:
        async with self.session.request(method, f"{self.url}/slack{path}", allow_redirects=False, **options) as answer:
            return answer.status, dict(answer.headers), await answer.read()

    async def api(self, method: str, body: dict[str, Any] | None = None, token: str = TOKEN) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        status, _, content = await self.raw("POST", f"/api/{method}", data=json.dumps(body or {}), headers=headers)
        assert status == 200
        return dict(json.loads(content))

    async def form(self, method: str, **fields: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        status, _, content = await self.raw("POST", f"/api/{method}", data=fields, headers=headers)
        assert status == 200
        return dict(json.loads(content))

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; a refusal fails the test."""
        status, content = await self.asked_control(method, path, body)
        assert status < 300, content
        return content

    async def asked_control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        url = f"{self.url}/_control/slack/{path}"
        async with self.session.request(method, url, json=body if method == "POST" else None) as answer:
            return answer.status, await answer.json()

    async def user(self, name: str = "Anna Smit", **more: Any) -> str:
        return str((await self.control("POST", "users", {"name": name, **more}))["id"])

    async def direct(self, user: str) -> str:
        return str((await self.control("POST", "direct", {"user": user}))["id"])

    async def support(self) -> str:
        """The id of the first channel."""
        channels = (await self.control("GET", "state"))["channels"]
        return str(next(channel["id"] for channel in channels if channel["name"] == "support"))

    async def write(self, user: str, text: str, **more: Any) -> dict[str, Any]:
        return dict(await self.control("POST", "messages", {"user": user, "text": text, **more}))

    async def messages(self, channel: str) -> list[dict[str, Any]]:
        return list((await self.control("GET", f"channels/{channel}"))["messages"])

    async def heard(self, count: int) -> list[dict[str, Any]]:
        """Waits until that many posts have come."""
        async with asyncio.timeout(5):
            while len(self.server.posts) < count:
                self.server.arrived.clear()
                await self.server.arrived.wait()
        return self.server.events()


@contextlib.asynccontextmanager
async def on_slack_stage(
    folder: Path,
    *,
    answer_seconds: float = 3.0,
    retry_seconds: tuple[float, ...] = (0.0, 0.01, 0.02),
    **settings: Any,
) -> AsyncIterator[SlackStage]:
    """The stand-in with one account ``main``; ``settings`` change the account's."""
    server = AppServer()
    application = web.Application()
    application.router.add_post("/hooks/slack/main", server.receive)
    async with TestServer(application) as hook, aiohttp.ClientSession() as session:
        account = AccountSettings(
            **{
                "bot_token": TOKEN,
                "signing_secret": SECRET,
                "webhook_url": str(hook.make_url("/hooks/slack/main")),
                "team_id": TEAM,
                "app_id": APP,
                "bot_id": BOT_ID,
                "bot_user_id": BOT,
                **settings,
            }
        )
        stand_in, port = web.Application(client_max_size=24 << 20), free_port()
        url = f"http://127.0.0.1:{port}"
        provider = SlackProvider(
            {"main": account},
            public_url=f"{url}/slack",
            folder=folder,
            answer_seconds=answer_seconds,
            retry_seconds=retry_seconds,
        )
        stand_in.add_subapp("/slack", provider.api)
        stand_in.add_subapp("/_control/slack", provider.control)
        async with TestServer(stand_in, port=port):
            yield SlackStage(url, session, server)


def free_port() -> int:
    """A port that nobody listens on now: the stand-in's own addresses must lead back to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
