"""What WeChat knows: its users, the media on its servers, access tokens and QR codes."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any, Literal

import msgspec

Direction = Literal["sent", "received", "event", "notice"]
EntryState = Literal["sending", "delivered", "failed"]


class Entry(msgspec.Struct, kw_only=True):
    """One line on the customer's screen: what they ``sent``, an ``event`` they caused, what they ``received``, a
    ``notice``.

    ``attempts`` tells how our server answered the pushes of this entry. ``ai`` is the label under a message made by a
    machine.
    """

    id: int
    at: float
    direction: Direction
    type: str
    content: dict[str, Any] = {}
    state: EntryState = "delivered"
    attempts: list[dict[str, Any]] = []
    ai: bool = False
    kf_account: str | None = None


class Window(msgspec.Struct, kw_only=True):
    closes_at: float
    remaining: int


class Customer(msgspec.Struct, kw_only=True):
    """A WeChat user as one account sees them. ``relation``: ``new`` never followed, ``left`` unfollowed.

    ``person`` is who they are on all accounts: what an account that is bound to the Open Platform is told as their
    unionid.
    """

    openid: str
    account: str
    name: str
    created_at: float
    person: str = msgspec.field(default_factory=lambda: f"o{secrets.token_urlsafe(24)[:27]}")
    language: str = "zh_CN"
    relation: Literal["new", "following", "left"] = "new"
    subscribed_at: float | None = None
    scene: str | None = None
    windows: dict[str, Window] = {}
    interacted_at: float = 0.0
    typing_until: float = 0.0
    timeline: list[Entry] = []

    def add(
        self, at: float, direction: Direction, kind: str, content: dict[str, Any], *, state: EntryState = "delivered"
    ) -> Entry:
        number = len(self.timeline) + 1
        entry = Entry(id=number, at=at, direction=direction, type=kind, content=content, state=state)
        self.timeline.append(entry)
        return entry


class MediaItem(msgspec.Struct, kw_only=True):
    """A temporary media, valid for three days. ``kind``: image, voice, video or thumb."""

    media_id: str
    account: str
    kind: str
    filename: str
    mime_type: str
    size: int
    created_at: float


class Token(msgspec.Struct, kw_only=True):
    """``source``: the call that made it; the two calls know nothing of each other's tokens."""

    value: str
    account: str
    source: Literal["stable_token", "token"]
    expires_at: float


class Ticket(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A QR code with a scene; ``expires_at`` None: permanent."""

    ticket: str
    account: str
    scene: str
    url: str
    expires_at: float | None = None


class WeChatState(msgspec.Struct, kw_only=True):
    customers: dict[str, Customer] = {}
    media: dict[str, MediaItem] = {}
    tokens: dict[str, Token] = {}
    tickets: dict[str, Ticket] = {}
    refreshes: dict[str, list[float]] = {}
    token_calls: dict[str, list[float]] = {}
    clock_offset: float = 0.0
    last_msg_id: int = 24_500_000_000_000_000


def new_openid(app_id: str) -> str:
    """28 characters; all openids of an account begin alike."""
    prefix = base64.urlsafe_b64encode(hashlib.sha256(app_id.encode()).digest())[:5].decode()
    return f"o{prefix}{secrets.token_urlsafe(24)[:22]}"
