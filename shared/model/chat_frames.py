"""The frames we send over a web-chat socket: JSON, UTF-8, each within what API Gateway lets through.

{"type":"accepted","client_id"}                     the visitor's message is durable
{"type":"message","message"}                        a message of the conversation, in either direction
{"type":"typing","active"}                          somebody at our side is (or is no longer) typing
{"type":"conversation","conversation_id"}           forget what is shown, and resume from 0: it is another
                                                    conversation now, or another part of it
{"type":"channel_switched","from","to","sequence"}  the visitor goes on elsewhere; from and to are {"channel"}
{"type":"resumed","sequence","conversation_id"?,"more"?}  everything up to this sequence has been sent
{"type":"pong"}                                     the answer to a ping
{"type":"error","code","detail","client_id"?}       the visitor's frame was refused
"""

from __future__ import annotations

from typing import Any

import msgspec

from shared.errors import RequestError
from shared.model.chat_view import customer_view
from shared.model.message import Message

MAXIMUM_BYTES = 131_072
"""The largest message that API Gateway sends over a WebSocket (its quotas page: 128 KB)."""

_EXCERPT = 4_000


def accepted_frame(client_id: str) -> bytes:
    return _encode({"type": "accepted", "client_id": client_id})


def message_frame(message: Message) -> bytes:
    """A message too large for the socket goes without its parts, its text cut, marked ``truncated``: the HTTP history
    has it."""
    view = customer_view(message)
    frame = _encode({"type": "message", "message": view})
    if len(frame) <= MAXIMUM_BYTES:
        return frame
    return _encode(
        {"type": "message", "message": {**view, "parts": [], "text": view["text"][:_EXCERPT], "truncated": True}}
    )


def typing_frame(active: bool) -> bytes:
    return _encode({"type": "typing", "active": active})


def resumed_frame(sequence: int, conversation_id: str | None, more: bool) -> bytes:
    """``more``: there is more than one resume sends; ask again after this sequence."""
    frame: dict[str, Any] = {"type": "resumed", "sequence": sequence}
    if conversation_id is not None:
        frame["conversation_id"] = conversation_id
    if more:
        frame["more"] = True
    return _encode(frame)


def conversation_frame(conversation_id: str) -> bytes:
    """For a browser whose visitor was linked with somebody, here or elsewhere, or parted from them: what it shows is
    not what its visitor may see any more."""
    return _encode({"type": "conversation", "conversation_id": conversation_id})


def channel_switched_frame(sequence: int, channel_before: str, channel_now: str) -> bytes:
    """Channels by their names, and nothing of who writes there; ``sequence`` is that of the log entry."""
    frame = {"type": "channel_switched", "from": {"channel": channel_before}, "to": {"channel": channel_now}}
    return _encode({**frame, "sequence": sequence})


def pong_frame() -> bytes:
    return _encode({"type": "pong"})


def error_frame(error: RequestError) -> bytes:
    """``client_id`` is there when the refused frame had a readable one."""
    return failure_frame(error.code, error.detail, error.members.get("client_id"))


def failure_frame(code: str, detail: str, client_id: object = None) -> bytes:
    frame: dict[str, Any] = {"type": "error", "code": code, "detail": detail}
    if isinstance(client_id, str):
        frame["client_id"] = client_id
    return _encode(frame)


def _encode(frame: dict[str, Any]) -> bytes:
    return msgspec.json.encode(frame)
