"""What the web-chat widget can do. Files go up by a form of ours, so the limits here are our own choice."""

from __future__ import annotations

from shared.model.capabilities import Capabilities, MediaLimit
from shared.model.chat_view import NATIVE_PARTS, TEXT_LIMIT

_MEGABYTE = 1024 * 1024
_FILES = MediaLimit(maximum_bytes=20 * _MEGABYTE)

CAPABILITIES = Capabilities(
    channel="webchat",
    title="Web chat",
    receives=("text", "image", "audio", "voice", "video", "file", "location", "contact", "choice", "event"),
    sends=NATIVE_PARTS,
    text=TEXT_LIMIT,
    media={
        "image": MediaLimit(
            maximum_bytes=10 * _MEGABYTE, mime_types=("image/png", "image/jpeg", "image/gif", "image/webp")
        ),
        "audio": _FILES,
        "voice": _FILES,
        "video": _FILES,
        "file": _FILES,
    },
    maximum_choices=20,
    receipts=("sent", "read"),
    typing=True,
    idempotent=True,
    live=True,
)
"""No windows: a visitor can be answered at any time, and finds the answer on the next visit. ``idempotent``: the
browser shows a message once however often it is pushed, because it knows it by its id."""
