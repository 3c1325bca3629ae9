"""The Zendesk stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

from infra.local.providers.zendesk.api import ZendeskApi
from infra.local.providers.zendesk.changes import Changes
from infra.local.providers.zendesk.control_api import ZendeskControl
from infra.local.providers.zendesk.delivery import Webhooks
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.settings import AccountSettings


class ZendeskProvider:
    """``api`` is mounted at ``public_url``, where accounts' ``api_base`` points; ``control`` goes under
    ``/_control/zendesk``. ``folder`` keeps the memory between runs."""

    def __init__(self, accounts: dict[str, AccountSettings], *, public_url: str, folder: Path) -> None:
        self.service = Service(accounts, public_url, folder)
        self._webhooks = Webhooks(self.service)
        changes = Changes(self.service, self._webhooks)
        self.api = ZendeskApi(self.service, changes, self._webhooks).application()
        self.control = ZendeskControl(self.service, changes, self._webhooks).application()
        self.api.cleanup_ctx.append(self._running)

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session, self.service.file.kept():
            self._webhooks.session = session
            yield
            for task in self._webhooks.under_way:
                task.cancel()
            await asyncio.gather(*self._webhooks.under_way, return_exceptions=True)
            self._webhooks.session = None
