"""A stand-in's control interface: JSON in, JSON out, for tests and the local page. Not part of any provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RefusedError(Exception):
    """What was asked of the stand-in cannot be done: ``status`` 400, 404 or 409, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def answer(value: Any, status: int = 200) -> web.Response:
    """``value`` (structs, dicts, lists) as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


async def asked[Value](request: web.Request, kind: type[Value]) -> Value:
    """The request's JSON body as ``kind``; an empty body counts as ``{}``. Raises RefusedError(400)."""
    try:
        return msgspec.json.decode(await request.read() or b"{}", type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise RefusedError(400, str(error)) from error


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """RefusedError becomes a JSON answer, and only JSON is taken: no other site's form can post here."""
    if request.method == "POST" and request.can_read_body and request.content_type != "application/json":
        return answer({"error": "send application/json"}, 415)
    try:
        return await handler(request)
    except RefusedError as refused:
        return answer({"error": refused.reason}, refused.status)
