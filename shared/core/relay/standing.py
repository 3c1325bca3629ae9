"""Changes of subscriptions against other writers, and those that the relay makes by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shared.errors import NotFound, WriteConflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.relay.records import Subscription
    from shared.core.relay.storage import Subscriptions
    from shared.ports.clock import Clock

TRIES: Final = 8


def update(
    subscriptions: Subscriptions, subscription_id: str, change: Callable[[Subscription], Subscription]
) -> Subscription:
    """The subscription after ``change``, which is called again when somebody else was first.

    Raises NotFound(``unknown_subscription``), WriteConflict, and what ``change`` raises.
    """
    for _ in range(TRIES):
        before = found(subscriptions, subscription_id)
        after = change(before)
        if after == before or subscriptions.replace(before, after):
            return after
    raise WriteConflict("the subscription is changed by too many at once")


def found(subscriptions: Subscriptions, subscription_id: str) -> Subscription:
    """Raises NotFound(``unknown_subscription``)."""
    subscription = subscriptions.get(subscription_id)
    if subscription is None:
        raise NotFound("unknown_subscription", "there is no such subscription")
    return subscription


class Standing:
    """What an endpoint's answers do to its subscription. A subscription that was deleted, or given another address, in
    the meantime stays as it is."""

    def __init__(self, subscriptions: Subscriptions, clock: Clock) -> None:
        self._subscriptions = subscriptions
        self._clock = clock

    def gone(self, tried: Subscription) -> None:
        """The endpoint said that it is not there any more, and will not be."""

        def disabled(current: Subscription) -> Subscription:
            if current.status == "disabled" or not _same_place(tried, current):
                return current
            return replace(current, status="disabled", reason="gone", status_since=self._clock())

        self._update(tried.id, disabled)

    def given_up(self, tried: Subscription) -> None:
        """The endpoint has failed for too long: it keeps its place until somebody says that it works."""

        def paused(current: Subscription) -> Subscription:
            if current.status != "active" or not _same_place(tried, current):
                return current
            return replace(current, status="paused", reason="failing", status_since=self._clock())

        self._update(tried.id, paused)

    def _update(self, subscription_id: str, change: Callable[[Subscription], Subscription]) -> None:
        if self._subscriptions.get(subscription_id) is not None:
            update(self._subscriptions, subscription_id, change)


def _same_place(one: Subscription, other: Subscription) -> bool:
    return (one.url, one.helpdesk) == (other.url, other.helpdesk)
