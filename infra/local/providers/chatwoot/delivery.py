"""Webhooks of the inbox: signed, five seconds for an answer, and no second try.

A message whose webhook fails is shown to agents as failed. Source: lib/webhooks/trigger.rb and
app/listeners/webhook_listener.rb of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from typing import Any

import aiohttp
import msgspec

from infra.local.providers.chatwoot.payloads import conversation_webhook, message_webhook
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.settings import AccountSettings
from infra.local.providers.chatwoot.state import Conversation, Message
from infra.local.providers.webhooks import OneByOne, Sent


class SentEvent(Sent, kw_only=True):
    event: str


class Webhooks(OneByOne[SentEvent]):
    answer_seconds = 5.0

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

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

    async def again(self, sent: SentEvent) -> int | None:
        return await self._post(self._service.accounts[sent.account], sent.body.encode())

    def _start(
        self, event: str, payload: dict[str, Any], conversation: Conversation, message: Message | None = None
    ) -> None:
        body = msgspec.json.encode({**payload, "event": event}).decode()
        sent = SentEvent(account=conversation.account, event=event, body=body)
        self.sent.append(sent)
        self.start(self._deliver(sent, message))

    async def _deliver(self, sent: SentEvent, message: Message | None) -> None:
        async with self.turn:
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
        try:
            async with self.session.post(
                settings.webhook_url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None
