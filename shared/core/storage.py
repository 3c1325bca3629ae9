"""The store, as the core sees it. Every method is one call to the database, except where its docstring says
otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shared.core.records import (
        AlreadyAnswered,
        Appended,
        DeliveryState,
        EarlyReceipt,
        Entry,
        Head,
        IdempotencyRecord,
        Located,
        NewEntry,
        Reference,
        Rewrite,
        StoredIdentity,
    )
    from shared.model.conversation import Customer, Identity
    from shared.model.inbound import AccountNotice
    from shared.model.message import Message


class ConversationLog(Protocol):
    """The log of record: heads and entries."""

    def head(self, conversation_id: str) -> Head | None:
        """The state of a conversation, read strongly."""
        ...

    def append(
        self,
        head: Head,
        entry: NewEntry,
        *,
        reference: Reference | None = None,
        idempotency: IdempotencyRecord | None = None,
        latest_of: str | None = None,
        rewrite: Rewrite | None = None,
        unless: Reference | None = None,
    ) -> Appended:
        """Writes one entry, and the head as it is after it, in one transaction.

        ``head`` is the new state and carries the entry's sequence; the write happens only if the stored head is
        exactly one behind. The reference and the idempotency record are written with it, or nothing is. With
        ``latest_of``, a customer's id, it also has to be the conversation that was last opened with them. With
        ``rewrite``, an earlier entry of the same conversation gets new data. With ``unless``, nothing is written when
        the message of that reference is stored already.
        """
        ...

    def answered(self, key_id: str, idempotency_key: str) -> AlreadyAnswered | None:
        """The call that was made before under this Idempotency-Key, if there was one."""
        ...

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        """Up to ``limit`` entries after a sequence, in order, with their delivery and media states. One call per
        page."""
        ...

    def entry(self, conversation_id: str, sequence: int) -> Entry | None: ...

    def recent(self, conversation_id: str, up_to: int, limit: int) -> list[Entry]:
        """Up to ``limit`` entries at or before a sequence, newest first, with their states."""
        ...

    def find(self, reference: Reference) -> Located | None:
        """The message that the provider knows by this id."""
        ...

    def conversations(self, status: str | None, before: str | None, limit: int) -> tuple[list[Head], str | None]:
        """Conversations, most recently active first, and the cursor of the next page. Two calls per page and status."""
        ...


class DueConversations(Protocol):
    """Conversations that somebody has to look at, by the hour of Head.due_at."""

    def due(self, hour_of: float, after: str | None, limit: int) -> tuple[list[Head], str | None]:
        """Up to ``limit`` conversations of the hour that a time is in, and the cursor of the next page. They may be
        some seconds old. Two calls per page."""
        ...

    def look_again(self, head: Head, at: float) -> None:
        """Moves a conversation to a later time. Nothing happens when it was written to since ``head`` was read."""
        ...


class People(Protocol):
    """Identities and customers."""

    def identity(self, identity_id: str) -> StoredIdentity | None:
        """Read strongly."""
        ...

    def customer(self, customer_id: str) -> tuple[Customer, str | None] | None:
        """A customer with identities, and the conversation that is open with them."""
        ...

    def identities_of(self, customer_id: str) -> frozenset[str]:
        """The ids of a customer's identities, read strongly."""
        ...

    def open_conversation(self, customer_id: str) -> str | None:
        """The conversation last opened with a customer, read strongly; None for one who was merged into another."""
        ...

    def admit(
        self, identity: Identity, customer: Customer, head: Head, entry: NewEntry, handles: Mapping[str, str]
    ) -> bool:
        """Creates identity, customer and conversation together, with the conversation's first entry; ``handles`` are
        the aliases, by kind, by which the identity is found from now on.

        False when somebody else created the identity, or proved one of its aliases, first; nothing is written then.
        """
        ...

    def reopen(
        self, identity_id: str, previous: str | None, head: Head, entry: NewEntry, *, last: Head | None = None
    ) -> bool:
        """Opens a further conversation with a known customer, whose last one was ``previous``. With ``last``, nothing
        may have been written to that one since it was read. False when somebody was first."""
        ...

    def follow(self, identity: Identity, conversation_id: str) -> None:
        """Points an identity at the conversation that is open with its customer, if it still is that customer's."""
        ...

    def describe(self, identity_id: str, name: str | None, language: str | None) -> None:
        """Writes down the name and the language of somebody of whom none were known. Two calls."""
        ...

    def set_identity_status(self, identity_id: str, status: str) -> None: ...

    def update_customer(self, customer_id: str, changes: dict[str, Any], at: float) -> Customer | None: ...


