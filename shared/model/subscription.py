"""Subscriptions as the API shows them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SubscriptionStatus = Literal["active", "paused", "disabled"]
Signing = Literal["hmac", "ed25519"]


class FailureView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong last: ``code`` says it in a word, ``status`` is the HTTP status if there was an answer."""

    at: str
    code: str | None = None
    status: int | None = None
    event_id: str | None = None


class EndpointHealth(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How the endpoint is: ``ok``; ``failing`` since ``failing_since``; or ``open``: it has failed so often that only
    one event at a time is tried until it takes one, the next at ``next_probe_at``."""

    status: Literal["ok", "failing", "open"]
    failing_since: str | None = None
    next_probe_at: str | None = None
    last_success_at: str | None = None
    last_failure: FailureView | None = None


class SubscriptionView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A subscription. ``reason`` is why the stack itself ended it: ``failing`` (paused: its endpoint took nothing for
    five days) or ``gone`` (disabled: it answered 410); one that somebody paused has none. ``public_key`` is there for
    ``ed25519``; ``previous_secret_until``, while the secret before the present one is used as well."""

    id: str
    status: SubscriptionStatus
    signing: Signing
    created_at: str
    url: str | None = None
    helpdesk: str | None = None
    types: list[str] = msgspec.field(default_factory=list)
    channels: list[str] = msgspec.field(default_factory=list)
    reason: str | None = None
    status_since: str | None = None
    public_key: str | None = None
    previous_secret_until: str | None = None
    description: str | None = None
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class CreatedSubscription(SubscriptionView, kw_only=True, omit_defaults=True):
    """A new subscription. ``secret`` (``whsec_...``) is shown here and when it is rotated, and nowhere else; there is
    none for ``ed25519``, nor for a helpdesk."""

    secret: str | None = None


class StuckConversation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A conversation of which the next event is refused: ``event_id``, which is the entry ``sequence`` or a state of
    it, the last time with ``status`` and ``code``."""

    conversation_id: str
    failures: int
    failing_since: str | None = None
    next_attempt_at: str | None = None
    sequence: int | None = None
    event_id: str | None = None
    status: int | None = None
    code: str | None = None


class SkippedEvent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An event that was not told, because somebody said so ``at`` that time: ``by`` is the id of their API key. Before,
    it had failed ``failures`` times, in the end with ``status`` and ``code``."""

    conversation_id: str
    sequence: int
    event_id: str
    at: str
    by: str
    failures: int
    failing_since: str | None = None
    status: int | None = None
    code: str | None = None


class ShownSubscription(SubscriptionView, kw_only=True, omit_defaults=True):
    """A subscription by itself, with how its endpoint is. ``pending`` counts the conversations that have something to
    be told, up to 100; ``failing_conversations`` are those among the first 25 of them that fail. ``skipped`` are the
    last 25 events that were passed over, the latest first."""

    health: EndpointHealth
    pending: int
    failing_conversations: list[StuckConversation] = msgspec.field(default_factory=list)
    skipped: list[SkippedEvent] = msgspec.field(default_factory=list)


class RotatedSecret(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The new secret (``whsec_...``), or the new public key; the one before is used beside it until then."""

    id: str
    secret: str | None = None
    public_key: str | None = None
    previous_secret_until: str | None = None


class QueuedReplay(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The replay will be made, each conversation in order; the other fields are those that were asked for."""

    queued: bool
    conversation_id: str | None = None
    after: int | None = None
    since: str | None = None


class QueuedSkip(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The event will be passed over, if the conversation still fails over it then, and what follows is told."""

    queued: bool
    conversation_id: str
    sequence: int
    event_id: str


class Ping(msgspec.Struct, omit_defaults=True):
    """What became of the event that was sent to try the endpoint."""

    delivered: bool
    milliseconds: int
    status: int | None = None
    code: str | None = None


class AttemptView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One attempt: what was sent, what came of it, and when it is tried again."""

    at: str
    event_id: str
    type: str
    delivered: bool
    milliseconds: int
    number: int
    conversation_id: str | None = None
    sequence: int | None = None
    status: int | None = None
    code: str | None = None
    next_attempt_at: str | None = None
