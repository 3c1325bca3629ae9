"""Proofs that something was made by this stack, for what travels through other people's hands."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from hmac import compare_digest as compare

LEAST_BYTES = 10
"""80 bits: what a seal may be shortened to and still be out of reach of guessing."""


class StackSeals:
    """Implements shared.ports.context.Seals: HMAC-SHA256 over the fields, each with its length before it, so that no
    two lists of fields look alike. ``secret_of`` gives the secrets that are valid, the current one first."""

    def __init__(self, secret_of: Callable[[], list[bytes]]) -> None:
        self._secret_of = secret_of

    def seal(self, *fields: str) -> bytes:
        return _seal(self._secret_of()[0], fields)

    def holds(self, seal: bytes, *fields: str) -> bool:
        long_enough = LEAST_BYTES <= len(seal) <= hashlib.sha256().digest_size
        found = False
        for secret in self._secret_of():
            # Every secret is tried, so that the time taken does not say which of them it was.
            found |= compare(_seal(secret, fields)[: len(seal)], seal)
        return found and long_enough


def _seal(secret: bytes, fields: tuple[str, ...]) -> bytes:
    content = bytearray()
    for field in fields:
        encoded = field.encode("utf-8", "surrogatepass")
        content += len(encoded).to_bytes(4, "big") + encoded
    return hmac.digest(secret, content, "sha256")
