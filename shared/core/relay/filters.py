"""What a subscription wants to hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.core.relay.records import Subscription


def wants(subscription: Subscription, event_type: str, channel: str | None) -> bool:
    """Whether an event passes the filters. Empty filters want everything; an event without a channel passes every
    filter of channels."""
    if subscription.types and event_type not in subscription.types:
        return False
    return not subscription.channels or channel is None or channel in subscription.channels
