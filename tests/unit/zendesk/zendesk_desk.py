"""A running Zendesk stand-in, the adapter connected to it, and events to bring there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from connectors.helpdesks.zendesk.adapter import ADAPTER
from shared.helpdesk.seam import DeskEvent
from shared.model.conversation import Conversation, Customer, Identity
from shared.model.event import Event
from shared.model.message import Message, decode_message
from tests.support.desks import Connected, StandIn

TIME = "2026-07-23T18:02:09Z"


class ZendeskDesk:
    """One customer with one conversation, and the agents who see it."""

    def __init__(self, provider: StandIn, **settings: Any) -> None:
        self.provider = provider
        self.connected = Connected("zendesk", {**provider.account, **settings})
        self.context = self.connected.context
        self.conversation_id = f"conv_{uuid.uuid4()}"
        self.customer = Customer(id=f"cus_{uuid.uuid4()}", name="Ann")
        self.status: Any = "open"
        self._sequence = 0

    def happens(self, kind: str, data: Mapping[str, Any] | None = None, message: Message | None = None) -> DeskEvent:
        """An event, delivered; it can be delivered again."""
        self._sequence += 1
        told = Event(
            id=f"{self.conversation_id}:{self._sequence}",
            source="onethread",
            type=kind,
            subject=self.conversation_id,
            time=TIME,
            specversion="1.0",
            sequence=self._sequence,
            data=dict(data or {}),
        )
        event = DeskEvent(told, message, self._conversation, lambda: self.customer)
        self.again(event)
        return event

    def again(self, event: DeskEvent) -> None:
        ADAPTER.deliver(event, self.context)

    def writes(self, text: str, *parts: dict[str, Any], **fields: Any) -> Message:
        """The customer's message, delivered."""
        message = self.message(text, *parts, **fields)
        self.happens("message.received", message=message)
        return message

    def message(self, text: str, *parts: dict[str, Any], **fields: Any) -> Message:
        words = [{"type": "text", "text": text}] if text else []
        return decode_message(
            {
                "id": f"msg_{uuid.uuid4()}",
                "conversation_id": self.conversation_id,
                "sequence": self._sequence + 1,
                "direction": "inbound",
                "origin": "customer",
                "author": {"type": "customer"},
                "channel": {"type": "wechat", "account": "main"},
                "identity_id": "idn_1",
                "parts": [*words, *parts],
                "text": text,
                "occurred_at": TIME,
                "received_at": TIME,
                **fields,
            }
        )

    def known_by(self, **aliases: str) -> None:
        """What the customer has proven of themselves."""
        identity = Identity(
            id="idn_1",
            channel="wechat",
            scope="main",
            external_id="openid",
            customer_id=self.customer.id,
            account="main",
            aliases=aliases,
            verification="provider",
        )
        self.customer.identities = [identity]

    def tickets(self) -> list[dict[str, Any]]:
        """The tickets of the conversation."""
        items = self.provider.act("tickets", method="GET")["items"]
        return [each for each in items if each["external_id"] == self.conversation_id]

    def ticket(self) -> dict[str, Any]:
        (found,) = self.tickets()
        return found

    def users(self) -> list[dict[str, Any]]:
        items = self.provider.act("contacts", method="GET")["items"]
        return [each for each in items if each["external_id"] == self.customer.id]

    def said(self) -> list[str]:
        return [each["text"] for each in self.ticket()["messages"] if each["public"]]

    def notes(self) -> list[str]:
        return [each["text"] for each in self.ticket()["messages"] if not each["public"]]

    def files(self) -> list[str]:
        return [name for each in self.ticket()["messages"] for name in each["files"]]

    def _conversation(self) -> Conversation:
        return Conversation(
            id=self.conversation_id,
            customer_id=self.customer.id,
            status=self.status,
            sequence=self._sequence,
            created_at=TIME,
            updated_at=TIME,
        )


def image(media_id: str, state: str | None = "stored", name: str = "cat.png") -> dict[str, Any]:
    media = {"media_id": media_id, "filename": name, "mime_type": "image/png", "size": 28}
    return {"type": "image", "media": {**media, **({"state": state} if state else {})}}
