"""Failures that tests ask a stand-in for: provider errors, HTTP errors, silence, nonsense and redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from aiohttp import web

from infra.local.providers import control


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes wrong on the next ``times`` calls of ``path`` (the end of a path is enough).

    ``when`` says whether the call took effect: ``before`` loses the request, ``after`` loses only its answer. With
    ``hang_seconds`` alone, ``before`` ends by dropping the connection and ``after`` by the true answer, late.
    """

    path: str
    times: int = 1
    when: Literal["before", "after"] = "before"
    errcode: int | None = None
    errmsg: str | None = None
    error: str | None = None
    http_status: int | None = None
    headers: dict[str, str] = {}
    hang_seconds: float = 0.0
    garbage: str | bool = False
    redirect: str | None = None

    def __post_init__(self) -> None:
        if not self.path.strip("/") or self.times < 1:
            raise ValueError("a fault needs a path and at least one time")
        effects = [
            self.errcode,
            self.error,
            self.http_status,
            self.hang_seconds or None,
            self.garbage or None,
            self.redirect,
        ]
        if all(effect is None for effect in effects):
            raise ValueError("a fault needs errcode, error, http_status, hang_seconds, garbage or redirect")


GARBAGE = '{"errcode":0,"errm'


class Faults:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, path: str) -> Fault | None:
        """The fault for this call, if one is planned; it is used up."""
        for fault in self.waiting:
            if path.strip("/").endswith(fault.path.strip("/")):
                fault.times -= 1
                if fault.times < 1:
                    self.waiting.remove(fault)
                return fault
        return None


def fault_routes(faults: Faults, kind: type[Fault] = Fault) -> list[web.RouteDef]:
    """``/fail`` of a control interface: POST plans a fault of this ``kind``, DELETE forgets all of them."""

    async def plan(request: web.Request) -> web.Response:
        fault = await control.asked(request, kind)
        faults.plan(fault)
        return control.answer(fault, 201)

    async def clear(request: web.Request) -> web.Response:
        faults.clear()
        return control.answer({})

    return [web.post("/fail", plan), web.delete("/fail", clear)]


Spoil = Callable[[Fault, web.Request, web.StreamResponse | None], Awaitable[web.StreamResponse]]


async def played(
    fault: Fault | None, request: web.Request, true_answer: control.Handler, spoil: Spoil
) -> web.StreamResponse:
    """The true answer, or what a fault makes of it. ``spoil`` is given the true one when the call took effect."""
    if fault is not None and fault.when == "before":
        return await spoil(fault, request, None)
    answer = await true_answer(request)
    return answer if fault is None else await spoil(fault, request, answer)


async def spoiled_answer(fault: Fault, request: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
    """Hang, then answer as the fault says. ``answer`` is the true one when the call took effect, else None.

    A provider's own error (``errcode``, or ``error`` where errors have names) is not made here: it belongs to the
    stand-in.
    """
    if fault.hang_seconds:
        await asyncio.sleep(fault.hang_seconds)
    if fault.redirect is not None:
        return web.Response(status=302, headers={**fault.headers, "Location": fault.redirect})
    if fault.garbage:
        text = fault.garbage if isinstance(fault.garbage, str) else GARBAGE
        return web.Response(status=fault.http_status or 200, text=text, content_type="text/html")
    if fault.http_status is not None:
        return web.Response(status=fault.http_status, headers=fault.headers, text="injected failure")
    if answer is not None:
        return answer
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
