"""One customer with one conversation, the agents of a helpdesk's stand-in who see it, and events to bring there one by
one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from connectors import registry
from shared.helpdesk.seam import DeskEvent
from shared.model.conversation import Conversation, Customer, Identity
from shared.model.event import Event
from shared.model.message import Message, decode_message
from tests.support.desks import Connected, StandIn
from tests.support.providers import PNG

TIME = "2026-07-23T18:02:09Z"


class DeskStory:
    """``settings`` are put over those of the helpdesk's account."""

    def __init__(self, provider: StandIn, **settings: Any) -> None:
        self.provider = provider
        self.adapter = registry.helpdesk(provider.name)
        self.connected = Connected(provider.name, {**provider.account, **settings})
        self.context = self.connected.context
        self.conversation_id = f"conv_{uuid.uuid4()}"
        self.customer = Customer(id=f"cus_{uuid.uuid4()}", name="Ann")
        self.status: Any = "open"
        self.tags: list[str] = []
        self.priority: str | None = None
        self._sequence = 0

    # --- what happens --------------------------------------------------------------------------------------------

    def event(self, kind: str, data: Mapping[str, Any] | None = None, message: Message | None = None) -> DeskEvent:
        """An event that nobody has been told of."""
        self._sequence += 1
        event = Event(
            id=f"{self.conversation_id}:{self._sequence}",
            source="onethread",
            type=kind,
            subject=self.conversation_id,
            time=TIME,
            specversion="1.0",
            sequence=self._sequence,
            data=dict(data or {}),
        )
        return DeskEvent(event, message, self._conversation, lambda: self.customer)

    def tell(self, event: DeskEvent) -> None:
        self.adapter.deliver(event, self.context)

    def happens(self, kind: str, data: Mapping[str, Any] | None = None, message: Message | None = None) -> DeskEvent:
        """An event, told; it can be told again."""
        event = self.event(kind, data, message)
        self.tell(event)
        return event

    def writes(self, text: str, *parts: dict[str, Any], **fields: Any) -> Message:
        """The customer's message, told."""
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

    def answer(self, text: str) -> Message:
        """What a bot says."""
        return self.message(text, direction="outbound", origin="bot", author={"type": "bot"})

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

    def keeps_file(self, name: str = "cat.png") -> str:
        """A file in our storage; its id."""
        media_id = f"med_{uuid.uuid4()}"
        self.connected.bucket.put(f"media/{media_id}", PNG, "image/png", name)
        return media_id

    # --- what agents see -----------------------------------------------------------------------------------------

    def tickets(self) -> list[dict[str, Any]]:
        """Those of the conversation, the oldest first."""
        items = self.provider.act("tickets", method="GET")["items"]
        return [each for each in items if each["external_id"] == self.conversation_id]

    def ticket(self) -> dict[str, Any]:
        (found,) = self.tickets()
        return found

    def people(self) -> list[dict[str, Any]]:
        """Whoever is the customer there."""
        items = self.provider.act("contacts", method="GET")["items"]
        return [each for each in items if each["external_id"] == self.customer.id]

    def said(self) -> list[str]:
        return [each["text"] for each in self.ticket()["messages"] if each["public"]]

    def notes(self) -> list[str]:
        return [each["text"] for each in self.ticket()["messages"] if not each["public"]]

    def files(self) -> list[str]:
        return [name for each in self.ticket()["messages"] for name in each["files"]]

    def fails(self, path: str, when: str = "before", **fault: Any) -> None:
        """The next call whose path ends like this goes wrong."""
        self.provider.act("fail", {"path": path, "when": when, **(fault or {"http_status": 502})})

    def place(self) -> str:
        """The path of the latest call that changed something: where the conversation's messages go, once there are
        two."""
        calls = self.provider.act("requests", method="GET")["items"]
        return str([each["path"] for each in calls if each["method"] != "GET"][-1])

    def _conversation(self) -> Conversation:
        return Conversation(
            id=self.conversation_id,
            customer_id=self.customer.id,
            status=self.status,
            sequence=self._sequence,
            created_at=TIME,
            updated_at=TIME,
            tags=self.tags,
            priority=self.priority,
        )


def image(media_id: str, state: str | None = "stored", name: str = "cat.png") -> dict[str, Any]:
    media = {"media_id": media_id, "filename": name, "mime_type": "image/png", "size": 28}
    return {"type": "image", "media": {**media, **({"state": state} if state else {})}}


def routed(channel: str) -> dict[str, Any]:
    return {"identity_id": "idn_1", "channel": channel, "account": "main"}
