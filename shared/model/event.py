"""The event stream: CloudEvents 1.0 envelopes around what happened in a conversation."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

EventType = Literal[
    "message.received",
    "message.sent",
    "message.status_changed",
    "message.media_changed",
    "message.edited",
    "message.deleted",
    "reaction.added",
    "reaction.removed",
    "conversation.opened",
    "conversation.updated",
    "conversation.closed",
    "conversation.channel_switched",
    "conversation.control_changed",
    "conversation.gap",
    "identity.linked",
    "identity.unlinked",
    "customer.updated",
    "customer.erased",
    "window.closing",
]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)

UNSEQUENCED: frozenset[str] = frozenset({"message.status_changed", "message.media_changed"})
"""Events that are not log entries: they name the sequence of the message they are about and carry a rank."""


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A CloudEvents 1.0 envelope in JSON; ``subject`` is the conversation id.

    Log entries carry ``sequence``, gap-free from 1 in each conversation, and ``previous_sequence``. ``id`` is the same
    however often an event is delivered. When an event is too large for the stream, ``data`` is absent and ``dataref``
    says where it is.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    specversion: str
    datacontenttype: str | None = None
    sequence: int | None = None
    previous_sequence: int | None = None
    traceparent: str | None = None
    data: dict[str, Any] | None = None
    dataref: str | None = None
