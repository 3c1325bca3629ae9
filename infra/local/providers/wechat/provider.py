"""The WeChat stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

from infra.local.providers.wechat.api import WeChatApi
from infra.local.providers.wechat.control_api import WeChatControl
from infra.local.providers.wechat.customers import Customers
from infra.local.providers.wechat.delivery import ANSWER_SECONDS, Delivery
from infra.local.providers.wechat.service import Service
from infra.local.providers.wechat.settings import AccountSettings


class WeChatProvider:
    """A WeChat that lives in one process.

    ``api`` is mounted where accounts' ``api_base`` points, ``control`` under ``/_control/wechat``. ``public_url`` is
    the address of ``api``; ``folder`` keeps the memory between runs; ``answer_seconds`` is the time a webhook has.
    """

    def __init__(
        self,
        accounts: dict[str, AccountSettings],
        *,
        public_url: str,
        folder: Path,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.service = Service(accounts, public_url, folder)
        self.customers = Customers(self.service)
        self.answer_seconds = answer_seconds
        self.api = WeChatApi(self.service).application()
        self.control = WeChatControl(self.service, self.customers).application()
        self.api.cleanup_ctx.append(self._running)

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session, self.service.file.kept():
            self.customers.delivery = Delivery(session, self.answer_seconds)
            yield
            for push in self.customers.under_way:
                push.cancel()
            await asyncio.gather(*self.customers.under_way, return_exceptions=True)
            self.customers.delivery = None
