"""How far a message of ours is, as the store keeps it beside the message's entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

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
class EarlyReceipt:
    """A receipt that came before we had filed the provider's id of its message. ``blocks``: by this one, or by another
    that came as early, the recipient takes no more messages."""

    status: str
    at: float
    error: dict[str, Any] | None = None
    blocks: bool = False
