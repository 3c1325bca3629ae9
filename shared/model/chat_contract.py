"""Web chat as a browser meets it: what it may post, what it is answered, and the frames of the socket in both
directions. The frames that we send are made in :mod:`shared.model.chat_frames`; those of browsers are read in
:mod:`shared.core.chat.frames`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.model.message import Direction, Origin, Status
from shared.model.parts import Part


class Claims(msgspec.Struct, kw_only=True):
    """What a visitor typed of themselves; it proves nothing."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class SessionRequest(msgspec.Struct, kw_only=True):
    """The body of POST /chat/{account}/sessions; it may be empty: an anonymous visitor. ``identity_token`` is a JWT
    that the site signed for a user who is logged in."""

    identity_token: str | None = None
    claims: Claims | None = None


class OpenedSession(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A session of web chat. ``expires_at`` is in seconds since the epoch; ``conversation_id`` is absent before the
    first message."""

    token: str
    identity_id: str
    socket_url: str
    expires_at: int
    conversation_id: str | None = None


class PostedMessage(msgspec.Struct, kw_only=True):
    """A visitor's message. ``client_id`` names it: 1 to 64 of A-Z a-z 0-9 _ . : - ; the same one again is the same
    message."""

    client_id: str
    parts: list[Part]
    type: Literal["message"] = "message"


class PostedLinkCode(msgspec.Struct, kw_only=True):
    """A link code that the visitor came with."""

    client_id: str
    code: str
    type: Literal["link"]


class UploadRequest(msgspec.Struct, kw_only=True):
    """A file that a visitor wants to upload; ``size`` is in bytes."""

    filename: str
    mime_type: str
    size: int


class VisitorAuthor(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who wrote, as far as that is a visitor's business."""

    type: Literal["customer", "agent", "bot", "system"]
    name: str | None = None


class VisitorChannel(msgspec.Struct, kw_only=True):
    """Where a message came in or went out."""

    type: str
    account: str


class VisitorReplyTo(msgspec.Struct, kw_only=True):
    """The message that this one answers."""

    message_id: str


class VisitorError(msgspec.Struct, kw_only=True):
    """Why a message did not go out."""

    code: str
    title: str


class VisitorMessage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A message as a visitor's browser sees it (:mod:`shared.model.chat_view`). ``client_id`` is the browser's own name
    for a message of its visitor; ``truncated``: too large for the socket, the history has all of it."""

    id: str
    conversation_id: str
    sequence: int
    direction: Direction
    origin: Origin
    author: VisitorAuthor
    channel: VisitorChannel
    identity_id: str
    parts: list[Part]
    text: str
    occurred_at: str
    received_at: str
    reply_to: VisitorReplyTo | None = None
    status: Status | None = None
    error: VisitorError | None = None
    client_id: str | None = None
    truncated: bool = False


class VisitorHistory(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A page of what a visitor may see, by sequence; ``cursor`` is the ``after`` of the next one."""

    items: list[VisitorMessage]
    conversation_id: str | None = None
    cursor: str | None = None


class SentMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="message"):
    """From the browser: a message. The same ``client_id`` again, here or over HTTP, is the same message."""

    client_id: str
    parts: list[Part]


class SentLinkCode(msgspec.Struct, kw_only=True, tag_field="type", tag="link"):
    """From the browser: a link code that the visitor came with."""

    client_id: str
    code: str


class Resume(msgspec.Struct, kw_only=True, tag_field="type", tag="resume"):
    """From the browser: send again what came after this sequence."""

    after: int = 0


class VisitorTyping(msgspec.Struct, kw_only=True, tag_field="type", tag="typing"):
    """From the browser: the visitor is, or is no longer, typing."""

    active: bool = True


class VisitorRead(msgspec.Struct, kw_only=True, tag_field="type", tag="read"):
    """From the browser: everything up to this sequence has been seen."""

    sequence: int


class Ping(msgspec.Struct, kw_only=True, tag_field="type", tag="ping"):
    """From the browser: keeps the socket open, which is closed after ten idle minutes."""


class Accepted(msgspec.Struct, kw_only=True, tag_field="type", tag="accepted"):
    """To the browser: what it sent under this name is durable."""

    client_id: str


class PushedMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="message"):
    """To the browser: a message of the conversation, in either direction."""

    message: VisitorMessage


class AgentTyping(msgspec.Struct, kw_only=True, tag_field="type", tag="typing"):
    """To the browser: somebody at our side is, or is no longer, typing."""

    active: bool


class AnotherConversation(msgspec.Struct, kw_only=True, tag_field="type", tag="conversation"):
    """To the browser: forget what is shown, and resume from 0."""

    conversation_id: str


class SwitchedChannel(
    msgspec.Struct, kw_only=True, tag_field="type", tag="channel_switched", rename={"before": "from"}
):
    """To the browser: the visitor goes on elsewhere. Channels go by their names, ``{"channel"}``."""

    before: dict[str, str]
    to: dict[str, str]
    sequence: int


class Resumed(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="resumed"):
    """To the browser: everything up to this sequence has been sent; ``more``: ask again after it."""

    sequence: int
    conversation_id: str | None = None
    more: bool = False


class Pong(msgspec.Struct, kw_only=True, tag_field="type", tag="pong"):
    """To the browser: the answer to a ping."""


class RefusedFrame(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="error"):
    """To the browser: its frame was refused; ``code`` is one of those of the HTTP fallback."""

    code: str
    detail: str
    client_id: str | None = None


FROM_BROWSER: tuple[Any, ...] = (SentMessage, SentLinkCode, Resume, VisitorTyping, VisitorRead, Ping)
TO_BROWSER: tuple[Any, ...] = (
    Accepted,
    PushedMessage,
    AgentTyping,
    AnotherConversation,
    SwitchedChannel,
    Resumed,
    Pong,
    RefusedFrame,
)
