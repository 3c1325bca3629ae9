"""Which web origins may use a chat account: the ``allowed_origins`` of its settings.

An entry is an exact origin (``https://shop.example``, with its port when it is not the usual one), a wildcard for
every subdomain (``https://*.shop.example``: not ``shop.example`` itself), or ``*`` for any. With no entries no
browser page is served at all: browsers always send Origin with a cross-site call and with a WebSocket, so opening an
account to the web is a decision that somebody writes down. Callers without an Origin are no browsers; the session
token alone protects against those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
_PATTERN = re.compile(rf"\*|https?://(?:\*\.)?{_HOST}(?::\d{{1,5}})?")
_SUBDOMAINS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def origin_patterns(settings: Mapping[str, Any]) -> list[str]:
    """The entries of ``allowed_origins``; a single text counts as a list separated by commas."""
    value = settings.get("allowed_origins")
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple):
        return []
    return [entry.strip().lower().rstrip("/") for entry in value if isinstance(entry, str) and entry.strip()]


def is_origin_pattern(pattern: str) -> bool:
    """Whether an entry of ``allowed_origins`` has a form that can ever match."""
    return _PATTERN.fullmatch(pattern) is not None


def is_allowed(origin: str | None, patterns: Sequence[str]) -> bool:
    """Whether a request with this Origin header is served. A missing header is; an opaque one (``null``) only under
    ``*``."""
    if origin is None:
        return True
    if "*" in patterns:
        return True
    candidate = origin.lower()
    return any(is_origin_pattern(pattern) and _matches(candidate, pattern) for pattern in patterns)


def _matches(origin: str, pattern: str) -> bool:
    scheme, _, host = pattern.partition("://")
    if not host.startswith("*."):
        return origin == pattern
    suffix = host[1:]
    prefix = f"{scheme}://"
    if not (origin.startswith(prefix) and origin.endswith(suffix)):
        return False
    return _SUBDOMAINS.fullmatch(origin[len(prefix) : -len(suffix)]) is not None
