"""What the log says when a conversation goes from one party to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.changes import Change
from shared.core.control.parties import controller_at, shown_controller, shown_offer
from shared.core.records import NewEntry
from shared.core.windows import due_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.control.parties import Controller, Party
    from shared.core.records import Head
    from shared.model.capabilities import WindowRule

    RulesOf = Callable[[str], tuple[WindowRule, ...]]


@dataclass(frozen=True, slots=True)
class Handover:
    """What goes along: the entries after ``after`` up to ``sequence`` are what happened under the party before (0: all
    that ever happened), and ``note`` is what it wants to be known."""

    after: int
    sequence: int
    note: str | None = None

    def history(self) -> dict[str, int]:
        return {"after": self.after, "sequence": self.sequence}


def control_changed(
    head: Head,
    following: Head,
    handover: Handover,
    rules_of: RulesOf,
    *,
    action: str,
    reason: str | None = None,
    by: Party | None = None,
) -> Change:
    """The change to ``following``, with the entry that tells of it."""
    now = following.updated_at
    told: dict[str, Any] = {
        "controller": shown_controller(following, now),
        # A controller whose time is over is told of as the one that it was.
        "previous": shown_controller(replace(head, waiting_since=None), now) if _left(head, following) else None,
        "offered_to": shown_offer(following),
        "reason": reason,
        "note": handover.note,
        "by": None if by is None else {"type": by.type, "id": by.id},
    }
    data = {
        "conversation": {"id": head.conversation_id},
        "action": action,
        **{name: msgspec.to_builtins(value) for name, value in told.items() if value is not None},
        "history": handover.history(),
    }
    entry = NewEntry(type="conversation.control_changed", at=now, data=data)
    return Change(replace(following, due_at=due_at(following, rules_of)), entry)


def timed_out(head: Head, now: float, rules_of: RulesOf) -> Change | None:
    """That the controller has lost the conversation, because a customer has waited for it in vain; None when that is
    not so, or has been said."""
    holder = head.controller
    if holder is None or controller_at(head, now) is not None:
        return None
    following = replace(head, controller=None, sequence=head.sequence + 1, updated_at=now)
    handover = Handover(holder.sequence, head.sequence)
    return control_changed(head, following, handover, rules_of, action="release", reason="timeout")


def _left(head: Head, following: Head) -> bool:
    return head.controller is not None and _party(head.controller) != _party(following.controller)


def _party(controller: Controller | None) -> Party | None:
    return None if controller is None else controller.party
