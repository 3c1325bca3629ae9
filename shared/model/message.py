"""A message, in either direction: the same shape for every channel."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.model.parts import Part, decode_part

Direction = Literal["inbound", "outbound"]
Origin = Literal["customer", "agent", "bot", "system", "echo"]
Status = Literal["queued", "unknown", "sent", "failed", "delivered", "read"]

STATUS_RANK: dict[str, int] = {"queued": 0, "unknown": 1, "sent": 2, "failed": 3, "delivered": 4, "read": 5}
"""Receipts only ever move up this ladder, so their order of arrival does not matter. ``failed`` outranks ``sent``
because a provider may accept a message and lose it; ``delivered`` outranks ``failed`` because a customer who has it,
has it."""


class Author(msgspec.Struct, kw_only=True, omit_defaults=True):
    type: Literal["customer", "agent", "bot", "system"]
    customer_id: str | None = None
    name: str | None = None
    id: str | None = None


class Channel(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a message came in or goes out: channel name, our account on it, and the provider's thread, if it has
    threads."""

    type: str
    account: str
    thread_id: str | None = None


class ReplyTo(msgspec.Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = None
    external_id: str | None = None


class MessageError(msgspec.Struct, kw_only=True, omit_defaults=True):
    code: str
    title: str
    retryable: bool = False


class Attempt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One route that a message took, or would have taken: ``status`` is how far it came there; ``reason`` says why it
    went on to the next (a code such as ``window_closed``, ``blocked``, ``unread``)."""

    identity_id: str
    channel: str
    account: str
    status: Status
    reason: str | None = None
    error: MessageError | None = None
    at: str | None = None


class Degradation(msgspec.Struct, kw_only=True, omit_defaults=True, rename={"source": "from", "target": "to"}):
    """What a part lost on its way: ``part`` is its index, ``from`` and ``to`` are part types, ``lost`` names what is
    gone."""

    part: int
    source: str
    target: str
    lost: list[str] = []


class Message(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One message. Times are RFC 3339 in UTC: ``occurred_at`` by the provider's clock, ``received_at`` by ours.

    ``sequence`` is its place in the conversation's log. ``text`` is the flattened text of all parts and is always
    there. An edited message says what it says now; a deleted one has no parts any more. ``attempts`` are the routes it
    took, the last one last, when it took more than one; ``channel`` and ``identity_id`` are of the last. ``late``: it
    was stored long after it came in, or after a message that was written later on the same route.
    """

    id: str
    conversation_id: str
    sequence: int
    direction: Direction
    origin: Origin
    author: Author
    channel: Channel
    identity_id: str
    parts: list[Part]
    text: str
    occurred_at: str
    received_at: str
    external_ids: list[str] = []
    reply_to: ReplyTo | None = None
    language: str | None = None
    status: Status | None = None
    error: MessageError | None = None
    attempts: list[Attempt] = []
    degradations: list[Degradation] = []
    email: dict[str, Any] | None = None
    metadata: dict[str, Any] = {}
    edited_at: str | None = None
    deleted_at: str | None = None
    late: bool = False


def decode_message(value: dict[str, Any]) -> Message:
    """A message from its JSON form (a dict); parts of unknown types are kept as ``unsupported``."""
    parts = [decode_part(part) for part in value.get("parts", [])]
    message = msgspec.convert({**value, "parts": []}, Message)
    message.parts = parts
    return message
