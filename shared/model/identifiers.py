"""Names of things: time-ordered ids for what is created once, derived ids for what must be found again."""

from __future__ import annotations

import base64
import hashlib
import os
import time


def uuid7(now: float | None = None) -> str:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits. ``now`` is in seconds."""
    milliseconds = int((time.time() if now is None else now) * 1000)
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def message_id(now: float | None = None) -> str:
    return f"msg_{uuid7(now)}"


def conversation_id(now: float | None = None) -> str:
    return f"conv_{uuid7(now)}"


def customer_id(now: float | None = None) -> str:
    return f"cus_{uuid7(now)}"


def link_id(now: float | None = None) -> str:
    return f"lnk_{uuid7(now)}"


def media_id(now: float | None = None) -> str:
    return f"med_{uuid7(now)}"


def digest(*fields: str) -> str:
    """130 bits of SHA-256 over the fields, in 26 characters a-z2-7. Safe in keys, queue groups and logs: it shows no
    field."""
    joined = "\x00".join(fields).encode("utf-8", "surrogatepass")
    return base64.b32encode(hashlib.sha256(joined).digest())[:26].decode("ascii").lower()


def identity_id(channel: str, scope: str, external_id: str) -> str:
    """The identity of one sender. The same (channel, scope, external id) always gives the same id, so no index is
    needed."""
    return f"idn_{digest(channel, scope, external_id)}"
