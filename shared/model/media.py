"""Media inside a part: what is known of a file, and how far it is on its way into our storage."""

from __future__ import annotations

from typing import Literal

import msgspec

MediaState = Literal["pending", "stored", "expired", "rejected", "withheld"]
"""``pending`` not fetched yet; ``stored`` in our bucket; ``expired`` the provider no longer has it; ``rejected`` not
what it claims to be, or over a limit; ``withheld`` kept from view, for instance because a scanner flagged it."""


class Media(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A file. ``mime_type`` is sniffed from the bytes, ``declared_mime_type`` is what the sender said; sizes are in
    bytes.

    ``state`` is there for every file that we keep or fetch. ``url`` is short-lived and ours. On a message to be sent,
    it may instead be the https address of a file to send.
    """

    media_id: str | None = None
    state: MediaState | None = None
    mime_type: str | None = None
    declared_mime_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    filename: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    url: str | None = None
    reason: str | None = None
