"""Delivery states in the store, as the core sees them. Every method is one call to the database, except where its
docstring says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shared.core.delivery_state import DeliveryState, EarlyReceipt
    from shared.core.records import Located, Reference


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

    def set_aside(self, reference: Reference, receipt: EarlyReceipt) -> Located | None:
        """Keeps a receipt under an id that no message has been filed with yet: the provider may be faster than we are.

        The message, when it has been filed in the meantime. Of several receipts the highest is kept, and that one of
        them blocks.
        """
        ...
