"""What routes answer in words of their own, and make as it stands here."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.model.capabilities import Capabilities


class TypingShown(msgspec.Struct, kw_only=True):
    """``shown`` is false where the channel cannot show it, or the provider did not take it."""

    shown: bool


class UploadForm(msgspec.Struct, kw_only=True):
    """Where to post a file: a form with all ``fields``, and after them the file as ``file``, to ``url``. A part then
    names the ``media_id``."""

    media_id: str
    url: str
    fields: dict[str, str]


class AccountHealth(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Whether an account works, by what its provider last said; ``code`` is why it is ``failing``."""

    status: Literal["ok", "failing", "unknown"]
    since: str | None = None
    code: str | None = None


class ChannelAccount(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A channel account that is set up. ``webhook_url`` is absent for channels whose providers call nobody."""

    channel: str
    account: str
    capabilities: Capabilities
    health: AccountHealth
    webhook_url: str | None = None


class Notice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something to know of a channel account that belongs to no conversation: what its provider says of it, or a
    ``gap``, an event that was set aside and of which nobody can tell whose conversation it is in. Kept for 30 days."""

    name: str
    at: str
    data: dict[str, Any] = {}
