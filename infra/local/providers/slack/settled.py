"""Waiting for what an act causes."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from infra.local.providers.control import answer
from infra.local.providers.slack.messages import Tasks


async def settled(request: web.Request, result: dict[str, Any], tasks: Tasks) -> web.Response:
    """``result`` with the deliveries, all done; with ``?wait=0`` at once and without them (202)."""
    if request.query.get("wait", "1") == "0":
        return answer(result, 202)
    return answer({**result, "deliveries": await asyncio.gather(*tasks)}, 201)
