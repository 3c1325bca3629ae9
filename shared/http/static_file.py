"""One file that browsers fetch and keep: compressed where they take that, and not sent again while it is the same."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

from shared.http.response import Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shared.http.request import Request


class StaticFile:
    """Read once. HTTP APIs do not compress what functions answer, so the compressed form is made here."""

    def __init__(self, path: Path, headers: Mapping[str, str]) -> None:
        """``headers`` go with every answer: the type of the content, and for how long it may be kept."""
        self._plain = path.read_bytes()
        self._compressed = gzip.compress(self._plain, mtime=0)
        self._tag = hashlib.sha256(self._plain).hexdigest()[:20]
        self._headers = {**headers, "vary": "accept-encoding", "x-content-type-options": "nosniff"}

    def answer(self, request: Request) -> Response:
        """200 with the file, or 304 when the browser has it. The two forms have tags of their own (RFC 9110, 8.8.3)."""
        compressed = _takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{self._tag}-gzip"' if compressed else f'"{self._tag}"'
        headers = {**self._headers, "etag": tag}
        if tag in _tags(request.headers.get("if-none-match", "")):
            return Response(304, b"", headers)
        if compressed:
            return Response(200, self._compressed, {**headers, "content-encoding": "gzip"})
        return Response(200, self._plain, headers)


def _takes_gzip(accepted: str) -> bool:
    """RFC 9110, 12.5.3; ``gzip;q=0`` is a refusal."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _tags(known: str) -> list[str]:
    """The tags of If-None-Match, which compares weakly (RFC 9110, 13.1.2)."""
    return [tag.strip().removeprefix("W/") for tag in known.split(",")]
