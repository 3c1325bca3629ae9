"""Webhooks: signed, twelve seconds for an answer.

A 409 is tried again up to three times, and a 429 or 503 only when it says ``Retry-After`` with less than a minute.
Sources: developer.zendesk.com/documentation/webhooks/verifying;
developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections import deque
from datetime import UTC, datetime

import aiohttp
import msgspec

from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.settings import AccountSettings

ANSWER_SECONDS = 12.0
TRIES = 4


class Sent(msgspec.Struct, kw_only=True):
    """One webhook: ``status`` is that of the last answer, None when there was none in time."""

    account: str
    body: str
    invocation: str
    status: int | None = None


class Webhooks:
    """``session`` is there while the stand-in runs; ``under_way`` are deliveries that have not ended."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.session: aiohttp.ClientSession | None = None
        self.under_way: set[asyncio.Task[None]] = set()
        self.sent: deque[Sent] = deque(maxlen=1000)
        self._turn = asyncio.Lock()

    def call(self, account: str, body: str) -> None:
        sent = Sent(account=account, body=body, invocation=uuid.uuid4().hex)
        self.sent.append(sent)
        task = asyncio.create_task(self._deliver(sent))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def settled(self) -> None:
        """Every webhook has been answered, or given up."""
        while self.under_way:
            await asyncio.gather(*self.under_way)

    async def again(self, sent: Sent) -> int | None:
        """The same bytes once more, signed anew."""
        return (await self._post(self._service.accounts[sent.account], sent))[0]

    async def _deliver(self, sent: Sent) -> None:
        """One goes after the other, so that a test knows what comes first; Zendesk itself promises no order."""
        async with self._turn:
            for _ in range(TRIES):
                sent.status, pause = await self._post(self._service.accounts[sent.account], sent)
                if pause is None:
                    return
                await asyncio.sleep(pause)

    async def _post(self, settings: AccountSettings, sent: Sent) -> tuple[int | None, float | None]:
        """The status of the answer, and how long to wait for another try, if there shall be one."""
        if self.session is None:
            return None, None
        timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        signed = (timestamp + sent.body).encode()
        digest = hmac.new(settings.webhook_secret.encode(), signed, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Zendesk-Webhook-Id": "01HXSTANDIN",
            "X-Zendesk-Webhook-Invocation-Id": sent.invocation,
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        }
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self.session.post(
                settings.webhook_url, data=sent.body.encode(), headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                return answer.status, _pause(answer)
        except (aiohttp.ClientError, TimeoutError):
            return None, None


def _pause(answer: aiohttp.ClientResponse) -> float | None:
    if answer.status == 409:
        return 0.2
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if answer.status in (429, 503) and asked.isdigit() and int(asked) < 60 else None
