"""Delivery states in memory: what shared.core.storage asks for, with the same conditions as the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from shared.core.delivery_state import UNREAD, DeliveryState, EarlyReceipt, Reached, shown_with
from shared.core.records import Located, Reference
from shared.model.message import STATUS_RANK


@dataclass
class MemoryDeliveries:
    """Implements Deliveries of the core. ``own`` is how far each message is on the route that it is on, ``now`` the
    clock."""

    references: dict[Reference, Located] = field(default_factory=dict)
    states: dict[tuple[str, int], DeliveryState] = field(default_factory=dict)
    early: dict[Reference, EarlyReceipt] = field(default_factory=dict)
    own: dict[tuple[str, int], DeliveryState] = field(default_factory=dict)
    now: Callable[[], float] = lambda: 0.0

    def begin(
        self, conversation_id: str, sequence: int, message_id: str, index: int, route: int = 0
    ) -> DeliveryState | None:
        before = self._state(conversation_id, sequence)
        if before.started > index or before.route != route:
            return None
        self._change(conversation_id, sequence, started=index + 1)
        return before

    def release(self, conversation_id: str, sequence: int, index: int, route: int = 0) -> None:
        if self._state(conversation_id, sequence).route == route:
            self._change(conversation_id, sequence, started=index)

    def postpone(self, conversation_id: str, sequence: int, index: int, tries: int, route: int = 0) -> None:
        if self._state(conversation_id, sequence).route == route:
            self._change(conversation_id, sequence, started=index, tries=tries)

    def progress(
        self, conversation_id: str, sequence: int, index: int, external_ids: tuple[str, ...], route: int = 0
    ) -> None:
        before = self._state(conversation_id, sequence)
        if before.done <= index and before.route == route:
            ids = (*before.external_ids, *external_ids)
            self._change(conversation_id, sequence, done=index + 1, external_ids=ids)

    def state(self, conversation_id: str, sequence: int) -> DeliveryState | None:
        return self.states.get((conversation_id, sequence))

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
        before, rank = self._state(conversation_id, sequence), STATUS_RANK[status]
        earlier, own = before.earlier, before
        if earlier is not None:
            own = self.own.get((conversation_id, sequence), DeliveryState())
        if route == before.route and own.rank < rank:
            own = replace(own, status=status, rank=rank, at=at, error=error)
        elif route < before.route and status != "failed" and (earlier is None or earlier.rank < rank):
            earlier = Reached(status, rank, at)
        else:
            return False
        self._show(conversation_id, sequence, own, earlier)
        return True

    def leave(self, conversation_id: str, sequence: int, message_id: str, route: int, leaving: dict[str, Any]) -> bool:
        if self._state(conversation_id, sequence).route != route:
            return False
        self._change(conversation_id, sequence, leaving={**leaving, "at": self.now()})
        return True

    def stay(self, conversation_id: str, sequence: int, route: int) -> bool:
        before = self._state(conversation_id, sequence)
        if before.route != route or before.leaving is None:
            return False
        self._change(conversation_id, sequence, leaving=None, wanted=route)
        return True

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
        before = self._state(conversation_id, sequence)
        limit = STATUS_RANK["read" if reason == UNREAD else "failed"]
        reached = STATUS_RANK[before.status_here]
        if before.route != route or before.leaving is not None or before.ended or reached >= limit:
            return False
        leaving = {"reason": reason, "at": self.now(), **({} if error is None else {"error": error})}
        self._change(conversation_id, sequence, wanted=route + 1, leaving=leaving)
        return True

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
        now = self._state(conversation_id, sequence)
        if (now.route, now.rank, now.status_here, now.ended) != (before.route, before.rank, before.status_here, False):
            return False
        self._change(
            conversation_id,
            sequence,
            route=route,
            wanted=route,
            attempts=(*now.attempts, *attempts),
            leaving=None,
            started=0,
            done=0,
            tries=0,
            ended=taken is None,
            taken=taken or now.taken,
        )
        earlier = Reached(now.status, now.rank, now.at) if now.rank else now.earlier
        self._show(conversation_id, sequence, DeliveryState(), earlier)
        return True

    def confirm(self, message: Located, index: int, status: str, at: float, external_ids: tuple[str, ...]) -> None:
        place, route = (message.conversation_id, message.sequence), message.route or 0
        self.progress(*place, index, external_ids, route)
        self.raise_status(*place, message.message_id or "", status, at, route=route)

    def remember(self, reference: Reference, located: Located) -> EarlyReceipt | None:
        self.references[reference] = located
        return self.early.pop(reference, None)

    def set_aside(self, reference: Reference, receipt: EarlyReceipt) -> Located | None:
        self.early[reference] = receipt
        return None

    def _state(self, conversation_id: str, sequence: int) -> DeliveryState:
        return self.states.get((conversation_id, sequence), DeliveryState())

    def _change(self, conversation_id: str, sequence: int, **changes: Any) -> None:
        self.states[conversation_id, sequence] = replace(self._state(conversation_id, sequence), **changes)

    def _show(self, conversation_id: str, sequence: int, own: DeliveryState, earlier: Reached | None) -> None:
        """Writes how far a message is: ``own`` on the route that it is on, and ``earlier`` on those before."""
        self.own[conversation_id, sequence] = own
        state = replace(
            self._state(conversation_id, sequence),
            status=own.status,
            rank=own.rank,
            at=own.at,
            error=own.error,
            here=None,
        )
        self.states[conversation_id, sequence] = shown_with(state, earlier)
