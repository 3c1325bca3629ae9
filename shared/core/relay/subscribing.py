"""Use cases: subscriptions are made, changed, paused, resumed, taken away, tried, and told again what they heard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from shared.core.relay.health import forgotten
from shared.core.relay.lane import failing_at
from shared.core.relay.records import Attempt, Notification, SecretVersion, Skip, Subscription, Sweep, WakeUp
from shared.core.relay.requests import (
    LONGEST_OVERLAP,
    Checks,
    NewSubscription,
    Replay,
    RotateSecret,
    SkipEvent,
    SubscriptionChange,
    checked_description,
    checked_metadata,
    read_since,
)
from shared.core.relay.standing import found, update
from shared.core.relay.starting import last_sequence, sequence_before
from shared.core.relay.sweeping import FROM_THE_FIRST_SINCE
from shared.errors import Conflict, InfrastructureError, NotFound, Unprocessable, WriteConflict
from shared.model.event import Event
from shared.model.identifiers import uuid7
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.relay.records import Outcome
    from shared.core.relay.storage import Attempts, Endpoint, Lanes, RelayQueue, Subscriptions
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock

MOST_SUBSCRIPTIONS: Final = 100
"""All of them are read with every few batches of the stream."""

SETTLING: Final = 10.0
"""Seconds after which everybody knows of a change of a subscription, and every index of a change of a lane."""

TRIES: Final = 20


class Subscribing:
    """What callers of the API do with subscriptions."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        lanes: Lanes,
        attempts: Attempts,
        queue: RelayQueue,
        log: ConversationLog,
        endpoint_of: Callable[[Subscription], Endpoint],
        checks: Checks,
        source: str,
        clock: Clock,
    ) -> None:
        """``source`` is the events' own (``urn:onethread:<stack>``)."""
        self._subscriptions = subscriptions
        self._lanes = lanes
        self._attempts = attempts
        self._queue = queue
        self._log = log
        self._endpoint_of = endpoint_of
        self._checks = checks
        self._source = source
        self._clock = clock

    def create(self, request: NewSubscription, subscription_id: str | None = None) -> Subscription:
        """Raises Unprocessable (see Checks, and ``bad_description``, ``bad_metadata``, ``bad_since``),
        Conflict(``too_many_subscriptions``), and what is wrong with a helpdesk. ``subscription_id`` is for callers who
        may come twice."""
        now = self._clock()
        url, helpdesk = self._checks.place(request)
        subscription = Subscription(
            id=subscription_id or f"sub_{uuid7(now)}",
            created_at=now,
            url=url,
            helpdesk=helpdesk,
            types=self._checks.types(request.types),
            channels=self._checks.channels(request.channels),
            signing=request.signing,
            description=checked_description(request.description),
            metadata=checked_metadata(request.metadata),
            since=None if request.since is None else read_since(request.since, now),
        )
        if len(self._subscriptions.all()) >= MOST_SUBSCRIPTIONS:
            raise Conflict("too_many_subscriptions", f"a stack has {MOST_SUBSCRIPTIONS} subscriptions at the most")
        # What happens before everybody knows of it is found by this.
        sweep = Sweep(subscription.id, since=subscription.begins_at)
        self._queue.put_later(sweep, now + SETTLING)
        self._subscriptions.create(subscription)
        return subscription

    def get(self, subscription_id: str) -> Subscription:
        """Raises NotFound(``unknown_subscription``)."""
        return found(self._subscriptions, subscription_id)

    def change(self, subscription_id: str, change: SubscriptionChange) -> Subscription:
        """Raises NotFound, Unprocessable, WriteConflict."""
        given = self._checked(change.given())
        before = self.get(subscription_id)
        if before.url is None and "url" in given:
            raise Unprocessable("bad_target", "a subscription of a helpdesk has no url")
        tries_again = given.get("status") == "active" or given.get("url", before.url) != before.url
        if tries_again:
            self._wake_later(before)
        after = update(self._subscriptions, subscription_id, lambda current: self._changed(current, given))
        if tries_again:
            self._forget_failures(subscription_id)
            self._put(Sweep(subscription_id, pending=True))
        return after

    def delete(self, subscription_id: str) -> None:
        """Raises NotFound(``unknown_subscription``)."""
        if not self._subscriptions.delete(subscription_id):
            raise NotFound("unknown_subscription", "there is no such subscription")

    def rotate(self, subscription_id: str, request: RotateSecret) -> Subscription:
        """A new secret; those before are used for a while longer. Raises NotFound, Unprocessable
        (``bad_expire_previous_after``), WriteConflict."""
        if not 0 <= request.expire_previous_after <= LONGEST_OVERLAP:
            raise Unprocessable("bad_expire_previous_after", f"it is 0 to {LONGEST_OVERLAP} seconds")
        now = self._clock()
        until = now + request.expire_previous_after

        def rotated(current: Subscription) -> Subscription:
            number = max(each.number for each in current.secrets) + 1
            before = (
                replace(each, until=until if each.until is None else min(each.until, until)) for each in current.secrets
            )
            live = tuple(each for each in before if each.until is None or each.until > now)
            return replace(current, secrets=(SecretVersion(number), *live))

        return update(self._subscriptions, subscription_id, rotated)

    def replay(self, subscription_id: str, request: Replay) -> dict[str, Any]:
        """What was queued. Raises NotFound(``unknown_subscription``, ``unknown_conversation``),
        Unprocessable(``bad_replay``, ``bad_since``), InfrastructureError."""
        self.get(subscription_id)
        after = request.after if request.after is not None else request.after_sequence
        if (request.since is not None and after is not None) or (after is not None and after < 0):
            raise Unprocessable("bad_replay", "give after, a sequence from 0, or since, a time, or neither")
        since = None if request.since is None else read_since(request.since, self._clock())
        if request.conversation_id is None:
            restart = FROM_THE_FIRST_SINCE if since is not None else after or 0
            self._put(Sweep(subscription_id, since=since, restart=restart))
        else:
            restart = self._place(request.conversation_id, after, since)
            self._put(WakeUp(subscription_id, request.conversation_id, urgent=True, restart=restart))
        named = {"conversation_id": request.conversation_id, "after": after, "since": request.since}
        return {"queued": True, **{name: value for name, value in named.items() if value is not None}}

    def skip(self, subscription_id: str, request: SkipEvent, by: str) -> dict[str, Any]:
        """What was queued: to pass over the event that a conversation fails over, and to tell what follows. ``by`` is
        the caller's key.

        Raises NotFound(``unknown_subscription``, ``unknown_conversation``), Conflict(``not_failing_there``) when the
        conversation fails over another event, or over none, InfrastructureError.
        """
        situation = self._lanes.situation(subscription_id, request.conversation_id)
        if situation.subscription is None:
            raise NotFound("unknown_subscription", "there is no such subscription")
        last = last_sequence(self._log, request.conversation_id)
        if last == 0:
            raise NotFound("unknown_conversation", "there is no such conversation")
        lane = situation.lane
        failing = None if lane is None else failing_at(lane)
        if lane is None or failing is None or failing > last:
            raise Conflict("not_failing_there", "the subscription fails over no event of this conversation")
        if failing != request.sequence:
            raise Conflict("not_failing_there", f"the conversation fails at {failing}, and not at that sequence")
        skip = Skip(request.sequence, by, self._clock())
        self._put(WakeUp(subscription_id, request.conversation_id, skip=skip))
        return {
            "queued": True,
            "conversation_id": request.conversation_id,
            "sequence": request.sequence,
            "event_id": (lane.last or {})["event_id"],
        }

    def test(self, subscription_id: str) -> Outcome:
        """Sends an event of type ``subscription.test`` now, whatever the subscription's status. Raises NotFound."""
        subscription = self.get(subscription_id)
        now = self._clock()
        event = Event(
            id=f"{subscription_id}:test:{uuid7(now)}",
            specversion="1.0",
            source=self._source,
            type="subscription.test",
            subject=subscription_id,
            time=rfc3339(now),
            datacontenttype="application/json",
            data={"subscription": {"id": subscription_id}},
        )
        outcome = self._endpoint_of(subscription).deliver(subscription, Notification(event))
        self._attempts.record(subscription_id, Attempt(self._clock(), event.id, event.type, outcome))
        return outcome

    def _checked(self, given: dict[str, Any]) -> dict[str, Any]:
        checks: dict[str, Callable[[Any], object]] = {
            "url": self._checks.url,
            "types": self._checks.types,
            "channels": self._checks.channels,
            "description": checked_description,
            "metadata": checked_metadata,
        }
        return {name: checks[name](value) if name in checks else value for name, value in given.items()}

    def _changed(self, current: Subscription, given: dict[str, Any]) -> Subscription:
        after = replace(current, **given)
        if after.status == current.status:
            return after
        return replace(after, reason=None, status_since=self._clock())

    def _wake_later(self, before: Subscription) -> None:
        """Before the change, so that it cannot be lost with it: what was not written down as waiting yet, or happened
        while nobody was woken, is found by these."""
        due_at = self._clock() + SETTLING
        self._queue.put_later(Sweep(before.id, pending=True), due_at)
        if before.status == "disabled":
            self._queue.put_later(Sweep(before.id, since=before.status_since), due_at)

    def _forget_failures(self, subscription_id: str) -> None:
        for _ in range(TRIES):
            health = self._lanes.health(subscription_id)
            after = forgotten(health)
            if after == health or self._lanes.save_health(subscription_id, health, after):
                return
        raise WriteConflict("too many attempts ended at once")

    def _place(self, conversation_id: str, after: int | None, since: float | None) -> int:
        last = last_sequence(self._log, conversation_id)
        if last == 0:
            raise NotFound("unknown_conversation", "there is no such conversation")
        return after or 0 if since is None else sequence_before(self._log, conversation_id, since, last)

    def _put(self, item: WakeUp | Sweep) -> None:
        if self._queue.put([item]):
            raise InfrastructureError("nothing was queued")