class Deliveries(Protocol):
    """Delivery states: they only ever move up (see STATUS_RANK)."""

    def begin(
        self, conversation_id: str, sequence: int, message_id: str, index: int, route: int = 0
    ) -> DeliveryState | None:
        """Notes that provider call ``index`` is about to be made. The state before, or None when that call has been
        begun already, or the message is not on this route any more."""
        ...

    def release(self, conversation_id: str, sequence: int, index: int, route: int = 0) -> None:
        """Takes back ``begin``: the call was certainly not accepted and may be made again."""
        ...

    def postpone(self, conversation_id: str, sequence: int, index: int, tries: int, route: int = 0) -> None:
        """Takes back ``begin`` because the provider was not ready, for the ``tries``-th time."""
        ...

    def progress(
        self, conversation_id: str, sequence: int, index: int, external_ids: tuple[str, ...], route: int = 0
    ) -> None:
        """Notes that provider call ``index`` of several was accepted."""
        ...

    def state(self, conversation_id: str, sequence: int) -> DeliveryState | None: ...

    def raise_status(
        self,
        conversation_id: str,
        sequence: int,
        message_id: str,
        status: str,
        at: float,
        *,
        error: dict[str, Any] | None = None,
        route: int = 0,
    ) -> bool:
        """Moves the status up. False when the stored status already ranks as high or higher.

        Of a route that the message has left, it is kept how far it came (what it is ``failed`` for is known); that
        takes a second call.
        """
        ...

    def leave(self, conversation_id: str, sequence: int, message_id: str, route: int, leaving: dict[str, Any]) -> bool:
        """Notes that the sender gives this route up, and why (see DeliveryState). False when the message has left it
        already."""
        ...

    def stay(self, conversation_id: str, sequence: int, route: int) -> bool:
        """Takes back that a message should leave this route. False when it has left it, or was to stay anyway."""
        ...

    def want_next(
        self,
        conversation_id: str,
        sequence: int,
        message_id: str,
        route: int,
        reason: str,
        *,
        error: dict[str, Any] | None = None,
    ) -> bool:
        """Asks that a message which has been sent on this route goes on to the next: it failed after all (``error``),
        or stayed ``unread``. False when it is already further, or this route has done better in the meantime."""
        ...

    def turn(
        self,
        conversation_id: str,
        sequence: int,
        *,
        before: DeliveryState,
        route: int,
        attempts: tuple[dict[str, Any], ...],
        taken: dict[str, Any] | None,
    ) -> bool:
        """Puts a message on another route, where nothing has been sent yet: ``attempts`` are the routes that it leaves
        behind by this, ``taken`` the new one, or None when none is left. False, and nothing done, when the state is
        not as it was ``before``."""
        ...

    def confirm(self, message: Located, index: int, status: str, at: float, external_ids: tuple[str, ...]) -> None:
        """Notes that the last provider call was accepted, and raises the status to what this proves. Two calls when a
        receipt was faster."""
        ...

    def remember(self, reference: Reference, located: Located) -> EarlyReceipt | None:
        """Files a provider's id for a message of ours, so that receipts and quotes find it. The receipt that was set
        aside under this id, if there is one."""
        ...

    def set_aside(
        self, reference: Reference, status: str, at: float, *, error: dict[str, Any] | None = None
    ) -> Located | None:
        """Keeps a receipt under an id that no message has been filed with yet: the provider may be faster than we are.

        The message, and nothing kept, when it has been filed in the meantime. Of several receipts the highest is kept.
        """
        ...


class Notices(Protocol):
    """What providers say about our accounts."""

    def record(self, channel: str, account: str, notice: AccountNotice) -> None:
        """Keeps a notice for a while; the same notice twice is kept once."""
        ...


class AccountHealth(Protocol):
    """Whether channel accounts work, as seen by whoever used them last."""

    def failing(self, channel: str, account: str, code: str, at: float) -> None: ...

    def working(self, channel: str, account: str, at: float) -> None:
        """Asks the store at most every few minutes: success is the rule and costs next to nothing."""
        ...

    def of(self, channel: str, account: str) -> dict[str, Any]:
        """{status: ok|failing|unknown, code?, since?}"""
        ...


class MediaAddresses(Protocol):
    """Short-lived addresses of stored files."""

    def fill(self, message: Message, entry: Entry) -> None:
        """Sets ``url`` on every media of the message that is in our bucket."""
        ...
