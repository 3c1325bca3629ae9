"""Those who answer customers, and the one of them that a conversation is controlled by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shared.model import conversation as shown
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.records import Head

PartyType = Literal["bot", "desk"]


@dataclass(frozen=True, slots=True)
class Party:
    """A program that answers customers, by itself or for the people at it; ``id`` is that of its API key."""

    type: PartyType
    id: str


@dataclass(frozen=True, slots=True)
class Controller:
    """The party that controls a conversation ``since`` then, by the entry ``sequence``. ``seen_at`` is its last sign of
    life; times and ``timeout`` are in seconds."""

    party: Party
    since: float
    seen_at: float
    timeout: int
    sequence: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Control is to be had by this party, or, without an ``id``, by whoever of the type is first; the entry
    ``sequence`` says so."""

    type: PartyType
    id: str | None
    sequence: int

    def includes(self, party: Party) -> bool:
        return self.type == party.type and self.id in (None, party.id)


def lease_end(head: Head) -> float | None:
    """When the controller loses the conversation, if it gives no sign of life until then: ``timeout`` after its last
    one, or after the customer wrote if that was later. None while no customer waits."""
    if head.controller is None or head.waiting_since is None:
        return None
    return max(head.controller.seen_at, head.waiting_since) + head.controller.timeout


def controller_at(head: Head, now: float) -> Controller | None:
    """The controller, unless its time is over."""
    end = lease_end(head)
    return None if end is not None and end <= now else head.controller


def shown_controller(head: Head, now: float) -> shown.Controller | None:
    """The controller as the API shows it."""
    controller, end = controller_at(head, now), lease_end(head)
    if controller is None:
        return None
    return shown.Controller(
        type=controller.party.type,
        id=controller.party.id,
        name=controller.name,
        since=rfc3339(controller.since),
        timeout=controller.timeout,
        expires_at=None if end is None else rfc3339(end),
    )


def shown_offer(head: Head) -> shown.Party | None:
    """To whom control is offered, as the API shows it."""
    return None if head.offered_to is None else shown.Party(type=head.offered_to.type, id=head.offered_to.id)
