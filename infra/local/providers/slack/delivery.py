"""Posting to the app's server: signed, three seconds for an answer, three more tries for events.

Source: docs.slack.dev, "Verifying requests from Slack" and "The Events API" (retries nearly at once, after a minute and
after five; ``X-Slack-No-Retry: 1`` ends them). Redirects count as failures here. The stand-in waits less between tries.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import deque
from typing import Any, Literal

import aiohttp
import msgspec

from infra.local.providers.slack.settings import AccountSettings
from infra.local.providers.slack.state import new_id

ANSWER_SECONDS = 3.0
RETRY_SECONDS = (0.0, 1.0, 5.0)
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
FORM = "application/x-www-form-urlencoded"
Signing = Literal["good", "wrong", "none"]


class Attempt(msgspec.Struct, kw_only=True):
    """One try: the HTTP status and the beginning of the answer, or Slack's word for what went wrong."""

    seconds: float
    status: int | None = None
    answer: str = ""
    problem: str | None = None
    accepted: bool = False


class Sent(msgspec.Struct, kw_only=True):
    """One thing that was posted: an event (``id`` is its event_id), an interaction or a command."""

    id: str
    account: str
    kind: str
    at: float
    body: str
    content_type: str = "application/json"
    attempts: list[Attempt] = []
    accepted: bool = False
    done: bool = False


def signature(secret: str, timestamp: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return f"v0={digest}"


class Delivery:
    """Posts, and remembers what it posted. The two times (seconds) may be changed while it runs."""

    def __init__(self, session: aiohttp.ClientSession, answer_seconds: float, retry_seconds: tuple[float, ...]) -> None:
        self.session = session
        self.answer_seconds = answer_seconds
        self.retry_seconds = retry_seconds
        self.sent: deque[Sent] = deque(maxlen=1000)

    def noted(self, account: str, kind: str, body: bytes, content_type: str, sent_id: str | None = None) -> Sent:
        text = body.decode("utf-8", "replace")
        sent = Sent(id=sent_id or new_id("Ix"), account=account, kind=kind, at=time.time(), body=text)
        sent.content_type = content_type
        self.sent.append(sent)
        return sent

    async def deliver(self, settings: AccountSettings, sent: Sent, *, retried: bool) -> Sent:
        """``retried``: events come again when they fail; interactions and commands do not."""
        waits = self.retry_seconds if retried else ()
        for number in range(len(waits) + 1):
            headers = {}
            if number:
                await asyncio.sleep(waits[number - 1])
                reason = sent.attempts[-1].problem or "unknown_error"
                headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            attempt, final = await self.post(settings, sent.body.encode(), sent.content_type, headers)
            sent.attempts.append(attempt)
            if attempt.accepted or final:
                break
        sent.accepted = sent.attempts[-1].accepted
        sent.done = True
        return sent

    async def post(
        self,
        settings: AccountSettings,
        body: bytes,
        content_type: str,
        headers: dict[str, str],
        *,
        signing: Signing = "good",
        clock_skew: float = 0.0,
    ) -> tuple[Attempt, bool]:
        """One try, and whether the server asked for no further one. ``clock_skew`` (seconds) moves the timestamp."""
        timestamp = str(int(time.time() + clock_skew))
        signed: dict[str, str] = {}
        if signing != "none":
            secret = settings.signing_secret if signing == "good" else "0" * 32
            signed = {
                "X-Slack-Request-Timestamp": timestamp,
                "X-Slack-Signature": signature(secret, timestamp, body),
            }
        options: dict[str, Any] = {"data": body, "allow_redirects": False}
        options["headers"] = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json,*/*",
            "Content-Type": content_type,
            **signed,
            **headers,
        }
        options["timeout"] = aiohttp.ClientTimeout(total=self.answer_seconds)
        started = time.monotonic()
        attempt, final = Attempt(seconds=0.0), False
        try:
            async with self.session.post(settings.webhook_url, **options) as response:
                attempt.answer = (await response.read()).decode("utf-8", "replace")[:3000]
                attempt.status = response.status
                attempt.accepted = 200 <= response.status < 300
                attempt.problem = None if attempt.accepted else "http_error"
                final = response.headers.get("X-Slack-No-Retry") == "1"
        except TimeoutError:
            attempt.problem = "http_timeout"
        except aiohttp.ClientError:
            attempt.problem = "connection_failed"
        attempt.seconds = round(time.monotonic() - started, 3)
        return attempt, final
