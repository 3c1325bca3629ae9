"""The health of endpoints as it is written down: who may try, and what an attempt changes.

For every time at which an open circuit may be probed, a sweep that wakes a waiting conversation is in the queue before
that time is written down. So a circuit that something waits behind is never left open with nobody to try it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shared.core.relay.health import (
    after_failure,
    after_success,
    has_failed,
    is_open,
    may_probe,
    with_probe_taken,
)
from shared.core.relay.records import Health, Sweep
from shared.core.relay.schedule import LIMITS, asked_for
from shared.errors import InfrastructureError, WriteConflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.relay.records import Outcome
    from shared.core.relay.schedule import Uniform
    from shared.core.relay.storage import Lanes, RelayQueue
    from shared.ports.clock import Clock

TRIES: Final = 20
"""How often a change is tried against other writers, who are at most as many as an endpoint can hold workers."""

HOLDING: Final = frozenset({429, 503})
"""With these and a Retry-After, an endpoint speaks of all its calls and not of this one."""


class Circuit:
    """Reads and writes shared.core.relay.records.Health."""

    def __init__(self, lanes: Lanes, queue: RelayQueue, clock: Clock, uniform: Uniform) -> None:
        self._lanes = lanes
        self._queue = queue
        self._clock = clock
        self._uniform = uniform

    def admit(self, subscription_id: str, health: Health) -> Health | None:
        """The endpoint's health when it may be tried now, as the caller has to go on with; None when it is left
        alone. Whoever is admitted while the circuit is open is the one probe."""
        if not is_open(health):
            return health
        now = self._clock()
        if not may_probe(health, now):
            return None
        following = with_probe_taken(health, now, self._uniform)
        self._probe_later(subscription_id, following)
        taken = self._lanes.save_health(subscription_id, health, following)
        return replace(following, version=health.version + 1) if taken else None

    def failed(self, subscription_id: str, event_id: str, outcome: Outcome, number: int) -> Health:
        """Notes an attempt that failed, the ``number``-th for its event; the health after it. Raises WriteConflict."""
        now = self._clock()
        failure = {"at": now, "event_id": event_id, "code": outcome.code, "status": outcome.status}
        pause = asked_for(outcome.retry_after) if outcome.status in HOLDING else None
        hold_until = None if pause is None else now + pause

        def change(health: Health) -> Health:
            shown = {name: value for name, value in failure.items() if value is not None}
            following = after_failure(
                health, now, shown, self._uniform, telling=number <= len(LIMITS), hold_until=hold_until
            )
            if following.probe_at != health.probe_at:
                self._probe_later(subscription_id, following)
            return following

        return self._write(subscription_id, self._lanes.health(subscription_id), change)

    def succeeded(self, subscription_id: str, health: Health) -> Health:
        """Notes that an event was taken; the health after it. A healthy endpoint costs nothing. Raises
        WriteConflict, InfrastructureError."""
        if not has_failed(health):
            return health
        now = self._clock()
        following = self._write(subscription_id, health, lambda each: after_success(each, now))
        if is_open(health) and self._queue.put([Sweep(subscription_id, probe=True)]):
            raise InfrastructureError("the conversations that wait were not woken")
        return following

    def _probe_later(self, subscription_id: str, health: Health) -> None:
        if health.probe_at is not None:
            self._queue.put_later(Sweep(subscription_id, probe=True), health.probe_at)

    def _write(self, subscription_id: str, health: Health, change: Callable[[Health], Health]) -> Health:
        for _ in range(TRIES):
            following = change(health)
            if self._lanes.save_health(subscription_id, health, following):
                return replace(following, version=health.version + 1)
            health = self._lanes.health(subscription_id)
        raise WriteConflict("too many attempts ended at once")
