"""The relay's stores in memory: what shared.core.relay.storage asks for, with the same conditions as the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from shared.core.relay.records import Attempt, Health, Lane, Skipped, Subscription
from shared.core.relay.storage import Situation
from tests.unit.core.memory import MemoryStore


@dataclass
class MemoryRelay:
    """Implements Subscriptions, Lanes, Attempts and Skips. ``races`` is how many of the next conditional writes lose
    against somebody else."""

    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    lanes: dict[tuple[str, str], Lane] = field(default_factory=dict)
    healths: dict[str, Health] = field(default_factory=dict)
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    skips: dict[str, dict[tuple[float, str], Skipped]] = field(default_factory=dict)
    races: int = 0
    health_writes: int = 0
    lane_writes: int = 0

    def all(self) -> list[Subscription]:
        return sorted(self.subscriptions.values(), key=lambda each: (each.created_at, each.id))

    def get(self, subscription_id: str) -> Subscription | None:
        return self.subscriptions.get(subscription_id)

    def create(self, subscription: Subscription) -> None:
        self.subscriptions[subscription.id] = subscription

    def replace(self, before: Subscription, after: Subscription) -> bool:
        if self._raced() or self.subscriptions.get(before.id) != before:
            return False
        self.subscriptions[after.id] = after
        return True

    def delete(self, subscription_id: str) -> bool:
        return self.subscriptions.pop(subscription_id, None) is not None

    def situation(self, subscription_id: str, conversation_id: str) -> Situation:
        lane = self.lanes.get((subscription_id, conversation_id))
        return Situation(self.get(subscription_id), self.health(subscription_id), lane)

    def save(self, lane: Lane) -> None:
        self.lane_writes += 1
        self.lanes[lane.subscription_id, lane.conversation_id] = lane

    def pending(self, subscription_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        waiting = sorted(
            lane.conversation_id
            for lane in self.lanes.values()
            if lane.pending and lane.subscription_id == subscription_id and lane.conversation_id > (after or "")
        )
        return waiting[:limit], waiting[limit - 1] if len(waiting) > limit else None

    def health(self, subscription_id: str) -> Health:
        return self.healths.get(subscription_id, Health())

    def save_health(self, subscription_id: str, before: Health, after: Health) -> bool:
        if self._raced() or self.health(subscription_id).version != before.version:
            return False
        self.health_writes += 1
        self.healths[subscription_id] = replace(after, version=before.version + 1)
        return True

    def record(self, subscription_id: str, attempt: Attempt) -> None:
        self.attempts.setdefault(subscription_id, []).append(attempt)

    def of(self, subscription_id: str, before: str | None, limit: int) -> tuple[list[Attempt], str | None]:
        return self.attempts.get(subscription_id, [])[::-1][:limit], None

    def keep(self, subscription_id: str, skipped: Skipped) -> None:
        self.skips.setdefault(subscription_id, {})[skipped.at, skipped.event_id] = skipped

    def latest(self, subscription_id: str, limit: int) -> list[Skipped]:
        return [each for _, each in sorted(self.skips.get(subscription_id, {}).items(), reverse=True)][:limit]

    def _raced(self) -> bool:
        lost = self.races > 0
        self.races -= lost
        return lost


@dataclass
class MemoryActivity:
    """Implements ActiveConversations over the heads of a store."""

    store: MemoryStore

    def since(self, at: float, position: str | None, limit: int) -> tuple[list[tuple[str, int]], str | None]:
        places = sorted(
            (f"{head.updated_at:020.6f}#{head.conversation_id}", head)
            for head in self.store.heads.values()
            if head.updated_at >= at
        )
        page = [(place, head) for place, head in places if place > (position or "")]
        found = [(head.conversation_id, head.sequence) for _, head in page[:limit]]
        return found, page[limit - 1][0] if len(page) > limit else None
