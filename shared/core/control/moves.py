"""Who may do what with the control of a conversation, and what it is like afterwards. Nothing is read or written
here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from shared.core.control.parties import Controller, Offer, Party, controller_at, shown_controller
from shared.errors import Conflict

if TYPE_CHECKING:
    from shared.core.control.parties import PartyType
    from shared.core.records import Head

Action = Literal["offer", "take", "pass", "release", "extend"]


@dataclass(frozen=True, slots=True)
class Move:
    """What a party wants. ``to`` is whom it offers or passes control to: a type, and the party's id if it means that
    one alone. ``timeout`` is in seconds; None leaves a controller the one it has."""

    action: Action
    by: Party
    name: str | None = None
    to: tuple[PartyType, str | None] | None = None
    timeout: int | None = None


DEFAULT_TIMEOUT = 900


def moved(head: Head, move: Move, now: float) -> Head | None:
    """The conversation after the move, with the sequence of its entry; None when it changes nothing.

    Raises Conflict(``controlled_by_another``, ``not_controller``), with the ``controller`` in it.
    """
    following = replace(head, controller=controller_at(head, now), sequence=head.sequence + 1, updated_at=now)
    if move.action == "take":
        return _taken(following, move, now)
    if move.action == "extend" or following.controller is not None:
        following = _seen(following, move, now)
    match move.action:
        case "offer":
            return _offered(following, move)
        case "pass":
            return _passed(following, move, now)
        case "release":
            released = replace(following, controller=None, offered_to=None)
            return None if head.controller is None and head.offered_to is None else released
    return following


def outranks(party: Party, controller: Controller) -> bool:
    """People may always take over from a program."""
    return party.type == "desk" and controller.party.type == "bot"


def may_reply(head: Head, author: str, key_id: str, now: float) -> bool:
    """Whether a reply written by ``author`` (agent, bot or system) with this API key is the controller's. While nobody
    controls the conversation, everybody's is accepted."""
    controller = controller_at(head, now)
    return controller is None or controller.party == writer(head, author, key_id)


def writer(head: Head, author: str, key_id: str) -> Party:
    """The party that writes. What the system says is said by the controller, if it comes with the same key."""
    if author == "system" and head.controller is not None:
        return Party(head.controller.party.type, key_id)
    return Party("bot" if author == "bot" else "desk", key_id)


def check_may_reply(head: Head, author: str, key_id: str, now: float) -> None:
    """Raises Conflict(``not_controller``), with the ``controller`` in it."""
    if not may_reply(head, author, key_id, now):
        raise _refusal(head, "not_controller", now)


def replied(head: Head, author: str, key_id: str, now: float) -> Head:
    """The conversation after a reply: a sign of life, if it was its controller's."""
    if head.controller is None or head.controller.party != writer(head, author, key_id):
        return head
    return replace(head, controller=replace(head.controller, seen_at=now))


def _taken(head: Head, move: Move, now: float) -> Head:
    holder = head.controller
    if holder is not None and holder.party == move.by:
        return replace(_seen(head, move, now), offered_to=None)
    offered = head.offered_to is not None and head.offered_to.includes(move.by)
    if holder is not None and not offered and not outranks(move.by, holder):
        raise _refusal(head, "controlled_by_another", now)
    return _given(head, move.by, move, now, move.name)


def _seen(head: Head, move: Move, now: float) -> Head:
    """The controller has given a sign of life, and may have changed its time limit and its name."""
    holder = head.controller
    if holder is None or holder.party != move.by:
        raise _refusal(head, "not_controller", now)
    timeout = holder.timeout if move.timeout is None or move.action == "pass" else move.timeout
    return replace(head, controller=replace(holder, seen_at=now, timeout=timeout, name=move.name or holder.name))


def _offered(head: Head, move: Move) -> Head:
    if move.to is None:
        raise LookupError("an offer is made to somebody")
    return replace(head, offered_to=Offer(*move.to, head.sequence))


def _passed(head: Head, move: Move, now: float) -> Head:
    """To a party control goes at once; of a type, whoever takes it has it, and nobody until then."""
    if move.to is None:
        raise LookupError("control is passed to somebody")
    kind, party_id = move.to
    if party_id is None:
        return replace(_offered(head, move), controller=None)
    return _given(head, Party(kind, party_id), move, now, None)


def _given(head: Head, party: Party, move: Move, now: float, name: str | None) -> Head:
    timeout = DEFAULT_TIMEOUT if move.timeout is None else move.timeout
    return replace(head, controller=Controller(party, now, now, timeout, head.sequence, name), offered_to=None)


def _refusal(head: Head, code: str, now: float) -> Conflict:
    holder = shown_controller(head, now)
    if holder is None:
        return Conflict(code, "nobody controls the conversation")
    return Conflict(code, "another party controls the conversation", controller=msgspec.to_builtins(holder))
