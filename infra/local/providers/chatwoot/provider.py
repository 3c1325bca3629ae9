"""The Chatwoot stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

from infra.local.providers.chatwoot.api import ChatwootApi
from infra.local.providers.chatwoot.changes import Changes
from infra.local.providers.chatwoot.control_api import ChatwootControl
from infra.local.providers.chatwoot.delivery import Webhooks
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.settings import AccountSettings


class ChatwootProvider:
    """``api`` is mounted at ``public_url``, where accounts' ``api_base`` points; ``control`` goes under
    ``/_control/chatwoot``. ``folder`` keeps the memory between runs."""

    def __init__(self, accounts: dict[str, AccountSettings], *, public_url: str, folder: Path) -> None:
        self.service = Service(accounts, public_url, folder)
        self._webhooks = Webhooks(self.service)
        changes = Changes(self.service, self._webhooks)
        self.api = ChatwootApi(self.service, changes, self._webhooks).application()
        self.control = ChatwootControl(self.service, changes, self._webhooks).application()
        self.api.cleanup_ctx.append(self._running)

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session, self.service.file.kept():
            self._webhooks.session = session
            yield
            for task in self._webhooks.under_way:
                task.cancel()
            await asyncio.gather(*self._webhooks.under_way, return_exceptions=True)
            self._webhooks.session = None
