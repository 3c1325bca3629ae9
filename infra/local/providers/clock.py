"""A clock that tests can move: providers' rules last for days."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from aiohttp import web

from infra.local.providers.control import answer, asked


class Clock:
    """Unix seconds plus an offset. A provider's own rules follow it; what is signed or shown carries the wall clock."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset


class ClockSetting(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``offset_seconds`` sets the clock's lead over real time; ``advance_seconds`` adds to it."""

    offset_seconds: float | None = None
    advance_seconds: float = 0.0


def clock_routes(clock: Clock, move: Callable[[float], None]) -> list[web.RouteDef]:
    """``/clock`` of a control interface: read and set. ``move`` gives the clock another offset."""

    async def read(request: web.Request) -> web.Response:
        return answer({"offset_seconds": clock.offset, "now": clock.now()})

    async def set_clock(request: web.Request) -> web.Response:
        setting = await asked(request, ClockSetting)
        start = clock.offset if setting.offset_seconds is None else setting.offset_seconds
        move(start + setting.advance_seconds)
        return await read(request)

    return [web.get("/clock", read), web.post("/clock", set_clock)]
