"""What Slack knows: people, the places they write in, messages and files."""

from __future__ import annotations

import secrets
import string
from typing import Any, Literal

import msgspec

Role = Literal["customer", "staff", "app"]
ChannelKind = Literal["im", "channel", "group"]
Standing = Literal["active", "account_inactive", "token_revoked", "token_expired"]


class User(msgspec.Struct, kw_only=True):
    """A person, or the app's own bot user. ``team_id`` differs from the workspace's: from another organisation, met in
    a shared channel. ``role`` is only what the page tells them apart by; Slack knows nothing of it."""

    id: str
    account: str
    team_id: str
    name: str
    real_name: str
    role: Role = "customer"
    email: str | None = None
    deleted: bool = False


class Message(msgspec.Struct, kw_only=True):
    """``text`` and ``blocks`` as Slack keeps them: with &lt; and <@U1>. ``thread_ts`` is the thread's first message.

    ``state`` tells whether our server took the event of this message; it is for the page.
    """

    ts: str
    user: str
    text: str
    team_id: str
    bot_id: str | None = None
    app_id: str | None = None
    client_msg_id: str | None = None
    blocks: list[dict[str, Any]] = []
    attachments: list[dict[str, Any]] = []
    files: list[str] = []
    thread_ts: str | None = None
    subtype: str | None = None
    edited: dict[str, str] | None = None
    reactions: dict[str, list[str]] = {}
    metadata: dict[str, Any] | None = None
    state: Literal["sending", "delivered", "failed"] = "delivered"


class Channel(msgspec.Struct, kw_only=True):
    """``kind``: ``im`` with one ``user``, ``channel`` public, ``group`` private. ``shared``: with another organisation
    (Slack Connect)."""

    id: str
    account: str
    kind: ChannelKind
    name: str = ""
    user: str | None = None
    shared: bool = False
    archived: bool = False
    members: list[str] = []
    messages: list[Message] = []

    def find(self, ts: object) -> Message | None:
        return next((message for message in reversed(self.messages) if message.ts == ts), None)

    def replies(self, ts: str) -> list[Message]:
        return [message for message in self.messages if message.thread_ts == ts and message.ts != ts]


class FileItem(msgspec.Struct, kw_only=True):
    """``ticket`` is the end of the upload address; ``stored`` once the bytes are there, ``shared`` once a message shows
    it. ``looks``: how often an app has asked for it since."""

    id: str
    account: str
    user: str
    team_id: str
    name: str
    title: str
    mime_type: str
    size: int
    created: int
    ticket: str = ""
    stored: bool = False
    shared: bool = False
    deleted: bool = False
    looks: int = 0


class Rotation(msgspec.Struct, kw_only=True):
    """The tokens of an app whose tokens rotate: ``first`` is the refresh token of the installation, ``refresh_token``
    the one that works now, ``tokens`` are bot tokens and when they end."""

    first: str
    refresh_token: str
    tokens: dict[str, float] = {}


class SlackState(msgspec.Struct, kw_only=True):
    users: dict[str, User] = {}
    channels: dict[str, Channel] = {}
    files: dict[str, FileItem] = {}
    partners: dict[str, str] = {}
    standing: dict[str, Standing] = {}
    rotations: dict[str, Rotation] = {}
    last_microsecond: int = 0
    clock_offset: float = 0.0
    rate_limits: bool = True


def new_id(prefix: str) -> str:
    """``U``, ``D``, ``C``, ``F``, ``T``, ``Ev``… followed by ten capital letters and digits."""
    return prefix + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(10))
