"""What the ``data`` of events about one message holds."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.model.media import Media
from shared.model.message import Attempt, Message, MessageError, Status
from shared.model.parts import Part


class MessageReceived(msgspec.Struct, kw_only=True):
    """``message.received``: the customer wrote. Files are still ``pending``, and have no address of ours."""

    message: Message


class MessageSent(msgspec.Struct, kw_only=True):
    """``message.sent``: accepted for sending, with status ``queued``; with origin ``echo``, sent in the provider's own
    app."""

    message: Message


class MessageStatusChanged(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``message.status_changed``: how far a message is. No entry of the log: ``sequence`` is that of the message.

    ``rank`` only ever rises (queued 0, unknown 1, sent 2, failed 3, delivered 4, read 5). ``attempts`` are there when
    the message took more than one route, the present one last; ``reason`` when it is to go on to the next.
    """

    message_id: str
    sequence: int
    status: Status
    rank: int
    external_ids: list[str]
    error: MessageError | None = None
    attempts: list[Attempt] = []
    reason: str | None = None


class MessageMediaChanged(msgspec.Struct, kw_only=True):
    """``message.media_changed``: a file of the message with this ``sequence`` was stored, or never will be. No entry of
    the log."""

    sequence: int
    media: Media


class MessageEdited(msgspec.Struct, kw_only=True):
    """``message.edited``: the message says this now, wherever it is read. ``edited_at`` is by the provider's clock."""

    message_id: str
    message_sequence: int
    parts: list[Part]
    text: str
    edited_at: str


class MessageDeleted(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``message.deleted``: the message was taken back, and its words and files are gone from the log."""

    message_id: str
    message_sequence: int
    deleted_at: str
    media_ids: list[str] = []


class Reactor(msgspec.Struct, kw_only=True):
    """Who reacted."""

    type: Literal["customer", "agent"]


class ReactionChanged(msgspec.Struct, kw_only=True):
    """``reaction.added`` and ``reaction.removed``; ``reaction`` is an emoji, or the channel's name of one."""

    message_id: str
    message_sequence: int
    reaction: str
    author: Reactor
    occurred_at: str
