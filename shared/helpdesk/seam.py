"""The seam between the core and a helpdesk's adapter (connectors/helpdesks/<name>/).

An adapter is two modules: ``ingress`` (its ``INGRESS``, a :class:`shared.ports.ingress.Ingress`: is this webhook really
the helpdesk's) and ``adapter`` (its ``ADAPTER``, a :class:`Helpdesk`). A folder that is there is a helpdesk; nothing
else registers it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from shared.model.conversation import Conversation, Customer
    from shared.model.envelope import Envelope
    from shared.model.event import Event
    from shared.model.message import Message
    from shared.ports.accounts import Account
    from shared.ports.clock import Clock
    from shared.ports.connector import FetchedMedia, Finding
    from shared.ports.context import MediaFiles
    from shared.ports.http import HttpClient

Kind = Literal["customer", "conversation", "message", "file", "note"]
"""What an id in the helpdesk stands for on our side. A ``note`` is something that the agents were told."""


class DeskMemory(Protocol):
    """The id map of one helpdesk account: ours to theirs and back. What is remembered stays."""

    def theirs(self, kind: Kind, ours: str) -> str | None: ...

    def ours(self, kind: Kind, theirs: str) -> str | None: ...

    def begin(self, kind: Kind, ours: str) -> bool:
        """Notes that a call is about to be made which makes ``ours`` there. False when one was begun before, and
        nobody knows what became of it: look there first, if the helpdesk can be searched."""
        ...

    def remember(self, kind: Kind, ours: str, theirs: str) -> str:
        """Notes a pair. The id that is in force: theirs, or the one that was remembered first for ``ours``."""
        ...

    def forget(self, kind: Kind, ours: str) -> None:
        """The helpdesk has lost it (deleted, merged away): the next event makes it anew."""
        ...


@dataclass(frozen=True, slots=True)
class HelpdeskContext:
    """What an adapter may use for one account. ``http`` goes where the deployer said (``api_base``); ``files`` reads
    our stored media, to be uploaded there. ``source`` is ``<helpdesk>/<account>``: it marks messages that came from
    this account (``metadata.helpdesk``)."""

    account_name: str
    account: Account
    http: HttpClient
    files: MediaFiles
    memory: DeskMemory
    clock: Clock
    source: str


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """One event of the stream as an adapter sees it. ``customer`` and ``conversation`` are read when they are asked
    for, and are as they are now.

    ``message`` is there for message.received and message.sent, and for message.media_changed and
    message.status_changed, where it is the one that they are about, as it is now. A file is ``pending`` when its
    message comes, and is told of by message.media_changed later; ``context.files`` reads those that are ``stored``,
    or have no state.
    """

    event: Event
    message: Message | None
    conversation: Callable[[], Conversation]
    customer: Callable[[], Customer]


@dataclass(frozen=True, slots=True)
class DeskReply:
    """Somebody answered in the helpdesk, for the customer to see. ``theirs`` is the id of their ticket, or
    conversation; ``external_id`` that of the message. ``files`` are what :meth:`Helpdesk.fetch_file` needs, one for
    each file."""

    theirs: str
    external_id: str
    parts: Sequence[Mapping[str, Any]]
    author_name: str | None = None
    files: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class DeskChange:
    """Somebody changed the ticket in the helpdesk. What is None stays; an empty ``priority`` takes it away. Tags come
    and go one by one, so that those which the helpdesk does not know stay; upper and lower case are the same."""

    theirs: str
    external_id: str
    status: Literal["open", "pending", "closed"] | None = None
    assignee: str | None = None
    priority: str | None = None
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskDeletion:
    """Somebody deleted an answer in the helpdesk, which has gone out: agents are told so. ``external_id`` is that of
    the answer."""

    theirs: str
    external_id: str


DeskAction = DeskReply | DeskChange | DeskDeletion


class Helpdesk(Protocol):
    """Everything that knows one helpdesk."""

    @property
    def types(self) -> tuple[str, ...]:
        """The events that it wants to hear of."""
        ...

    def validate(self, account: Account) -> list[str]:
        """What is wrong with an account's settings, one sentence each; empty when they are complete."""
        ...

    def deliver(self, event: DeskEvent, context: HelpdeskContext) -> None:
        """Brings one event into the helpdesk. It comes again until this returns, so everything in it is done once:
        look into the memory first, remember at once. Messages whose ``metadata.helpdesk`` is ``context.source`` came
        from there. Raises DeliveryError: ``retry`` (with retry_after), ``account``, ``permanent``, ``unknown``."""
        ...

    def parse(self, envelope: Envelope, account: Account) -> list[DeskAction]:
        """What a verified webhook of the helpdesk asks for, in order; empty when it is none of our business (an
        internal note, a message that we have put there ourselves: their webhook may come before the call that made it
        has returned, so it is told by what it says, not by the memory alone). Raises BadRequest for what cannot be
        read."""
        ...

    def fetch_file(self, reference: Mapping[str, str], context: HelpdeskContext) -> FetchedMedia:
        """A file of a DeskReply. Raises DeliveryError."""
        ...

    def explain(self, theirs: str, text: str, context: HelpdeskContext) -> None:
        """Shows the agents a note at the ticket that no customer sees: a reply could not be delivered, and why.
        Raises DeliveryError."""
        ...

    def check(self, context: HelpdeskContext) -> list[Finding]:
        """Calls the helpdesk to prove that the account works."""
        ...
