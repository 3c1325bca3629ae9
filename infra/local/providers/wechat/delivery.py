"""Delivering pushes: five seconds for an answer, three tries in all.

Source: developers.weixin.qq.com, "Passive replies": answer ``success`` or nothing; with no answer in 5 seconds the same
push comes again, three times in all; then, or on a malformed answer, the user reads that the account cannot serve.
onethread never replies inside the answer, so a passive reply counts as malformed here.
"""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import msgspec

from infra.local.providers.wechat.pushes import Fields, handshake_query, seal
from infra.local.providers.wechat.settings import AccountSettings

ANSWER_SECONDS = 5.0
TRIES = 3
UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"
USER_AGENT = "Mozilla/4.0"


class Attempt(msgspec.Struct, kw_only=True):
    """One try: the HTTP status and the beginning of the answer, or what went wrong."""

    seconds: float
    status: int | None = None
    answer: str = ""
    problem: str | None = None
    accepted: bool = False


class Delivery:
    """Posts pushes. ``answer_seconds`` is how long a server may take."""

    def __init__(self, session: aiohttp.ClientSession, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.session = session
        self.answer_seconds = answer_seconds

    async def deliver(
        self, account: AccountSettings, openid: str, fields: Fields, *, clock_skew: float = 0.0
    ) -> list[Attempt]:
        """Every try made. ``clock_skew`` (seconds) moves the signed timestamp, to play an old or a future push."""
        attempts: list[Attempt] = []
        while len(attempts) < TRIES:
            push = seal(account, openid, fields, time.time() + clock_skew)
            attempt = await self._call(
                "POST", account.webhook_url, push.query, push.body, {"Content-Type": push.content_type}
            )
            attempts.append(attempt)
            if attempt.status == 200:
                attempt.accepted = attempt.answer in ("success", "")
                if not attempt.accepted:
                    attempt.problem = "malformed answer"
                break
            attempt.problem = attempt.problem or f"HTTP {attempt.status}"
        return attempts

    async def verify_url(self, account: AccountSettings, echo: str) -> Attempt:
        """The console's check of the server address: the answer must be ``echo`` and nothing else."""
        attempt = await self._call("GET", account.webhook_url, handshake_query(account, echo, time.time()), None, {})
        attempt.accepted = attempt.status == 200 and attempt.answer == echo
        return attempt

    async def _call(
        self, method: str, url: str, query: dict[str, str], body: bytes | None, headers: dict[str, str]
    ) -> Attempt:
        started = time.monotonic()
        options: dict[str, Any] = {"params": query, "data": body, "allow_redirects": False}
        options["headers"] = {"User-Agent": USER_AGENT, "Accept": "*/*", **headers}
        options["timeout"] = aiohttp.ClientTimeout(total=self.answer_seconds)
        attempt = Attempt(seconds=0.0)
        try:
            async with self.session.request(method, url, **options) as response:
                attempt.answer = (await response.read()).decode("utf-8", "replace")[:500]
                attempt.status = response.status
        except TimeoutError:
            attempt.problem = f"no answer in {self.answer_seconds:g} s"
        except aiohttp.ClientError as error:
            attempt.problem = type(error).__name__
        attempt.seconds = round(time.monotonic() - started, 3)
        return attempt
