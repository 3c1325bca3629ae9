"""Use case: one subscriber hears of one conversation, from where it was to the end of the log.

A wake-up only says where to look. The lane says how far the subscriber is, the log what came after, so wake-ups may be
lost, doubled or come in any order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.core.relay.circuit import Circuit
from shared.core.relay.itinerary import Itinerary
from shared.core.relay.notifications import Notifications
from shared.core.relay.standing import Standing
from shared.core.relay.visit import Ended, Surroundings, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.relay.records import Subscription, WakeUp
    from shared.core.relay.schedule import Uniform
    from shared.core.relay.storage import Attempts, Endpoint, Lanes, RelayQueue, Skips, Subscriptions
    from shared.core.storage import ConversationLog, MediaAddresses
    from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What became of a wake-up: how many events were told, and why no more."""

    told: int
    ended: Ended


class Forward:
    """Call it with a wake-up, and with no other for the same conversation and subscription at the same time."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        lanes: Lanes,
        attempts: Attempts,
        skips: Skips,
        queue: RelayQueue,
        log: ConversationLog,
        addresses: MediaAddresses,
        endpoint_of: Callable[[Subscription], Endpoint],
        source: str,
        clock: Clock,
        uniform: Uniform = random.uniform,
    ) -> None:
        """``source`` is the events' own (``urn:onethread:<stack>``)."""
        self._lanes = lanes
        self._surroundings = Surroundings(
            lanes=lanes,
            attempts=attempts,
            skips=skips,
            queue=queue,
            log=log,
            endpoint_of=endpoint_of,
            clock=clock,
            uniform=uniform,
            circuit=Circuit(lanes, queue, clock, uniform),
            standing=Standing(subscriptions, clock),
            itinerary=Itinerary(log, Notifications(source, addresses)),
        )

    def __call__(self, wake: WakeUp, remaining: Callable[[], float]) -> Forwarded:
        """``remaining`` gives the seconds that are left to the caller; what does not fit is put back as a wake-up.

        Raises InfrastructureError, and whatever our own code raises over an event that it cannot make: the lane is then
        pending, the attempt log says ``unrenderable``, and its wake-ups fail until that is mended.
        """
        situation = self._lanes.situation(wake.subscription_id, wake.conversation_id)
        if situation.subscription is None:
            return Forwarded(0, "unknown")
        visit = Visit(self._surroundings, situation.subscription, situation, wake, remaining)
        ended = visit()
        return Forwarded(visit.told, ended)
