"""A mail before it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file; with a ``content_id`` (no angle brackets) it is a picture that the HTML shows as ``cid:<content_id>``."""

    filename: str
    mime_type: str
    body: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is written down. ``loop_mark`` is set on automatic mail, and comes back to us in a loop."""

    from_name: str
    from_address: str
    to: str
    cc: tuple[str, ...]
    reply_to: str
    subject: str
    date: datetime
    own_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    message_id: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
    loop_mark: str | None = None
