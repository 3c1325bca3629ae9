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
from datetime import UTC, datetime

import aiohttp

from infra.local.providers.webhooks import OneByOne, Sent
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.settings import AccountSettings

TRIES = 4


class Invocation(Sent, kw_only=True):
    invocation: str


class Webhooks(OneByOne[Invocation]):
    answer_seconds = 12.0

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def call(self, account: str, body: str) -> None:
        sent = Invocation(account=account, body=body, invocation=uuid.uuid4().hex)
        self.sent.append(sent)
        self.start(self._deliver(sent))

    async def again(self, sent: Invocation) -> int | None:
        return (await self._post(self._service.accounts[sent.account], sent))[0]

    async def _deliver(self, sent: Invocation) -> None:
        async with self.turn:
            for _ in range(TRIES):
                sent.status, pause = await self._post(self._service.accounts[sent.account], sent)
                if pause is None:
                    return
                await asyncio.sleep(pause)

    async def _post(self, settings: AccountSettings, sent: Invocation) -> tuple[int | None, float | None]:
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
        try:
            async with self.session.post(
                settings.webhook_url, data=sent.body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, _pause(answer)
        except (aiohttp.ClientError, TimeoutError):
            return None, None


def _pause(answer: aiohttp.ClientResponse) -> float | None:
    if answer.status == 409:
        return 0.2
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if answer.status in (429, 503) and asked.isdigit() and int(asked) < 60 else None
