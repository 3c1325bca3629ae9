"""The frames a browser may send, read with limits and refused with a code that says what is wrong.

    {"type":"message","client_id","parts"}   client_id names the message; sending it again shows it once
    {"type":"link","client_id","code"}       a link code (shared.model.link_codes) that the visitor came with
    {"type":"resume","after"}                send again what came after this sequence
    {"type":"typing","active"?}              the visitor is (or is no longer) typing
    {"type":"read","sequence"}               everything up to this sequence has been seen
    {"type":"ping"}                          keeps the socket open (API Gateway closes it after ten idle minutes)

Unknown members are ignored. The frames we send are in :mod:`shared.model.chat_frames`.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from shared.core.chat.encoding import read_json
from shared.core.chat.parts import read_parts
from shared.errors import BadRequest, PayloadTooLarge, RequestError
from shared.model.link_codes import read_code
from shared.model.parts import Part

MAXIMUM_BYTES = 32_768
"""The largest frame that API Gateway takes from a browser (its quotas page: 32 KB)."""

_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_MAXIMUM_SEQUENCE = 10**12 - 1


class MessageFrame(msgspec.Struct, frozen=True, tag_field="type", tag="message"):
    client_id: str
    parts: list[Part]


class LinkFrame(msgspec.Struct, frozen=True, tag_field="type", tag="link"):
    """``code`` is in its plain form; whether there is such a code is not known here."""

    client_id: str
    code: str


class ResumeFrame(msgspec.Struct, frozen=True, tag_field="type", tag="resume"):
    after: int


class TypingFrame(msgspec.Struct, frozen=True, tag_field="type", tag="typing"):
    active: bool


class ReadFrame(msgspec.Struct, frozen=True, tag_field="type", tag="read"):
    sequence: int


class PingFrame(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    pass


StoredFrame = MessageFrame | LinkFrame
"""A frame that is durable before it is accepted, under the name that the browser has given it."""

ClientFrame = StoredFrame | ResumeFrame | TypingFrame | ReadFrame | PingFrame


def read_frame(raw: bytes) -> ClientFrame:
    """Raises PayloadTooLarge(``frame_too_large``), BadRequest (``bad_json``, ``too_deep``, ``bad_frame``,
    ``unknown_frame``, ``bad_sequence``) and what :func:`read_posted` raises. Errors carry ``client_id`` when the
    frame had a readable one.
    """
    frame = read_object(raw)
    match frame.get("type"):
        case "message":
            return _message(frame)
        case "link":
            return _link(frame)
        case "resume":
            return ResumeFrame(_sequence(frame, "after", 0))
        case "read":
            return ReadFrame(_sequence(frame, "sequence", None))
        case "typing":
            active = frame.get("active", True)
            if not isinstance(active, bool):
                raise BadRequest("bad_frame", "active is not true or false")
            return TypingFrame(active)
        case "ping":
            return PingFrame()
        case str():
            raise BadRequest("unknown_frame", "there is no frame of this type")
        case _:
            raise BadRequest("bad_frame", "a frame is an object with a type")


def read_posted(raw: bytes) -> StoredFrame:
    """A frame as the HTTP fallback takes it: a message, for which ``type`` may be left out, or a link code.

    Raises BadRequest (``bad_client_id``, ``bad_frame``, ``bad_link_code``) and what
    :func:`shared.core.chat.parts.read_parts` raises.
    """
    frame = read_object(raw)
    match frame.get("type", "message"):
        case "message":
            return _message(frame)
        case "link":
            return _link(frame)
        case _:
            raise BadRequest("bad_frame", "only messages and link codes can be posted")


def read_object(raw: bytes) -> dict[str, Any]:
    """A JSON object within the limits of a frame."""
    if len(raw) > MAXIMUM_BYTES:
        raise PayloadTooLarge("frame_too_large", f"at most {MAXIMUM_BYTES} bytes; upload files instead")
    value = read_json(raw)
    if not isinstance(value, dict):
        raise BadRequest("bad_frame", "not a JSON object")
    return value


def _message(frame: dict[str, Any]) -> MessageFrame:
    client_id = _client_id(frame)
    try:
        return MessageFrame(client_id, read_parts(frame.get("parts")))
    except RequestError as error:
        error.members["client_id"] = client_id
        raise


def _link(frame: dict[str, Any]) -> LinkFrame:
    client_id, text = _client_id(frame), frame.get("code")
    code = read_code(text) if isinstance(text, str) else None
    if code is None:
        raise BadRequest("bad_link_code", "code is a link code such as K7QM-2XPD", client_id=client_id)
    return LinkFrame(client_id, code)


def _client_id(frame: dict[str, Any]) -> str:
    client_id = frame.get("client_id")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise BadRequest("bad_client_id", "client_id is 1 to 64 of the characters A-Z a-z 0-9 _ . : -")
    return client_id


def _sequence(frame: dict[str, Any], name: str, default: int | None) -> int:
    value = frame.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAXIMUM_SEQUENCE:
        raise BadRequest("bad_sequence", f"{name} is a whole number from 0")
    return value
