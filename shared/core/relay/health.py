"""How an endpoint is: pure functions over Health. A circuit that is open lets one probe at a time through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from shared.core.relay.records import Health
from shared.core.relay.schedule import EARLY, is_due

if TYPE_CHECKING:
    from shared.core.relay.schedule import Uniform

FAILURES: Final = 5
"""So many failures without a success between them, within WINDOW seconds, open the circuit."""

WINDOW: Final = 30.0

BETWEEN_PROBES: Final = (20.0, 40.0)
"""Seconds from one probe to the next: five calls at the most in any half minute, and a recovery is noticed within a
minute."""

PATIENCE: Final = 120 * 3600.0
"""Seconds without a success after which nothing is sent any more until somebody says so."""


def is_open(health: Health) -> bool:
    return health.open_since is not None


def may_probe(health: Health, now: float) -> bool:
    """Whether it is time to try an endpoint whose circuit is open."""
    return is_due(health.probe_at, now)


def with_probe_taken(health: Health, now: float, uniform: Uniform) -> Health:
    """After somebody took it upon themselves to try: the next one waits."""
    return replace(health, probe_at=now + uniform(*BETWEEN_PROBES))


def after_failure(
    health: Health,
    now: float,
    failure: dict[str, Any],
    uniform: Uniform,
    *,
    telling: bool = True,
    hold_until: float | None = None,
) -> Health:
    """After an attempt failed. ``telling`` is whether that says something of the endpoint: an event that has failed
    many times may be stuck by itself. ``hold_until`` is until when the endpoint asked to be left alone: its circuit
    opens at once, and the next probe is not before then."""
    failures = (*health.recent, now) if telling else health.recent
    recent = tuple(at for at in failures if now - at <= WINDOW)[-FAILURES:]
    following = replace(
        health,
        failing_since=now if health.failing_since is None else health.failing_since,
        recent=recent,
        last_failure=failure,
    )
    opens = len(recent) >= FAILURES or hold_until is not None
    if not is_open(health) and opens:
        following = replace(following, open_since=now, probe_at=now + uniform(*BETWEEN_PROBES))
    if hold_until is not None:
        following = replace(following, probe_at=hold_until if not is_open(health) else _later(health, hold_until))
    return following


def _later(health: Health, at: float) -> float:
    return max(health.probe_at or at, at)


def has_failed(health: Health) -> bool:
    """Whether there is anything to forget after a success."""
    return health.failing_since is not None or is_open(health)


def after_success(health: Health, now: float) -> Health:
    """Closed, and all failures forgotten but the last, which people may want to see."""
    return Health(last_success_at=now, last_failure=health.last_failure, version=health.version)


def forgotten(health: Health) -> Health:
    """As if the endpoint had never failed: somebody says that it works, or put another in its place."""
    return Health(last_success_at=health.last_success_at, last_failure=health.last_failure, version=health.version)


def given_up(health: Health, now: float) -> bool:
    """Whether the endpoint has failed for so long that it is left alone."""
    return health.failing_since is not None and now - health.failing_since >= PATIENCE - EARLY
