"""Keys that helpdesks, bots and people call the API with: scoped, revocable, and stored as a hash only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.errors import Forbidden, Unauthorized

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
PREFIX = "ot"
REMEMBERED_SECONDS = 60.0
"""How long a revoked key may still be accepted by a warm function."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored. ``admin`` includes ``write``, ``write`` includes ``read``."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    secret_hash: str
    created_at: str
    revoked_at: str | None = None

    def allows(self, scope: Scope) -> bool:
        return any(SCOPES.index(granted) >= SCOPES.index(scope) for granted in self.scopes)


class ApiKeys(Protocol):
    def find(self, key_id: str) -> ApiKey | None: ...


def new_key() -> tuple[str, str, str]:
    """A new key as (id, the text to hand out, the hash to store). The text is shown once and kept nowhere."""
    key_id = secrets.token_hex(6)
    secret = secrets.token_urlsafe(32)
    return key_id, f"{PREFIX}_{key_id}_{secret}", hash_secret(secret)


def hash_secret(secret: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Authenticate:
    """Proves who calls the API, from the Authorization header."""

    def __init__(self, keys: ApiKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._known: dict[str, tuple[ApiKey, float]] = {}

    def __call__(self, authorization: str | None, scope: Scope) -> ApiKey:
        """The key that calls. Raises Unauthorized(``missing_key``, ``bad_key``), Forbidden(``scope_missing``)."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthorized("missing_key", "send Authorization: Bearer <api key>")
        prefix, _, rest = token.strip().partition("_")
        key_id, _, secret = rest.partition("_")
        key = self._find(key_id) if prefix == PREFIX and 0 < len(key_id) <= 32 and key_id.isalnum() else None
        if key is None or not hmac.compare_digest(key.secret_hash, hash_secret(secret)) or key.revoked_at:
            raise Unauthorized("bad_key", "this API key is not known, or it was revoked")
        if not key.allows(scope):
            raise Forbidden("scope_missing", f"this API key may not {scope}")
        return key

    def _find(self, key_id: str) -> ApiKey | None:
        known = self._known.get(key_id)
        if known is not None and self._clock() < known[1]:
            return known[0]
        key = self._keys.find(key_id)
        if key is not None:
            self._known[key_id] = (key, self._clock() + REMEMBERED_SECONDS)
        return key
