"""Messages that come late: after others that were written after them, or long after they were received."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.core.records import RouteState
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundMessage

LONGEST_ON_ITS_WAY = 300.0
"""Seconds from when a message was received to when it is stored: ordinarily well under one, after a redrive days."""


def came_late(route: RouteState | None, event: InboundMessage, envelope: Envelope, now: float) -> bool:
    """Whether a message that is stored ``now`` stands further down in the log than it was written. ``route`` is the
    one that it came by, as it was before."""
    if now - envelope.received_at > LONGEST_ON_ITS_WAY:
        return True
    return route is not None and event.occurred_at < route.latest_at


def latest_with(route: RouteState, event: InboundMessage, now: float) -> RouteState:
    """The route after the message. A provider's clock that is ahead of ours is not believed: every later message would
    be late by it."""
    return replace(route, latest_at=max(route.latest_at, min(event.occurred_at, now)))
