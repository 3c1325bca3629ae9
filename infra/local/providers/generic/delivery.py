"""Webhooks of the stand-in: signed, and sent until they are answered with 2xx, five times at the most."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from typing import Any

import aiohttp
import msgspec

from infra.local.providers.generic.service import Service
from infra.local.providers.generic.state import Comment, Ticket
from infra.local.providers.webhooks import Outgoing

TRIES = 5
PAUSE_SECONDS = 0.2


class Webhooks(Outgoing):
    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def tell(self, name: str, ticket: Ticket, comment: Comment | None = None) -> None:
        """Sends a webhook, without waiting for it. The order of two is not kept, as with real helpdesks."""
        self.start(self._deliver(ticket.account, self._body(name, ticket, comment)))

    def _body(self, name: str, ticket: Ticket, comment: Comment | None) -> bytes:
        value: dict[str, Any] = {
            "event": name,
            "at": time.time(),
            "ticket": {"id": int(ticket.id), "status": ticket.status, "external_id": ticket.external_id},
        }
        if comment is not None:
            files = [
                {"url": f"{self._service.public_url}/files/{each.id}", "name": each.name, "type": each.type}
                for each in comment.files
            ]
            author = {"name": comment.author, "kind": comment.kind}
            value["comment"] = {
                "id": int(comment.id),
                "body": comment.body,
                "public": comment.public,
                "author": author,
                "files": files,
            }
        return msgspec.json.encode(value)

    async def _deliver(self, account: str, body: bytes) -> None:
        settings = self._service.accounts[account]
        for number in range(TRIES):
            timestamp = str(int(time.time()))
            signed = f"{timestamp}.".encode() + body
            signature = hmac.new(settings.webhook_secret.encode(), signed, hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/json",
                "X-Desk-Timestamp": timestamp,
                "X-Desk-Signature": f"sha256={signature}",
            }
            if await self._posted(settings.webhook_url, body, headers):
                return
            await asyncio.sleep(PAUSE_SECONDS * 2**number)

    async def _posted(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        if self.session is None:
            return False
        try:
            async with self.session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False
