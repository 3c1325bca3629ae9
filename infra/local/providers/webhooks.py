"""Webhooks of a stand-in on their way: kept while they are, waited for, and given up when the stand-in stops."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

import aiohttp
import msgspec
from aiohttp import web

from infra.local.providers.control import RefusedError, answer


class Outgoing:
    """``session`` is there while the stand-in runs; ``under_way`` are deliveries that have not ended.
    ``answer_seconds`` is how long the provider waits for an answer."""

    answer_seconds = 10.0

    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None
        self.under_way: set[asyncio.Task[None]] = set()

    def start(self, delivery: Coroutine[object, object, None]) -> None:
        """Delivers without waiting for it."""
        task = asyncio.create_task(delivery)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def settled(self) -> None:
        """Every webhook has been answered, or given up."""
        while self.under_way:
            await asyncio.gather(*self.under_way)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=self.answer_seconds)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            self.session = session
            yield
            for task in self.under_way:
                task.cancel()
            await asyncio.gather(*self.under_way, return_exceptions=True)
            self.session = None


class Sent(msgspec.Struct, kw_only=True):
    """One webhook: ``status`` is that of the last answer, None when there was none in time."""

    account: str
    body: str
    status: int | None = None


class OneByOne[Kind: Sent](Outgoing, ABC):
    """One goes after the other, so that a test knows what comes first; helpdesks promise no order. What was sent is
    kept, and can be sent again."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: deque[Kind] = deque(maxlen=1000)
        self.turn = asyncio.Lock()

    @abstractmethod
    async def again(self, sent: Kind) -> int | None:
        """The same bytes once more, signed anew; the status of the answer."""

    def routes(self) -> list[web.RouteDef]:
        """``/deliveries`` of a control interface: what was sent, and POST ``/deliveries/{number}`` for once more."""

        async def show(request: web.Request) -> web.Response:
            return answer({"items": list(self.sent)})

        async def repeat(request: web.Request) -> web.Response:
            number = request.match_info["number"]
            if not number.isdigit() or int(number) >= len(self.sent):
                raise RefusedError(404, f"no delivery {number}")
            return answer({"status": await self.again(self.sent[int(number)])})

        return [web.get("/deliveries", show), web.post("/deliveries/{number}", repeat)]
