"""Messages that stay unread: when their time has come, they are sent on to the next route that they may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.core.delivery_state import UNREAD, DeliveryState
from shared.core.later import TryLater

if TYPE_CHECKING:
    from shared.core.delivery_storage import Deliveries
    from shared.core.records import Entry
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock

LONGEST_WAIT = 39_600.0
"""Seconds, 11 hours. A queue hides a message for up to 12 hours from when it was received ("Amazon SQS visibility
timeout", docs.aws.amazon.com), so a longer wait is taken in pieces."""

LEAST_PAUSE = 600.0
"""Seconds between looks at a message that somebody else has to send on: an outage may not use up the queue's tries."""

LOOKED_AHEAD = 50
"""How many entries after a message are looked through for a word of the customer."""


class FollowUnread:
    """Call it with the place of a message that has the task ``timer``, as often as it asks for.

    Each route has the message's ``unread_after`` to itself, from when the message came to it.
    """

    def __init__(self, log: ConversationLog, deliveries: Deliveries, clock: Clock) -> None:
        self._log = log
        self._deliveries = deliveries
        self._clock = clock

    def __call__(self, conversation_id: str, sequence: int) -> str:
        """What became of it: ``sent_on`` to its last route, or why there is nothing (more) to do: ``read``,
        ``answered``, ``failed``, ``exhausted`` (no route is left), ``gone`` (taken back or erased).

        Raises TryLater while its time has not come, InfrastructureError.
        """
        entry = self._log.entry(conversation_id, sequence)
        if entry is None or entry.message_id is None or entry.data["message"].get("deleted_at"):
            return "gone"
        state = entry.delivery or DeliveryState()
        if entry.unread_after is None or state.ended or state.wanted >= len(entry.fallback):
            return "exhausted"
        if "read" in (state.status, state.status_here):
            return "read"
        if state.status_here == "failed":
            return "failed"
        if state.leaving is not None:
            # Whoever sends it on is at it; the next route's time begins when the message gets there.
            raise _wait(max(entry.unread_after, LEAST_PAUSE))
        remaining = _came_to_its_route_at(entry, state) + entry.unread_after - self._clock()
        if remaining > 0:
            raise _wait(remaining)
        if self._has_answered(entry):
            return "answered"
        self._deliveries.want_next(conversation_id, sequence, entry.message_id, state.route, UNREAD)
        if state.route + 1 < len(entry.fallback):
            raise _wait(entry.unread_after)
        return "sent_on"

    def _has_answered(self, entry: Entry) -> bool:
        """Whether the customer has written since, on whichever channel: then they are there, and have seen it or will.

        The log's order decides: what was written before the message and arrived after it counts as well.
        """
        since = self._log.entries(entry.conversation_id, entry.sequence, LOOKED_AHEAD)
        return any(each.type == "message.received" and each.origin == "customer" for each in since)


def _came_to_its_route_at(entry: Entry, state: DeliveryState) -> float:
    """Seconds: when the route before was left, or when the message was accepted."""
    return entry.at if state.taken is None else float(state.taken["at"])


def _wait(remaining: float) -> TryLater:
    return TryLater(min(remaining, LONGEST_WAIT))
