"""A reply with routes to fall back on: Ann, who can be reached in three ways."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from shared.core.messages import read_message
from shared.errors import DeliveryError, ErrorClass, InfrastructureError, RequestError
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundReceipt
from shared.model.message import Message, MessageError
from tests.support.channels import WINDOW_SECONDS, Provider, webhook
from tests.unit.core.desk import Desk

Receipt = Literal["sent", "delivered", "read", "failed"]
TEXT = [{"type": "text", "text": "answer"}]
CHOICES = [{"type": "choices", "text": "Which?", "options": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]}]
ROUTES = ("letters", "post", "booth")
IDENTITY = {channel: identity_id(channel, "main", "ann") for channel in ROUTES}
CERTAIN: tuple[ErrorClass, ...] = ("permanent", "window", "blocked", "account", "token")


class Ladder:
    """Ann has written by letter last; she can also be reached by post, and in the booth twice within an hour."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.desk.write("ann")
        self.conversation_id = self.desk.conversation("ann").conversation_id
        for channel in ("booth", "post"):
            self.desk.join(self.conversation_id, "ann", channel)
        self.desk.write("ann")
        self.sequence = 0

    def provider(self, channel: str) -> Provider:
        return self.desk.channels[channel].provider

    def reply(self, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.desk.answer(
            self.conversation_id, **{"fallback": ["post", "booth"], "route": IDENTITY["letters"], **more}
        )
        self.sequence = answer["sequence"]
        return answer

    def refused(self, **more: Any) -> RequestError:
        with pytest.raises(RequestError) as refusal:
            self.reply(**more)
        return refusal.value

    def deliver(self) -> str:
        return self.desk.deliver(self.conversation_id, self.sequence)

    def deliver_what_is_wanted(self) -> None:
        """As the stream has it: whoever asks that a message goes on has it delivered again."""
        state = self.desk.store.state(self.conversation_id, self.sequence)
        if state is not None and state.wanted > state.route:
            self.deliver()

    def receipt(self, channel: str, status: Receipt, external_id: str = "provider-1", **more: Any) -> None:
        error = MessageError(code="bounced", title="Nobody is there") if status == "failed" else None
        event = InboundReceipt(
            status=status, occurred_at=self.desk.clock(), external_id=external_id, error=error, **more
        )
        self.desk.ingest(webhook(event, channel))

    def unread(self, route: int = 0) -> bool:
        """The message's time is over."""
        message = self.message()
        return self.desk.store.want_next(self.conversation_id, self.sequence, message.id, route, "unread")

    def message(self) -> Message:
        return read_message(self.desk.store.entries(self.conversation_id, self.sequence - 1, 1)[0])

    def story(self) -> list[tuple[str, str, str | None]]:
        """The attempts, as (channel, status, reason)."""
        return [(each.channel, each.status, each.reason) for each in self.message().attempts]

    def got(self) -> dict[str, list[str]]:
        """What Ann was sent, by channel."""
        accepted = {channel: self.provider(channel).accepted for channel in ROUTES}
        return {channel: [text[0] for _, text in texts] for channel, texts in accepted.items() if texts}

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [entry.data for entry in self.desk.store.logs[self.conversation_id] if entry.type == kind]

    def reservations(self) -> list[dict[str, Any]]:
        return [data for data in self.entries("conversation.updated") if "message_id" in data]

    def shut_the_booth(self) -> None:
        self.desk.clock.advance(WINDOW_SECONDS)


def refusal(error_class: ErrorClass, retry_after: float | None = None) -> DeliveryError:
    return DeliveryError(error_class, f"code_of_{error_class}", "what happened", retry_after)


def down(*_: Any, **__: Any) -> None:
    """Stands for a write that fails."""
    raise InfrastructureError("down")
