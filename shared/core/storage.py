"""The store, as the core sees it. Every method is one call to the database, except where its docstring says
otherwise."""

from __future__ import annotations

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
    ) -> Appended:
        """Writes one entry, and the head as it is after it, in one transaction.

        ``head`` is the new state and carries the entry's sequence; the write happens only if the stored head is
        exactly one behind. The reference and the idempotency record are written with it, or nothing is. With
        ``latest_of``, a customer's id, it also has to be the conversation that was last opened with them. With
        ``rewrite``, an earlier entry of the same conversation gets new data.
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


class People(Protocol):
    """Identities and customers."""

    def identity(self, identity_id: str) -> StoredIdentity | None:
        """Read strongly."""
        ...

    def customer(self, customer_id: str) -> tuple[Customer, str | None] | None:
        """A customer with identities, and the conversation that is open with them."""
        ...

    def open_conversation(self, customer_id: str) -> str | None:
        """The conversation last opened with a customer, read strongly."""
        ...

    def admit(self, identity: Identity, customer: Customer, head: Head, entry: NewEntry) -> bool:
        """Creates identity, customer and conversation together, with the conversation's first entry.

        False when somebody else created the identity first; nothing is written then.
        """
        ...

    def reopen(self, identity_id: str, previous: str | None, head: Head, entry: NewEntry) -> bool:
        """Opens a further conversation with a known customer, whose last one was ``previous``. False when somebody
        was first."""
        ...

    def follow(self, identity_id: str, conversation_id: str) -> None:
        """Points an identity at the conversation that is open with its customer."""
        ...

    def set_identity_status(self, identity_id: str, status: str) -> None: ...

    def update_customer(self, customer_id: str, changes: dict[str, Any], at: float) -> Customer | None: ...


class Deliveries(Protocol):
    """Delivery states: they only ever move up (see STATUS_RANK)."""

    def begin(self, conversation_id: str, sequence: int, message_id: str, index: int) -> DeliveryState | None:
        """Notes that provider call ``index`` is about to be made. The state before, or None when that call has been
        begun already."""
        ...

    def release(self, conversation_id: str, sequence: int, index: int) -> None:
        """Takes back ``begin``: the call was certainly not accepted and may be made again."""
        ...

    def postpone(self, conversation_id: str, sequence: int, index: int, tries: int) -> None:
        """Takes back ``begin`` because the provider was not ready, for the ``tries``-th time."""
        ...

    def progress(self, conversation_id: str, sequence: int, index: int, external_ids: tuple[str, ...]) -> None:
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
    ) -> bool:
        """Moves the status up. False when the stored status already ranks as high or higher."""
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
