"""What web chat needs from around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from shared.model.message import Message


class Connection(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """An open socket and whose it is. Times are seconds since the epoch; the store may forget it after
    ``expires_at``."""

    connection_id: str
    identity_id: str
    account: str
    external_id: str
    verification: Literal["none", "signed_token"]
    connected_at: float
    expires_at: float
    name: str | None = None
    email: str | None = None
    claims: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class View:
    """What a visitor may see of the conversation they are in: its messages from the sequence ``shows_from`` on, as far
    as they were written by or to the ``identities`` that are in it now."""

    conversation_id: str
    shows_from: int
    identities: frozenset[str]

    def shows(self, message: Message) -> bool:
        return message.sequence >= self.shows_from and message.identity_id in self.identities


class Connections(Protocol):
    def add(self, connection: Connection) -> None: ...

    def remove(self, connection_id: str) -> None:
        """Removes it if it is there."""
        ...

    def find(self, connection_id: str) -> Connection | None:
        """The connection, unless it is unknown or past its ``expires_at``."""
        ...


class History(Protocol):
    def view_of(self, identity_id: str) -> View | None:
        """What this visitor may see now: of the conversation they wrote to last or else of the one that is open with
        their customer, if it is their customer's and they take part in it."""
        ...

    def seen(self, view: View, after: int, limit: int) -> list[Message]:
        """Up to ``limit`` messages of a view after a sequence, in order, with the addresses of their media filled in.

        Fewer than ``limit`` only at the end of the log: what is not shown does not shorten a page.
        """
        ...


class ConnectionPost(Protocol):
    def post(self, connection_id: str, frame: bytes) -> bool:
        """Sends a frame to one connection. False when the connection is gone."""
        ...


class Typing(Protocol):
    def customer_typing(self, identity_id: str, active: bool) -> None:
        """Tells those at our side that the visitor is typing. Best effort: nothing is kept."""
        ...


class UploadForms(Protocol):
    def upload_form(self, key: str, mime_type: str, maximum_bytes: int, seconds: int) -> tuple[str, Mapping[str, str]]:
        """The address and the fields of a form by which a browser may post one file under ``key``, for so many seconds.

        The storage itself holds the file to the exact key and type and to at most so many bytes.
        """
        ...


class SessionSecrets(Protocol):
    def __call__(self) -> Sequence[bytes]:
        """The secrets that session tokens are signed with: the one for new tokens first, then those still accepted."""
        ...
