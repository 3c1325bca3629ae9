"""The small helpdesk as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

from infra.local.providers.generic.api import GenericApi
from infra.local.providers.generic.control_api import GenericControl
from infra.local.providers.generic.delivery import Webhooks
from infra.local.providers.generic.service import Service
from infra.local.providers.generic.settings import AccountSettings


class GenericProvider:
    """``api`` is mounted at ``public_url``, where accounts' ``api_base`` points; ``control`` goes under
    ``/_control/generic``. ``folder`` keeps the memory between runs."""

    def __init__(self, accounts: dict[str, AccountSettings], *, public_url: str, folder: Path) -> None:
        self.service = Service(accounts, public_url, folder)
        self._webhooks = Webhooks(self.service)
        self.api = GenericApi(self.service, self._webhooks).application()
        self.control = GenericControl(self.service, self._webhooks).application()
        self.api.cleanup_ctx.append(self._running)

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session, self.service.file.kept():
            self._webhooks.session = session
            yield
            for task in self._webhooks.under_way:
                task.cancel()
            await asyncio.gather(*self._webhooks.under_way, return_exceptions=True)
            self._webhooks.session = None
