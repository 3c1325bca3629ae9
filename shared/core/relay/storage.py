"""The relay's store, queues and endpoints, as the core sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.core.relay.records import (
        Attempt,
        Health,
        Lane,
        Notification,
        Outcome,
        Skipped,
        Subscription,
        Sweep,
        WakeUp,
    )


class Subscriptions(Protocol):
    """All subscriptions of this stack: few, read often, written seldom."""

    def all(self) -> list[Subscription]:
        """Read strongly, in the order of their creation."""
        ...

    def get(self, subscription_id: str) -> Subscription | None:
        """Read strongly."""
        ...

    def create(self, subscription: Subscription) -> None: ...

    def replace(self, before: Subscription, after: Subscription) -> bool:
        """False, and nothing written, when the stored one is not as it was ``before``."""
        ...

    def delete(self, subscription_id: str) -> bool:
        """Forgets the subscription; what hangs on it expires. False when there was none."""
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a worker has to know before it tells a subscription of a conversation. ``lane`` is None when it has
    not heard of the conversation yet."""

    subscription: Subscription | None
    health: Health
    lane: Lane | None


class Lanes(Protocol):
    """Cursors by subscription and conversation, and the health of endpoints."""

    def situation(self, subscription_id: str, conversation_id: str) -> Situation:
        """Read strongly, in one call."""
        ...

    def save(self, lane: Lane) -> None:
        """Writes a lane. Its place in the queue makes the caller the only writer."""
        ...

    def pending(self, subscription_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Ids of conversations that wait for this subscription, and the position of the next page."""
        ...

    def health(self, subscription_id: str) -> Health: ...

    def save_health(self, subscription_id: str, before: Health, after: Health) -> bool:
        """False, and nothing written, when somebody else wrote first (by ``version``)."""
        ...


class Attempts(Protocol):
    """The attempt log: kept for a week."""

    def record(self, subscription_id: str, attempt: Attempt) -> None: ...

    def of(self, subscription_id: str, before: str | None, limit: int) -> tuple[list[Attempt], str | None]:
        """The latest first, and the cursor of the next page."""
        ...


class Skips(Protocol):
    """What was passed over: kept as long as the subscription is."""

    def keep(self, subscription_id: str, skipped: Skipped) -> None:
        """The same again changes nothing."""
        ...

    def latest(self, subscription_id: str, limit: int) -> list[Skipped]:
        """The latest first."""
        ...


class RelayQueue(Protocol):
    """The ordered queue of the relay: what concerns one subscription and one conversation is worked off one after
    the other; a subscription takes part in a limited number of groups, so that a slow endpoint holds only so many
    workers."""

    def put(self, items: list[WakeUp | Sweep]) -> set[int]:
        """Puts them in, in order; the positions of those that were not taken."""
        ...

    def put_later(self, item: WakeUp | Sweep, due_at: float) -> None:
        """Puts it in at that time, not earlier and some seconds later at the most."""
        ...


class ActiveConversations(Protocol):
    """Which conversations were written to since a time; the index behind it may be some seconds old."""

    def since(self, at: float, position: str | None, limit: int) -> tuple[list[tuple[str, int]], str | None]:
        """Up to ``limit`` conversations as (id, last sequence), those written to earliest first, and the position of
        the next page. Each conversation is found at its latest write, so one that moves on during a walk is found
        again."""
        ...


class Endpoint(Protocol):
    """Where a subscription's events go: an address that takes signed webhooks, or a helpdesk behind its adapter."""

    def deliver(self, subscription: Subscription, notification: Notification) -> Outcome:
        """Tells of one event. Never raises for what the endpoint does; raises InfrastructureError when it was us."""
        ...
