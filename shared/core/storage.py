"""The store, as the core sees it. Every method is one call to the database, except where its docstring says
otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shared.core.records import (
        AlreadyAnswered,
        Appended,
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
