"""Slack's proof of a request, version v0: HMAC-SHA256 over ``v0:<timestamp>:<raw body>``.

Source: docs.slack.dev, "Verifying requests from Slack".
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def signature(secret: str, timestamp: bytes, body: bytes) -> str:
    """``v0=`` and 64 hexadecimal digits.

    The two halves of the HMAC (RFC 2104) are begun once for each secret: the key is hashed no more than once, and a
    request costs the hash of its own bytes and of one block.
    """
    begun_inner, begun_outer = _begun(secret)
    inner, outer = begun_inner.copy(), begun_outer.copy()
    inner.update(timestamp + b":" + body)
    outer.update(inner.digest())
    return "v0=" + outer.hexdigest()


@lru_cache(maxsize=64)
def _begun(secret: str) -> tuple[_Hash, _Hash]:
    key = secret.encode("utf-8", "surrogatepass")
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    return hashlib.sha256(key.translate(_INNER) + b"v0:"), hashlib.sha256(key.translate(_OUTER))
