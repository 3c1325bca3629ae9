"""What the relay remembers: subscriptions, how their endpoints are, and how far each has heard of each conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from shared.core.records import Entry
    from shared.model.event import Event
    from shared.model.message import Message

SubscriptionStatus = Literal["active", "paused", "disabled"]
"""``paused`` keeps its place: what happens meanwhile is told later. ``disabled`` is told nothing, because its endpoint
said that it is gone (410)."""


@dataclass(frozen=True, slots=True)
class HelpdeskName:
    """A helpdesk that is connected by an adapter, and which account of it."""

    helpdesk: str
    account: str


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """A signing secret, by its number: the secret itself is derived and stored nowhere. ``until`` is when it is not
    used any more, of one that was replaced."""

    number: int
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to hear what, and where. Either ``url`` or ``helpdesk`` says where.

    ``types`` and ``channels`` are what it asked for; empty is everything. An event that belongs to no channel passes
    every filter of channels. ``signing`` is ``hmac`` (Standard Webhooks ``v1``) or ``ed25519`` (``v1a``). ``since`` is
    the time from which it wants to hear, when that is not the time of its creation.
    """

    id: str
    created_at: float
    url: str | None = None
    helpdesk: HelpdeskName | None = None
    types: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    status: SubscriptionStatus = "active"
    reason: str | None = None
    status_since: float | None = None
    signing: Literal["hmac", "ed25519"] = "hmac"
    secrets: tuple[SecretVersion, ...] = (SecretVersion(1),)
    description: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    since: float | None = None

    @property
    def begins_at(self) -> float:
        """A conversation that it has not heard of is told from the first entry at or after this time."""
        return self.created_at if self.since is None else self.since


@dataclass(frozen=True, slots=True)
class Health:
    """How a subscription's endpoint is. Nothing is stored of one that never failed.

    ``failing_since`` is the first failure after the last success; ``recent`` are the times of the last failures.
    ``open_since`` says that the circuit is open: nothing is sent but one probe at a time, the next at ``probe_at``.
    ``version`` goes up with every write.
    """

    failing_since: float | None = None
    recent: tuple[float, ...] = ()
    open_since: float | None = None
    probe_at: float | None = None
    last_success_at: float | None = None
    last_failure: dict[str, Any] | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """How far a subscription has heard of a conversation: everything up to entry ``cursor``.

    ``owed`` are sequences of messages, at or before the cursor, whose states changed and could not be told yet;
    ``told`` are the last states that were told (their ids without the conversation's), so that they are not told again.
    ``failures`` counts those of the event that is next, since ``failing_since``; nothing is tried before ``next_at``.
    ``pending`` says that something waits to be told: such lanes are found by their subscription. ``last`` is the last
    attempt. Only the holder of the lane's place in the queue writes it.
    """

    subscription_id: str
    conversation_id: str
    cursor: int
    owed: tuple[int, ...] = ()
    told: tuple[str, ...] = ()
    failures: int = 0
    failing_since: float | None = None
    next_at: float | None = None
    pending: bool = False
    last: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Somebody decided that a subscription is not told what it fails over: the event of the log entry ``sequence``, or
    of a state of it. ``by`` is the id of their API key."""

    sequence: int
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """An event that was passed over, and how it had failed: ``failures`` times since ``failing_since``, in the end with
    that ``status`` and ``code``."""

    conversation_id: str
    sequence: int
    event_id: str
    by: str
    at: float
    failures: int
    failing_since: float | None = None
    status: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class WakeUp:
    """Something happened in a conversation that a subscription wants to hear of. It says where to look, not what is to
    be told: that is in the log.

    ``first`` is the lowest sequence that it is about (0: unknown); ``states`` are events that are no log entries, in
    JSON form, and ``owed`` the messages whose states changed, when those would be too many. ``urgent`` ignores
    ``Lane.next_at`` (somebody said to try now); ``restart`` puts the lane's cursor back there first (a replay), and
    never ahead. ``skip`` passes over what the lane fails over, if that is still what it names.
    """

    subscription_id: str
    conversation_id: str
    first: int = 0
    states: tuple[dict[str, Any], ...] = ()
    urgent: bool = False
    restart: int | None = None
    owed: tuple[int, ...] = ()
    skip: Skip | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """Many conversations of one subscription are to be woken.

    ``pending``: those that wait, at once. Otherwise those with entries at or after ``since`` (None: all), where
    ``restart`` is as in a wake-up, for each (-1: from the first entry at or after ``since``; None: none is told again).
    ``position`` is where a sweep that was handed on continues. ``probe``: only one pending lane is tried, to see
    whether the endpoint is back; when it is, all are woken that wait, and go by their ``next_at``.
    """

    subscription_id: str
    pending: bool = False
    probe: bool = False
    since: float | None = None
    restart: int | None = None
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """An event on its way to an endpoint, with what it was made from. ``message`` is there for message.received and
    message.sent, its files with short-lived addresses."""

    event: Event
    entry: Entry | None = None
    message: Message | None = None


Verdict = Literal["delivered", "retry", "gone"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. ``status`` is the HTTP status, if there was an answer; ``code`` says in a word what
    went wrong. ``retry_after`` (seconds) is what the endpoint asked for."""

    verdict: Verdict
    milliseconds: int
    status: int | None = None
    code: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the attempt log. A healthy stream writes none: failures, the first success after one, and test
    pings are written down."""

    at: float
    event_id: str
    event_type: str
    outcome: Outcome
    conversation_id: str | None = None
    sequence: int | None = None
    number: int = 1
    next_at: float | None = None
