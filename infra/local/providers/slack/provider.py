"""The Slack stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

from infra.local.providers.slack.acts import Acts
from infra.local.providers.slack.api import SlackApi
from infra.local.providers.slack.control_api import control_application
from infra.local.providers.slack.delivery import ANSWER_SECONDS, RETRY_SECONDS, Delivery
from infra.local.providers.slack.events import Events
from infra.local.providers.slack.messages import Messages
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.settings import AccountSettings


class SlackProvider:
    """A Slack that lives in one process.

    ``api`` is mounted at ``public_url``: an account's ``api_base`` is ``public_url`` + ``/api``. ``control`` goes under
    ``/_control/slack``. ``folder`` keeps the memory between runs; ``answer_seconds`` is the time a webhook has, and
    ``retry_seconds`` are the waits before the second, third and fourth try of an event.
    """

    def __init__(
        self,
        accounts: dict[str, AccountSettings],
        *,
        public_url: str,
        folder: Path,
        answer_seconds: float = ANSWER_SECONDS,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        self.service = Service(accounts, public_url, folder)
        self.events = Events(self.service)
        messages = Messages(self.service, self.events)
        self.answer_seconds = answer_seconds
        self.retry_seconds = retry_seconds
        web_api = SlackApi(self.service, messages)
        self.api = web_api.application()
        acts = Acts(self.service, self.events, messages)
        self.control = control_application(self.service, self.events, acts, web_api.buckets)
        self.api.cleanup_ctx.append(self._running)

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session, self.service.file.kept():
            self.events.delivery = Delivery(session, self.answer_seconds, self.retry_seconds)
            yield
            for task in self.events.under_way:
                task.cancel()
            await asyncio.gather(*self.events.under_way, return_exceptions=True)
            self.events.delivery = None
