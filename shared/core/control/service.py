"""Offering, taking, passing on and giving up the control of a conversation. Each change is an entry of its log, and
so has its place among the messages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from shared.core.changes import Change, apply_change
from shared.core.control.entries import Handover, control_changed, timed_out
from shared.core.control.moves import Action, Move, moved, outranks
from shared.core.control.parties import Party, PartyType, controller_at
from shared.errors import Conflict, Unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.api_keys import ApiKeys
    from shared.core.control.entries import RulesOf
    from shared.core.records import Head
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock

TIMEOUT = (30, 86_400)
"""Seconds: the shortest and the longest time that a customer waits for a controller before it loses control."""

LONGEST_NOTE = 2_000
LONGEST_NAME = 200


class NamedParty(msgspec.Struct, kw_only=True):
    """One party, by its type and the id of its API key."""

    type: PartyType
    id: str


class ControlRequest(msgspec.Struct, kw_only=True, rename={"as_type": "as"}):
    """The body of POST /v1/conversations/{id}/control."""

    action: Action
    as_type: PartyType = "desk"
    name: str | None = None
    to: Literal["bot", "desk"] | NamedParty | None = None
    timeout_seconds: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Controlled:
    """The conversation after the call, and what is handed over by it."""

    head: Head
    handover: Handover


class Control:
    """Changes who controls a conversation, by the log's word: whoever comes second finds it changed."""

    def __init__(
        self,
        log: ConversationLog,
        keys: ApiKeys,
        rules_of: RulesOf,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._keys = keys
        self._rules_of = rules_of
        self._clock = clock
        self._sleep = sleep

    def __call__(self, conversation_id: str, request: ControlRequest, key_id: str) -> Controlled:
        """Raises NotFound, Conflict(``controlled_by_another``, ``not_controller``, ``conversation_closed``),
        Unprocessable(``bad_control``, ``unknown_party``), WriteConflict."""
        move = Move(
            request.action, Party(request.as_type, key_id), request.name, self._receiver(request), _timeout(request)
        )
        _check_texts(request)
        now = self._clock()
        # Whoever has lost control by silence is told of first, by an entry of its own, whatever comes of this call.
        apply_change(self._log, conversation_id, lambda head: timed_out(head, now, self._rules_of), self._sleep)
        handovers: list[Handover] = []

        def prepare(head: Head) -> Change | None:
            if head.status == "closed":
                raise Conflict("conversation_closed", "the conversation is closed; reopen it first")
            following = moved(head, move, now)
            handovers.append(self._handover(head, move, request.note, now))
            if following is None:
                return None
            reason = _reason(head, move, now)
            return control_changed(
                head, following, handovers[-1], self._rules_of, action=move.action, reason=reason, by=move.by
            )

        head = apply_change(self._log, conversation_id, prepare, self._sleep)
        return Controlled(head, handovers[-1])

    def _receiver(self, request: ControlRequest) -> tuple[PartyType, str | None] | None:
        """Whom control is offered or passed to. Only who can call us can ever give it back."""
        if request.action not in ("offer", "pass"):
            return None
        if request.to is None:
            raise Unprocessable("bad_control", f"{request.action} needs to: bot, desk, or a party")
        if not isinstance(request.to, NamedParty):
            return request.to, None
        key = self._keys.find(request.to.id)
        if key is None or key.revoked_at is not None or not key.allows("write"):
            raise Unprocessable("unknown_party", "to.id is the id of an API key that may write")
        return request.to.type, request.to.id

    def _handover(self, head: Head, move: Move, note: str | None, now: float) -> Handover:
        """What the next party is given to read: when it follows an offer, that which came with the offer."""
        holder = controller_at(head, now)
        if move.action == "take":
            given = self._given(head, move)
            if given is not None:
                return Handover(given["history"]["after"], head.sequence, note or given.get("note"))
        return Handover(0 if holder is None else holder.sequence, head.sequence, note)

    def _given(self, head: Head, move: Move) -> dict[str, Any] | None:
        """The data of the entry by which a party that takes control was offered it, or has it already."""
        place = None
        if head.controller is not None and head.controller.party == move.by:
            place = head.controller.sequence
        elif head.offered_to is not None and head.offered_to.includes(move.by):
            place = head.offered_to.sequence
        entry = None if place is None else self._log.entry(head.conversation_id, place)
        return None if entry is None else entry.data


def _timeout(request: ControlRequest) -> int | None:
    shortest, longest = TIMEOUT
    if request.timeout_seconds is not None and not shortest <= request.timeout_seconds <= longest:
        raise Unprocessable("bad_control", f"timeout_seconds is {shortest} to {longest}")
    return request.timeout_seconds


def _check_texts(request: ControlRequest) -> None:
    for name, value, longest in (("note", request.note, LONGEST_NOTE), ("name", request.name, LONGEST_NAME)):
        if value is not None and len(value) > longest:
            raise Unprocessable("bad_control", f"{name} has at most {longest} characters")


def _reason(head: Head, move: Move, now: float) -> str | None:
    """Why somebody could take a conversation that another party controls."""
    holder = controller_at(head, now)
    if move.action != "take" or holder is None or holder.party == move.by:
        return None
    if head.offered_to is not None and head.offered_to.includes(move.by):
        return "offered"
    return "outranked" if outranks(move.by, holder) else None
