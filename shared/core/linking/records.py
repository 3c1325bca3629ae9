"""What linking keeps and moves: customers as they are read for it, links, link codes, and a rearrangement of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.core.records import Head, NewEntry, Reference, StoredIdentity
from shared.model.conversation import ConversationStatus, Customer, Identity, Link, Verification

MOST_IDENTITIES = 25
"""Of one customer. One transaction moves them all, with four writes each."""


@dataclass(frozen=True, slots=True)
class CustomerState:
    """A customer with everything that a link may change. ``revision`` counts the changes of who belongs to them;
    ``conversation_id`` is the conversation that was last opened with them."""

    customer: Customer
    conversation_id: str | None
    revision: int
    identities: tuple[StoredIdentity, ...]
    merged_into: str | None = None

    @property
    def id(self) -> str:
        return self.customer.id


@dataclass(frozen=True, slots=True)
class IdentityBefore:
    """What an identity was before it was linked."""

    conversation_id: str | None
    verification: Verification
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link, and what has to be put back when it is undone.

    ``source_conversation`` was that of the customer who came, ``source_status`` its status before. ``moved``: it became
    the conversation of the customer they came to, whose own was ``target_conversation``. ``waiting_since`` is since
    when the customer they came to had waited for an answer. ``sequence`` is the place of ``identity.linked`` in the log
    of ``conversation_id``.
    """

    link: Link
    conversation_id: str
    sequence: int
    source_conversation: str | None = None
    source_status: ConversationStatus | None = None
    moved: bool = False
    target_conversation: str | None = None
    waiting_since: float | None = None
    before: dict[str, IdentityBefore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A code that was handed out. ``channel`` and ``account``, when set, are where alone it counts; ``by`` is who asked
    for it. Times are in seconds."""

    code: str
    customer_id: str
    expires_at: float
    by: dict[str, str]
    channel: str | None = None
    account: str | None = None
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a customer said of themselves: an address or a number, by its kind. ``proven`` when it was proven, and is
    another customer's as well."""

    kind: str
    value: str
    identity_id: str
    at: float
    proven: bool = False


@dataclass(frozen=True, slots=True)
class IdentityMove:
    """An identity that goes from one customer to another (or stays, and follows another conversation). It happens only
    if the identity is as it was read: with ``source``, and with the link ``was_linked_by``."""

    identity_id: str
    source: str
    target: str
    conversation_id: str | None
    verification: Verification
    link_id: str | None
    was_linked_by: str | None


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """A customer whose identities change. It happens only if the customer is as ``before`` says."""

    before: CustomerState
    conversation_id: str | None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer made for an identity that is by itself again, with a conversation of its own."""

    customer: Customer
    head: Head
    entry: NewEntry


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """Everything that changes when people are linked, or a link is undone: all of it, or nothing.

    ``written`` are conversations with their next entry, ``unchanged`` those that must not have moved on since they were
    read. ``admitted`` is an identity that is new, ``handles`` those of its aliases that nobody has proven yet. ``code``
    is used up by it, in the name of ``used_by``; ``reference`` is filed with the entry of the link. ``opened`` is a new
    conversation, for a customer who would have none.
    """

    link: StoredLink
    identities: tuple[IdentityMove, ...] = ()
    customers: tuple[CustomerChange, ...] = ()
    written: tuple[tuple[Head, NewEntry], ...] = ()
    unchanged: tuple[Head, ...] = ()
    admitted: Identity | None = None
    handles: dict[str, str] = field(default_factory=dict)
    created: NewCustomer | None = None
    opened: tuple[Head, NewEntry] | None = None
    code: LinkCode | None = None
    used_by: str | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What linking or its undoing did, or would do: in the API's words."""

    link: Link
    conversation_id: str | None
    closed: str | None = None
    reopened: str | None = None
    moved: str | None = None

    def to_json(self, *, dry_run: bool) -> dict[str, Any]:
        """``{dry_run, link, conversation_id, closed_conversation_id?, reopened_conversation_id?,
        moved_conversation_id?}``"""
        import msgspec

        answer: dict[str, Any] = {"dry_run": dry_run, "link": msgspec.to_builtins(self.link)}
        for name, value in (
            ("conversation_id", self.conversation_id),
            ("closed_conversation_id", self.closed),
            ("reopened_conversation_id", self.reopened),
            ("moved_conversation_id", self.moved),
        ):
            if value is not None:
                answer[name] = value
        return answer
