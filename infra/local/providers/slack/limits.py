"""How often a method may be called.

Source: docs.slack.dev, "Rate limits": tier 2 allows 20 calls a minute, tier 3 50, tier 4 100, for each method and
workspace; chat.postMessage one message a second and channel, with short bursts. Beyond that, 429 with ``Retry-After``.
"""

from __future__ import annotations

import math

from infra.local.providers.slack.errors import ApiError

BURST = 4
TIERS: dict[str, int] = {
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.open": 50,
    "conversations.info": 50,
    "reactions.add": 50,
    "users.info": 100,
    "files.info": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
}


class Buckets:
    """Tokens that come back with time: ``spend`` takes one of ``size``, refilled at ``per_second``."""

    def __init__(self) -> None:
        self._filled: dict[tuple[str, ...], tuple[float, float]] = {}

    def spend(self, key: tuple[str, ...], size: float, per_second: float, now: float) -> None:
        """Raises ApiError 429."""
        tokens, then = self._filled.get(key, (size, now))
        tokens = min(size, tokens + max(0.0, now - then) * per_second)
        if tokens < 1:
            self._filled[key] = (tokens, now)
            seconds = max(1, math.ceil((1 - tokens) / per_second))
            raise ApiError("ratelimited", status=429, headers={"Retry-After": str(seconds)})
        self._filled[key] = (tokens - 1, now)

    def clear(self) -> None:
        self._filled.clear()


def spend_method(buckets: Buckets, account: str, method: str, now: float) -> None:
    if method in TIERS:
        buckets.spend((account, method), TIERS[method], TIERS[method] / 60, now)


def spend_post(buckets: Buckets, account: str, channel: str, now: float) -> None:
    buckets.spend((account, "chat.postMessage", channel), BURST, 1.0, now)
