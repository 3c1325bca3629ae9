"""Keeps other web sites out of what is meant for this machine only.

A browser here can be made to ask 127.0.0.1 by any page it has open. A foreign page shows itself by its Origin or by
Sec-Fetch-Site; a foreign name pointed at 127.0.0.1 (DNS rebinding) shows in Host.
"""

from __future__ import annotations

from aiohttp import hdrs, web
from yarl import URL

from infra.local.front.proxy import problem
from infra.local.providers.control import Handler

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})
PUBLIC_PREFIXES = ("/hooks/", "/chat/", "/v1/", "/helpdesks/")
WIDGET = "/widget.js"
"""These go to the API, which protects itself; a web chat is meant to be called from other sites."""


def is_public(path: str) -> bool:
    return path.startswith(PUBLIC_PREFIXES) or path == WIDGET


def refusal(request: web.Request) -> str | None:
    """Why this request may not reach local things; None when it may."""
    host = request.headers.get(hdrs.HOST, "")
    try:
        name = URL(f"http://{host}").host
    except ValueError:
        name = None
    if name not in LOCAL_NAMES:
        return "bad_host"
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin != f"{request.scheme}://{host}":
        return "cross_origin"
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return "cross_site"
    return None


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_public(request.path):
        reason = refusal(request)
        if reason is not None:
            return problem(403, reason, "This address serves pages of this machine only.")
    return await handler(request)
