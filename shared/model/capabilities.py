"""What a channel can do, declared by its connector. Rendering, the send window and the channels table all read it."""

from __future__ import annotations

from typing import Literal

import msgspec

PartSupport = Literal["native", "degraded", "no"]


class TextLimit(msgspec.Struct, kw_only=True, frozen=True):
    """The longest text of one message; longer texts are split at sentence ends."""

    maximum: int
    unit: Literal["characters", "bytes"]


class MediaLimit(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a media part may weigh (bytes), last (seconds) and be (sniffed MIME types; empty: any)."""

    maximum_bytes: int
    mime_types: tuple[str, ...] = ()
    maximum_seconds: int | None = None


class WindowRule(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """After ``opens_on``, ``sends`` messages may be sent within ``seconds``; no ``sends`` means any number."""

    opens_on: Literal["message", "menu_click", "follow", "scan", "session"]
    seconds: int
    sends: int | None = None


class Capabilities(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A channel's abilities.

    ``receives``: part types that can come in. ``sends``: part types that go out as themselves; every other type is
    degraded by the connector's ``render`` and the loss is recorded. ``windows`` empty: replies are possible at any
    time. ``receipts``: which statuses the provider reports. ``idempotent``: sending the same request twice shows one
    message. ``live``: the customer sees the conversation as it goes, so every message of it is pushed, in both
    directions. ``threads_by_message``: a message names those it answers, so ``render`` is handed what was said before.
    ``profiles``: the provider can be asked who a new sender is (``profile``).
    """

    channel: str
    title: str
    receives: tuple[str, ...]
    sends: tuple[str, ...]
    text: TextLimit
    media: dict[str, MediaLimit] = {}
    maximum_choices: int = 0
    windows: tuple[WindowRule, ...] = ()
    receipts: tuple[Literal["sent", "delivered", "read", "failed"], ...] = ()
    typing: bool = False
    idempotent: bool = False
    live: bool = False
    threads_by_message: bool = False
    profiles: bool = False
