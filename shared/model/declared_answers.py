"""What the HTTP interface answers beside the schema's own types, where the use cases make it as JSON. The functions do
not need these Structs; tests hold their answers to them."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.model.conversation import Conversation, Link, Route
from shared.model.conversation_events import HandedOver
from shared.model.event import Event
from shared.model.message import Attempt, Degradation, Message


class Problem(msgspec.Struct, kw_only=True):
    """An error, as RFC 9457 has it. ``code`` is stable; ``detail`` is for people and may change. Some codes come with
    members of their own."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""


class ShownConversation(Conversation, kw_only=True, omit_defaults=True):
    """A conversation by itself: ``customer_typing`` says whether the customer is typing now, on the active route. It is
    absent while there is none."""

    customer_typing: bool | None = None


class AcceptedReply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A reply that is in the log and will be sent: the route it takes, and what it loses there. ``attempts`` are there
    when routes were passed over."""

    message_id: str
    sequence: int
    status: Literal["queued"]
    route: Route
    degradations: list[Degradation]
    attempts: list[Attempt] = []


class Control(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The conversation after somebody took, gave or was offered control, and what is handed over: the entries of
    ``history``, the ``note`` of the party before, and, to who takes control, the last ``messages``."""

    conversation: Conversation
    history: HandedOver
    note: str | None = None
    messages: list[Message] = []


class EventFeed(msgspec.Struct, kw_only=True):
    """What happened in all conversations since a cursor, each entry at least once. ``cursor`` is for the next call;
    ``more`` says that it is worth making at once."""

    items: list[Event]
    cursor: str
    more: bool


class FollowedLink(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The address to follow a code to on one channel account; ``qr`` is what a QR code has to hold, where that is not
    ``url``."""

    channel: str
    account: str
    url: str
    qr: str | None = None


class IssuedLinkCode(msgspec.Struct, kw_only=True):
    """A code that works once, until ``expires_at``; ``deep_links`` has one address for each channel."""

    code: str
    expires_at: str
    deep_links: dict[str, str]
    links: list[FollowedLink]


class Relinked(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What linking, or its undoing, did; with ``dry_run``, what it would do."""

    dry_run: bool
    link: Link
    conversation_id: str | None = None
    closed_conversation_id: str | None = None
    reopened_conversation_id: str | None = None
    moved_conversation_id: str | None = None
