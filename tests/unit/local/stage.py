"""A WeChat stand-in on a free port, the server it pushes to, and short ways to call both."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.local.providers.wechat import AccountSettings, WeChatProvider

APP_ID, APP_SECRET, TOKEN = "wx1234567890abcdef", "0123456789abcdef0123456789abcdef", "test_token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ORIGINAL_ID = "gh_0123456789ab"
SECOND_APP_ID = "wxfedcba0987654321"


class Webhook:
    """The account's server: remembers pushes; answers with ``answers`` in turn, then with ``success``."""

    def __init__(self) -> None:
        self.pushes: list[tuple[dict[str, str], bytes, dict[str, str]]] = []
        self.answers: list[web.Response | float] = []

    async def receive(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=request.query.get("echostr", ""))
        self.pushes.append((dict(request.query), await request.read(), dict(request.headers)))
        answer = self.answers.pop(0) if self.answers else web.Response(text="success")
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.Response(text="success")
        return answer

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_route("*", "/hooks/wechat/main", self.receive)
        async with TestServer(application) as server:
            yield str(server.make_url("/hooks/wechat/main"))


class Stage:
    """Calls to the stand-in. ``api`` adds an access token of the account unless told another."""

    def __init__(self, url: str, session: aiohttp.ClientSession, webhook: Webhook, provider: WeChatProvider) -> None:
        self.url = url
        self.session = session
        self.webhook = webhook
        self.provider = provider
        self.access_token: str | None = None

    async def raw(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, str], bytes]:
        async with self.session.request(method, f"{self.url}/wechat{path}", allow_redirects=False, **options) as answer:
            return answer.status, dict(answer.headers), await answer.read()

    async def api(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        if self.access_token is None:
            self.access_token = (await self.stable_token())["access_token"]
        query = {"access_token": self.access_token, **query}
        data = body if isinstance(body, bytes | aiohttp.FormData | None) else encoded(body)
        status, _, content = await self.raw(method, f"/cgi-bin/{path}", params=query, data=data)
        assert status == 200
        return dict(json.loads(content))

    async def stable_token(self, **changes: Any) -> dict[str, Any]:
        asked = {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET, **changes}
        _, _, content = await self.raw("POST", "/cgi-bin/stable_token", data=encoded(asked))
        return dict(json.loads(content))

    async def send(self, openid: str, kind: str, content: dict[str, Any], **more: Any) -> int:
        """The errcode of a customer-service message."""
        body = {"touser": openid, "msgtype": kind, kind: content, **more}
        return int((await self.api("POST", "message/custom/send", body))["errcode"])

    async def typing(self, openid: str, command: str = "Typing") -> int:
        answer = await self.api("POST", "message/custom/typing", {"touser": openid, "command": command})
        return int(answer["errcode"])

    async def upload(
        self, kind: str, data: bytes, filename: str, content_type: str, field: str = "media"
    ) -> dict[str, Any]:
        form = aiohttp.FormData()
        form.add_field(field, data, filename=filename, content_type=content_type)
        return await self.api("POST", "media/upload", form, type=kind)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; a refusal fails the test."""
        status, content = await self.asked_control(method, path, body)
        assert status < 300, content
        return content

    async def asked_control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        url = f"{self.url}/_control/wechat/{path}"
        async with self.session.request(method, url, json=body if method == "POST" else None) as answer:
            return answer.status, await answer.json()

    async def customer(self, *, follow: bool = False, wrote: bool = False) -> str:
        """The openid of a new user, who followed or wrote before when told so."""
        made = await self.control("POST", "customers", {"name": "小明", "follow": follow})
        if wrote:
            await self.write(made["openid"], text="你好")
        return str(made["openid"])

    async def write(self, openid: str, **message: Any) -> dict[str, Any]:
        body = {"type": "text", **message}
        return dict(await self.control("POST", f"customers/{openid}/messages", body))

    async def timeline(self, openid: str) -> list[dict[str, Any]]:
        return list((await self.control("GET", f"customers/{openid}"))["timeline"])

    async def advance(self, seconds: float) -> None:
        await self.control("POST", "clock", {"advance_seconds": seconds})


def encoded(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


@contextlib.asynccontextmanager
async def on_stage(
    folder: Path, *, answer_seconds: float = 5.0, second: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Stage]:
    """The stand-in with one account ``main``, and with ``second`` when settings of it are given; ``settings`` change
    those of both."""
    webhook = Webhook()
    async with webhook.running() as webhook_url, aiohttp.ClientSession() as session:
        shared = {
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "token": TOKEN,
            "original_id": ORIGINAL_ID,
            "webhook_url": webhook_url,
            **settings,
        }
        accounts = {"main": AccountSettings(**shared)}
        if second is not None:
            accounts["second"] = AccountSettings(**{**shared, "app_id": SECOND_APP_ID, **second})
        provider = WeChatProvider(
            accounts, public_url="http://127.0.0.1/wechat", folder=folder, answer_seconds=answer_seconds
        )
        application = web.Application(client_max_size=24 << 20)
        application.add_subapp("/wechat", provider.api)
        application.add_subapp("/_control/wechat", provider.control)
        async with TestServer(application) as server:
            yield Stage(str(server.make_url("")).rstrip("/"), session, webhook, provider)
