"""Webhooks of the inbox: signed, five seconds for an answer, and no second try.

A message whose webhook fails is shown to agents as failed. Source: lib/webhooks/trigger.rb and
app/listeners/webhook_listener.rb of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import uuid
from collections import deque
from typing import Any

import aiohttp
import msgspec

from infra.local.providers.chatwoot.payloads import conversation_webhook, message_webhook
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.settings import AccountSettings
from infra.local.providers.chatwoot.state import Conversation, Message

ANSWER_SECONDS = 5.0


class Sent(msgspec.Struct, kw_only=True):
    """One webhook: ``status`` is that of the answer, None when there was none in time."""

    account: str
    event: str
    body: str
    status: int | None = None


class Webhooks:
    """``session`` is there while the stand-in runs; ``under_way`` are deliveries that have not ended."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.session: aiohttp.ClientSession | None = None
        self.under_way: set[asyncio.Task[None]] = set()
        self.sent: deque[Sent] = deque(maxlen=1000)
        self._turn = asyncio.Lock()

    def message_created(self, conversation: Conversation, message: Message) -> None:
        if message.message_type != "activity":
            payload = message_webhook(self._service, conversation, message)
            self._start("message_created", payload, conversation, message)

    def message_updated(self, conversation: Conversation, message: Message) -> None:
        payload = message_webhook(self._service, conversation, message)
        self._start("message_updated", payload, conversation)

    def conversation_event(self, event: str, conversation: Conversation, changed: dict[str, list[Any]]) -> None:
        payload = conversation_webhook(self._service, conversation)
        changes = [{name: {"previous_value": old, "current_value": new}} for name, (old, new) in changed.items()]
        self._start(event, {**payload, "changed_attributes": changes}, conversation)

    async def settled(self) -> None:
        """Every webhook has been answered, or given up."""
        while self.under_way:
            await asyncio.gather(*self.under_way)

    async def again(self, sent: Sent) -> int | None:
        """The same bytes once more, signed anew."""
        return await self._post(self._service.accounts[sent.account], sent.body.encode())

    def _start(
        self, event: str, payload: dict[str, Any], conversation: Conversation, message: Message | None = None
    ) -> None:
        """One goes after the other, so that a test knows what comes first; Chatwoot itself promises no order."""
        body = msgspec.json.encode({**payload, "event": event}).decode()
        sent = Sent(account=conversation.account, event=event, body=body)
        self.sent.append(sent)
        task = asyncio.create_task(self._deliver(sent, message))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _deliver(self, sent: Sent, message: Message | None) -> None:
        async with self._turn:
            sent.status = await self._post(self._service.accounts[sent.account], sent.body.encode())
        if message is not None and not (sent.status is not None and sent.status < 300):
            message.status = "failed"
            message.content_attributes = {**message.content_attributes, "external_error": str(sent.status)}
            self._service.changed()

    async def _post(self, settings: AccountSettings, body: bytes) -> int | None:
        if self.session is None:
            return None
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers["X-Chatwoot-Delivery"] = str(uuid.uuid4())
        if settings.webhook_secret is not None:
            timestamp = str(int(time.time()))
            signed = f"{timestamp}.".encode() + body
            digest = hmac.new(settings.webhook_secret.encode(), signed, hashlib.sha256).hexdigest()
            headers |= {"X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Signature": f"sha256={digest}"}
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self.session.post(
                settings.webhook_url, data=body, headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None
