"""Pages of other origins that may call the API: desks that a company serves as plain files (stack parameter
``DeskOrigins``). A page is admitted by its origin and still needs a key; there are no cookies to be misused.

Source: the Fetch standard, "CORS protocol".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from functions.bootstrap import environment
from shared.http.origins import is_allowed, origin_patterns
from shared.http.response import Response

PREFIX = "/v1/"
_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, PATCH, DELETE",
    "access-control-allow-headers": "authorization, content-type, idempotency-key",
    # Two hours, the longest that Chromium keeps an answer.
    "access-control-max-age": "7200",
}


@cache
def _patterns() -> tuple[str, ...]:
    return tuple(origin_patterns({"allowed_origins": environment.setting("DESK_ORIGINS")}))


def preflight(event: Mapping[str, Any]) -> Response | None:
    """The answer to a browser's question before a call; None when this is none, or not of an admitted page."""
    asked = event["requestContext"]["http"]["method"] == "OPTIONS" and event["rawPath"].startswith(PREFIX)
    return Response(204, headers=_PREFLIGHT) if asked and _admitted_origin(event) is not None else None


def readable(event: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, which the calling page may read if its origin is admitted."""
    origin = _admitted_origin(event)
    if origin is None or not event["rawPath"].startswith(PREFIX):
        return answer
    headers = {**(answer.get("headers") or {}), "access-control-allow-origin": origin, "vary": "origin"}
    return {**answer, "headers": headers}


def _admitted_origin(event: Mapping[str, Any]) -> str | None:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    origin = headers.get("origin")
    return origin if origin is not None and is_allowed(origin, _patterns()) else None
