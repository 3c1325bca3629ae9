"""What the store keeps, in the core's words: the head of a conversation, its log entries, and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from shared.core.control.parties import Controller, Offer
from shared.model.conversation import ConversationStatus, Identity


@dataclass(frozen=True, slots=True)
class Window:
    """A send window that something the customer did has opened: when, in seconds, how many messages have used it, and
    whether it has been said that it is about to shut."""

    opened_at: float
    used: int = 0
    announced: bool = False


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


UNREAD = "unread"
"""Why a message takes a further route, when it is not because of a failure."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a message came on the routes that it has left."""

    status: str
    rank: int
    at: float


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """How far an outbound message is. ``started`` and ``done`` count the provider calls begun and confirmed, ``tries``
    those that the provider was not ready for.

    Of a message with other routes left: ``attempts`` are the routes that are behind it, in the form of a message's
    attempts, those that were refused when it was accepted included; ``route`` is the one it is on (0: the one it was
    accepted for, then those of the entry's ``fallback``), and ``wanted`` the one that it should be on by now: when that
    is further, somebody has to send it on. ``leaving`` says why: {reason, error?, class?, at}. ``taken`` is the route
    it is on after the first: {identity_id, channel, account, thread_id?, degradations?, at}; ``ended`` says that no
    route was left. ``earlier`` is how far the routes behind it came; ``status``, ``rank``, ``at`` and ``error`` are
    those of the route that came furthest, and ``here`` is the status on this one, when routes are behind it.
    """

    status: str = "queued"
    rank: int = 0
    started: int = 0
    done: int = 0
    tries: int = 0
    external_ids: tuple[str, ...] = ()
    error: dict[str, Any] | None = None
    at: float = 0.0
    route: int = 0
    wanted: int = 0
    attempts: tuple[dict[str, Any], ...] = ()
    leaving: dict[str, Any] | None = None
    taken: dict[str, Any] | None = None
    ended: bool = False
    earlier: Reached | None = None
    here: str | None = None

    @property
    def status_here(self) -> str:
        """How far the message is on the route that it is on."""
        return self.here or self.status


def shown_with(state: DeliveryState, earlier: Reached | None) -> DeliveryState:
    """The state of the route that a message is on, as that of the message: what an earlier route has reached stays
    reached."""
    if earlier is None:
        return state
    state = replace(state, earlier=earlier, here=state.status)
    if earlier.rank <= state.rank:
        return state
    return replace(state, status=earlier.status, rank=earlier.rank, at=earlier.at, error=None)


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
class EarlyReceipt:
    """A receipt that came before we had filed the provider's id of its message."""

    status: str
    at: float
    error: dict[str, Any] | None = None


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
