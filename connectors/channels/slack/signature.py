"""Slack's proof of a request, version v0: HMAC-SHA256 over ``v0:<timestamp>:<raw body>``.

Source: docs.slack.dev, "Verifying requests from Slack".
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING

from connectors.channels.slack.settings import setting
from shared.errors import BadRequest, Unauthorized

if TYPE_CHECKING:
    from hashlib import _Hash

    from shared.http.request import Request
    from shared.ports.accounts import Account

_SIGNATURE = "x-slack-signature"
_TIMESTAMP = "x-slack-request-timestamp"
_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def signed_time(request: Request, account: Account) -> int:
    """The time that a request is signed with, in seconds. One that is no time cannot be Slack's, whatever its
    signature.

    Raises BadRequest(``missing_parameter``), Unauthorized (``bad_signature``, ``stale_timestamp``).
    """
    headers = request.headers
    timestamp, given = headers.get(_TIMESTAMP), headers.get(_SIGNATURE)
    if not timestamp or not given:
        raise BadRequest("missing_parameter", f"there is no {_SIGNATURE if timestamp else _TIMESTAMP}")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
        raise Unauthorized("stale_timestamp", "the timestamp is not a time")
    begun_inner, begun_outer = _begun(setting(account, "signing_secret"))
    inner, outer = begun_inner.copy(), begun_outer.copy()
    inner.update(timestamp.encode() + b":")
    inner.update(request.body)
    outer.update(inner.digest())
    if not given.isascii() or not compare_digest("v0=" + outer.hexdigest(), given):
        raise Unauthorized("bad_signature", f"{_SIGNATURE} is wrong")
    return int(timestamp)


@lru_cache(maxsize=64)
def _begun(secret: str) -> tuple[_Hash, _Hash]:
    """The two halves of the HMAC (RFC 2104), begun: with these the key is hashed no more than once, and a request costs
    the hash of its own bytes and of one block."""
    key = secret.encode("utf-8", "surrogatepass")
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    return hashlib.sha256(key.translate(_INNER) + b"v0:"), hashlib.sha256(key.translate(_OUTER))
