"""What the store keeps, in the core's words: the head of a conversation, its log entries, and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.core.control.parties import Controller, Offer
from shared.core.delivery_state import DeliveryState
from shared.model.conversation import ConversationStatus, Identity


@dataclass(frozen=True, slots=True)
class Window:
    """A send window that something the customer did has opened: when, in seconds, and whether it has been said that it
    is about to shut.

    ``sent_at`` are the times of what was sent in it, the last ones, as many as its rule counts. The first ``before`` of
    them were sent before we heard of what opened it.
    """

    opened_at: float
    announced: bool = False
    sent_at: tuple[float, ...] = ()
    before: int = 0

    @property
    def used(self) -> int:
        """How many messages of those that it allows have been sent."""
        return len(self.sent_at)

    @property
    def answered(self) -> bool:
        """Whether anything was sent since we heard of what opened it."""
        return len(self.sent_at) > self.before


@dataclass(frozen=True, slots=True)
class RouteState:
    """One identity in a conversation: where it writes from, and the send windows it has opened, by what opened them.

    ``shows_from`` is the first entry of the log that may be shown on this route: 0 shows all. ``latest_at`` is when the
    latest message that came by it was written, by the provider's clock.
    """

    channel: str
    account: str
    thread_id: str | None = None
    windows: dict[str, Window] = field(default_factory=dict)
    blocked: str | None = None
    shows_from: int = 0
    latest_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a conversation. ``sequence`` is that of its last log entry: every change of the head is a log
    entry. ``routes`` are by identity, the one that wrote last at the end.

    ``waiting_since`` is when the customer wrote and was not answered yet; ``asked`` is the sequence of the last message
    with choices that nothing was chosen of yet; ``due_at`` is when somebody has to look at the conversation, because a
    send window is about to shut, or the party that controls it is about to lose it. ``controller`` and ``offered_to``
    say who answers, and who else may.
    """

    conversation_id: str
    customer_id: str
    status: ConversationStatus
    sequence: int
    created_at: float
    updated_at: float
    routes: dict[str, RouteState] = field(default_factory=dict)
    active_identity: str | None = None
    tags: tuple[str, ...] = ()
    priority: str | None = None
    assignee: str | None = None
    waiting_since: float | None = None
    asked: int | None = None
    due_at: float | None = None
    controller: Controller | None = None
    offered_to: Offer | None = None


def route_of(head: Head, identity_id: str, channel: str, account: str) -> RouteState:
    """The identity's route in this conversation, new if it writes here for the first time."""
    return head.routes.get(identity_id) or RouteState(channel=channel, account=account)


@dataclass(frozen=True, slots=True)
class RouteName:
    """A route, by the ids that name it."""

    identity_id: str
    channel: str
    account: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A log entry to be written. ``data`` is everything personal of it; the rest may be seen by filters and logs.

    ``tasks`` says who has to act on it: ``send`` (to the provider), ``push`` (to open web chats), ``media`` (files to
    fetch), ``profile`` (ask the provider who this is), ``fallback`` (other routes are left if this one fails),
    ``timer`` (they are tried as well when the message stays unread).
    ``media_sources`` are what the connector needs to fetch each media, by media id; ``fallback`` are the routes that
    are left, the next first (``lossless``: only while they show all of it), and ``unread_after`` the seconds after
    which an unread message takes the next. They stay internal.
    """

    type: str
    at: float
    data: dict[str, Any]
    message_id: str | None = None
    channel: str | None = None
    account: str | None = None
    origin: str | None = None
    tasks: tuple[str, ...] = ()
    media_sources: dict[str, dict[str, str]] = field(default_factory=dict)
    fallback: tuple[RouteName, ...] = ()
    lossless: bool = False
    unread_after: float | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What an earlier entry says from now on: a message that was edited, or taken back.

    ``forgets_files``: what has not been fetched of its files is not fetched any more.
    """

    sequence: int
    data: dict[str, Any]
    forgets_files: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A provider's id for a message: it dedupes deliveries, and finds the message for receipts and quotes."""

    channel: str
    account: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """What an API caller asked for under an Idempotency-Key, and what it was answered."""

    key_id: str
    key: str
    request_hash: str
    response: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredIdentity:
    """An identity, and the conversation it wrote to last."""

    identity: Identity
    conversation_id: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A log entry as it was written, with the states that have been recorded beside it since."""

    conversation_id: str
    sequence: int
    type: str
    at: float
    data: dict[str, Any]
    message_id: str | None = None
    channel: str | None = None
    account: str | None = None
    origin: str | None = None
    tasks: tuple[str, ...] = ()
    media_sources: dict[str, dict[str, str]] = field(default_factory=dict)
    fallback: tuple[RouteName, ...] = ()
    lossless: bool = False
    unread_after: float | None = None
    traceparent: str | None = None
    delivery: DeliveryState | None = None
    media: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """The entry was written; ``head`` is the conversation's new state."""

    head: Head


@dataclass(frozen=True, slots=True)
class Located:
    """Where the message is that a provider knows by some id; ``route`` is the one that got the id, of a message that
    has others."""

    conversation_id: str
    sequence: int
    message_id: str | None
    route: int | None = None


@dataclass(frozen=True, slots=True)
class AlreadyStored:
    """The provider's message had been stored before, at this place."""

    conversation_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class AlreadyAnswered:
    """The API call had been made before under the same Idempotency-Key."""

    request_hash: str
    response: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Raced:
    """Another writer was first: read the head again and try again."""


Appended = Written | AlreadyStored | AlreadyAnswered | Raced
