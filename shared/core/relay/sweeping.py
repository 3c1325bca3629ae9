"""Use case: many conversations of one subscription are woken, page by page."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shared.core.relay.health import is_open, may_probe
from shared.core.relay.records import Sweep, WakeUp
from shared.core.relay.starting import sequence_before
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from shared.core.relay.schedule import Uniform
    from shared.core.relay.storage import ActiveConversations, Lanes, RelayQueue, Subscriptions
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock

PAGE: Final = 100
"""Conversations that are woken at once."""

CANDIDATES: Final = 20
"""Conversations that are looked at to find one to try the endpoint with, each with a call."""

NEXT_LOOK: Final = 30.0
"""Seconds after which somebody looks again whether the endpoint was tried. Ends as soon as somebody else did so."""

FROM_THE_FIRST_SINCE: Final = -1
"""Sweep.restart: each conversation from its first entry at or after ``since``."""


class SweepSubscription:
    """Call it with a sweep: one page is woken, and the rest is put back as a sweep."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        lanes: Lanes,
        queue: RelayQueue,
        log: ConversationLog,
        conversations: ActiveConversations,
        clock: Clock,
        uniform: Uniform = random.uniform,
    ) -> None:
        self._subscriptions = subscriptions
        self._lanes = lanes
        self._queue = queue
        self._log = log
        self._conversations = conversations
        self._clock = clock
        self._uniform = uniform

    def __call__(self, sweep: Sweep) -> int:
        """How many conversations were woken. Raises InfrastructureError."""
        subscription = self._subscriptions.get(sweep.subscription_id)
        if subscription is None:
            return 0
        if not (sweep.pending or sweep.probe):
            # Whether or not it is active: those that are woken keep their place.
            return self._wake_active(sweep)
        if subscription.status != "active":
            return 0
        if sweep.probe and is_open(health := self._lanes.health(sweep.subscription_id)):
            return self._probe(sweep) if may_probe(health, self._clock()) else 0
        return self._wake_pending(sweep)

    def _wake_pending(self, sweep: Sweep) -> int:
        waiting, position = self._lanes.pending(sweep.subscription_id, sweep.position, PAGE)
        woken = [WakeUp(sweep.subscription_id, each, urgent=sweep.pending) for each in waiting]
        return self._put(woken, None if position is None else replace(sweep, position=position))

    def _wake_active(self, sweep: Sweep) -> int:
        found, position = self._conversations.since(sweep.since or 0.0, sweep.position, PAGE)
        woken = [self._wake_up(sweep, conversation_id, last) for conversation_id, last in found]
        return self._put(woken, None if position is None else replace(sweep, position=position))

    def _wake_up(self, sweep: Sweep, conversation_id: str, last: int) -> WakeUp:
        restart = sweep.restart
        if restart == FROM_THE_FIRST_SINCE:
            restart = sequence_before(self._log, conversation_id, sweep.since or 0.0, last)
        return WakeUp(sweep.subscription_id, conversation_id, urgent=restart is not None, restart=restart)

    def _probe(self, sweep: Sweep) -> int:
        """Wakes one of the conversations that wait: any of those that have failed least, as others may be stuck by
        themselves."""
        waiting, _ = self._lanes.pending(sweep.subscription_id, None, PAGE)
        if not waiting:
            return 0
        start = int(self._uniform(0, len(waiting)))
        candidates = (waiting[start:] + waiting[:start])[:CANDIDATES]
        chosen = min(candidates, key=lambda each: self._failures(sweep.subscription_id, each))
        # The one that is woken may have nothing to tell, or be lost: somebody looks again.
        self._queue.put_later(Sweep(sweep.subscription_id, probe=True), self._clock() + NEXT_LOOK)
        return self._put([WakeUp(sweep.subscription_id, chosen, urgent=True)], None)

    def _failures(self, subscription_id: str, conversation_id: str) -> int:
        lane = self._lanes.situation(subscription_id, conversation_id).lane
        return 0 if lane is None else lane.failures

    def _put(self, woken: list[WakeUp], rest: Sweep | None) -> int:
        items: list[WakeUp | Sweep] = [*woken]
        if rest is not None:
            items.append(rest)
        if items and self._queue.put(items):
            raise InfrastructureError("not every conversation was woken")
        return len(woken)
