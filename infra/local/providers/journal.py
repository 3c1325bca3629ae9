"""What a stand-in was asked, so that tests can look."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec
from aiohttp import web

from infra.local.providers.control import answer

MAXIMUM_ENTRIES = 1000


class Received(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One call: ``body`` is text, with U+FFFD where it was not UTF-8; ``status`` and ``answer`` are ours."""

    at: float
    method: str
    path: str
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: str = ""
    parts: list[dict[str, Any]] = []
    status: int | None = None
    answer: str = ""


class Journal:
    """The last thousand calls, oldest first."""

    def __init__(self) -> None:
        self.entries: deque[Received] = deque(maxlen=MAXIMUM_ENTRIES)

    def add(self, entry: Received) -> None:
        self.entries.append(entry)

    def find(self, path: str = "") -> list[Received]:
        """Calls whose path ends in ``path``; all when it is empty."""
        return [entry for entry in self.entries if entry.path.strip("/").endswith(path.strip("/"))]

    def clear(self) -> None:
        self.entries.clear()


def journal_routes(journal: Journal) -> list[web.RouteDef]:
    """``/requests`` of a control interface: the calls, or with ``?path=`` some of them; DELETE forgets them."""

    async def show(request: web.Request) -> web.Response:
        return answer({"items": journal.find(request.query.get("path", ""))})

    async def forget(request: web.Request) -> web.Response:
        journal.clear()
        return answer({})

    return [web.get("/requests", show), web.delete("/requests", forget)]
