"""The mail stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from infra.local.providers.email.api import SesApi
from infra.local.providers.email.backing import Backing
from infra.local.providers.email.control_api import EmailControl
from infra.local.providers.email.fates import SLOW_SECONDS
from infra.local.providers.email.listener import listening
from infra.local.providers.email.outbox import Outbox
from infra.local.providers.email.service import Service
from infra.local.providers.email.settings import EmailSettings


class EmailProvider:
    """SES receiving and sending, and the mailboxes of the rest of the world, in one process.

    ``api`` is mounted where accounts' ``api_base`` points, ``control`` under ``/_control/email``; the SMTP listener
    runs while ``api`` does. ``folder`` keeps the memory between runs.
    """

    def __init__(self, settings: EmailSettings, *, folder: Path, slow_seconds: float = SLOW_SECONDS) -> None:
        self.service = Service(settings, folder)
        self.backing = Backing(settings.aws)
        self.outbox = Outbox(self.service, self.backing, slow_seconds)
        self.api = SesApi(self.service, self.outbox).application()
        self.control = EmailControl(self.service, self.outbox).application()
        self.api.cleanup_ctx.append(self._running)

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        async with self.service.file.kept(), listening(self.service, self.backing):
            self.outbox.open()
            yield
            for task in self.outbox.under_way:
                task.cancel()
            await asyncio.gather(*self.outbox.under_way, return_exceptions=True)
