"""What comes in: what the functions at the edge need of a connector, and the queue behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.http.response import Response
    from shared.model.envelope import Addressed, QueuedEvent, VerifiedEvent
    from shared.ports.accounts import Account
    from shared.ports.context import Seals


class Ingress(Protocol):
    """What the webhook function needs of a connector."""

    @property
    def body_limit(self) -> int:
        """The largest body that is read, in bytes; a larger one is answered 413 unread."""
        ...

    def handshake(self, request: Request, account: Account) -> Response | None:
        """The answer to the provider's setup call, or None when this request is not one. Raises RequestError when it
        is forged."""
        ...

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """Proves that the provider sent this, over the raw bytes, in constant time. Raises RequestError otherwise."""
        ...

    def acknowledge(self) -> Response:
        """What the provider wants to hear once the events are durable."""
        ...


class Intake(Protocol):
    """What the function behind a mailbox needs of a connector: events that come without a webhook."""

    @property
    def head_bytes(self) -> int:
        """How much of a mail :meth:`mail` is shown. ``parse`` judges a mail by the same bytes, so both go by this."""
        ...

    def mail(self, head: bytes, accounts: Mapping[str, Account], seals: Seals) -> list[Addressed]:
        """Whose a mail is, by its first bytes (the header fields are among them): one event for each account, without
        a body. Empty when no account has any of its recipients."""
        ...

    def report(self, body: bytes) -> list[Addressed]:
        """What the mail provider says became of mail that we sent. Raises BadRequest (``malformed_report``)."""
        ...


class InboundQueue(Protocol):
    """The durable queue in front of ingest."""

    def put(self, events: list[QueuedEvent]) -> None:
        """Returns only when every event is durable. Raises InfrastructureError otherwise."""
        ...
