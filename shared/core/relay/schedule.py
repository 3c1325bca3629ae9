"""When a failed event is tried again: full jitter under limits that grow, unless the endpoint says when.

Source: "Exponential Backoff And Jitter", AWS Architecture Blog: of all ways to spread tries, full jitter makes the
fewest calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Uniform = Callable[[float, float], float]
"""A random number between two, each as likely as any other: random.uniform."""

LIMITS: Final = (5.0, 30.0, 120.0, 600.0, 1800.0)
"""Seconds: the longest pause after the first failure, the second, and so on."""

LONGEST: Final = 3600.0
"""Seconds: the longest pause after every later failure."""

LONGEST_ASKED_FOR: Final = 86_400.0
"""Seconds: an endpoint that asks for a longer pause (Retry-After) gets this one."""

EARLY: Final = 0.25
"""Seconds by which clocks may differ: what is due within that time is due. A pause that an endpoint asked for is
longer by that much, so that nobody comes too early."""


def limit(failures: int) -> float:
    """The longest pause after so many failures of an event, from 1."""
    return LIMITS[failures - 1] if failures <= len(LIMITS) else LONGEST


def asked_for(retry_after: float | None) -> float | None:
    """The pause that an endpoint asked for, in seconds; None when it did not, or asked for none."""
    return min(retry_after, LONGEST_ASKED_FOR) if retry_after is not None and retry_after > 0 else None


def next_try(now: float, failures: int, retry_after: float | None, uniform: Uniform) -> float:
    """When an event that failed for the ``failures``-th time is tried again. What the endpoint asked for is honoured,
    and exceeded by less than a second."""
    pause = asked_for(retry_after)
    if pause is not None:
        return now + pause + uniform(EARLY, 3 * EARLY)
    return now + uniform(0.0, limit(failures))


def is_due(at: float | None, now: float) -> bool:
    """Whether a time has come. None is no time to wait for."""
    return at is None or at - EARLY <= now
