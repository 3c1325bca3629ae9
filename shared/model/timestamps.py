"""Times as the schema writes them: RFC 3339, UTC, milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(seconds: float) -> str:
    """Seconds since the epoch as ``2026-01-02T03:04:05.678Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def seconds(text: str) -> float:
    """The inverse of :func:`rfc3339`. Raises ValueError when the text is no such time."""
    return datetime.fromisoformat(text).timestamp()
