"""The two encodings that tokens and frames share: JSON read with limits, and base64url without padding."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from shared.errors import BadRequest

_MAXIMUM_DEPTH = 32


def read_json(raw: bytes | str) -> Any:
    """Strict JSON (no NaN, no lone surrogates), at most 32 levels deep, NUL characters taken out of every text.

    Raises BadRequest: ``bad_json``, ``too_deep``.
    """
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.MsgspecError, UnicodeError):
        raise BadRequest("bad_json", "not JSON in UTF-8") from None
    return _cleaned(value, 1)


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if not isinstance(value, dict | list):
        return value
    if depth > _MAXIMUM_DEPTH:
        raise _too_deep()
    if isinstance(value, list):
        return [_cleaned(item, depth + 1) for item in value]
    return {name.replace("\x00", ""): _cleaned(item, depth + 1) for name, item in value.items()}


def _too_deep() -> BadRequest:
    return BadRequest("too_deep", f"nested deeper than {_MAXIMUM_DEPTH} levels")


def encode_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Raises BadRequest(``bad_base64``) for anything but the one spelling that :func:`encode_base64url` gives."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if encode_base64url(data) != text:
        raise BadRequest("bad_base64", "not base64url without padding")
    return data
