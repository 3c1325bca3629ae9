"""Subscriptions, their health and their attempts in the form that the API shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.core.relay.lane import failing_at
from shared.core.relay.signing import shown_secret
from shared.model.public import public_form
from shared.model.subscription import (
    AttemptView,
    CreatedSubscription,
    EndpointHealth,
    FailureView,
    Ping,
    RotatedSecret,
    ShownSubscription,
    SkippedEvent,
    StuckConversation,
    SubscriptionView,
)
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.relay.records import Attempt, Health, Lane, Outcome, Skipped, Subscription
    from shared.ports.context import Seals


def listed(subscription: Subscription, seals: Seals, now: float) -> dict[str, Any]:
    """One of a list, or one that was just changed."""
    return public_form(SubscriptionView(**_fields(subscription, seals, now)))


def created(subscription: Subscription, seals: Seals, now: float) -> dict[str, Any]:
    """A new one, with its secret."""
    secret = shown_secret(seals, subscription) if _has_secret(subscription) else None
    return public_form(CreatedSubscription(**_fields(subscription, seals, now), secret=secret))


def single(
    subscription: Subscription,
    seals: Seals,
    now: float,
    *,
    health: Health,
    pending: int,
    stuck: list[Lane],
    skipped: list[Skipped],
) -> dict[str, Any]:
    """One by itself, with how its endpoint is, which conversations wait, and what was passed over."""
    shown = ShownSubscription(
        **_fields(subscription, seals, now),
        health=_health(health),
        pending=pending,
        failing_conversations=[_stuck(lane) for lane in stuck],
        skipped=[_skipped(each) for each in skipped],
    )
    return public_form(shown)


def rotated(subscription: Subscription, seals: Seals, now: float) -> dict[str, Any]:
    """What a consumer verifies with from now on."""
    fields = _fields(subscription, seals, now)
    names = ("id", "public_key", "previous_secret_until")
    secret = shown_secret(seals, subscription) if _has_secret(subscription) else None
    return public_form(RotatedSecret(**{name: fields[name] for name in names}, secret=secret))


def ping(outcome: Outcome) -> dict[str, Any]:
    delivered = outcome.verdict == "delivered"
    return public_form(Ping(delivered, outcome.milliseconds, outcome.status, outcome.code))


def attempt(found: Attempt) -> dict[str, Any]:
    """A line of the attempt log."""
    shown = AttemptView(
        at=rfc3339(found.at),
        event_id=found.event_id,
        type=found.event_type,
        delivered=found.outcome.verdict == "delivered",
        milliseconds=found.outcome.milliseconds,
        number=found.number,
        conversation_id=found.conversation_id,
        sequence=found.sequence,
        status=found.outcome.status,
        code=found.outcome.code,
        next_attempt_at=_time(found.next_at),
    )
    return public_form(shown)


def _has_secret(subscription: Subscription) -> bool:
    return subscription.helpdesk is None and subscription.signing == "hmac"


def _fields(subscription: Subscription, seals: Seals, now: float) -> dict[str, Any]:
    desk, url = subscription.helpdesk, subscription.url
    signs_publicly = url is not None and subscription.signing == "ed25519"
    until = [each.until for each in subscription.secrets if each.until is not None and each.until > now]
    return {
        "id": subscription.id,
        "status": subscription.status,
        "signing": subscription.signing,
        "created_at": rfc3339(subscription.created_at),
        "url": url,
        "helpdesk": None if desk is None else f"{desk.helpdesk}/{desk.account}",
        "types": list(subscription.types),
        "channels": list(subscription.channels),
        "reason": subscription.reason,
        "status_since": _time(subscription.status_since),
        "public_key": shown_secret(seals, subscription) if signs_publicly else None,
        "previous_secret_until": _time(max(until, default=None)),
        "description": subscription.description,
        "metadata": subscription.metadata,
    }


def _health(health: Health) -> EndpointHealth:
    return EndpointHealth(
        status="open" if health.open_since is not None else "ok" if health.failing_since is None else "failing",
        failing_since=_time(health.failing_since),
        next_probe_at=_time(health.probe_at) if health.open_since is not None else None,
        last_success_at=_time(health.last_success_at),
        last_failure=None if health.last_failure is None else _failure(health.last_failure),
    )


def _failure(failure: dict[str, Any]) -> FailureView:
    return FailureView(
        at=rfc3339(failure["at"]),
        code=failure.get("code"),
        status=failure.get("status"),
        event_id=failure.get("event_id"),
    )


def _stuck(lane: Lane) -> StuckConversation:
    last = lane.last or {}
    return StuckConversation(
        conversation_id=lane.conversation_id,
        failures=lane.failures,
        failing_since=_time(lane.failing_since),
        next_attempt_at=_time(lane.next_at),
        sequence=failing_at(lane),
        event_id=last.get("event_id"),
        status=last.get("status"),
        code=last.get("code"),
    )


def _skipped(found: Skipped) -> SkippedEvent:
    return SkippedEvent(
        conversation_id=found.conversation_id,
        sequence=found.sequence,
        event_id=found.event_id,
        at=rfc3339(found.at),
        by=found.by,
        failures=found.failures,
        failing_since=_time(found.failing_since),
        status=found.status,
        code=found.code,
    )


def _time(at: float | None) -> str | None:
    return None if at is None else rfc3339(at)
