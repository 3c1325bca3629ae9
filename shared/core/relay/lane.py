"""Changes of a lane: pure functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from shared.core.relay.records import Skipped
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.core.relay.records import Lane, Outcome, Skip
    from shared.model.event import Event

REMEMBERED: Final = 50
"""States of which it is remembered that they were told: more than come about while a wake-up is on its way."""


def restarted(lane: Lane, cursor: int) -> Lane:
    """Put back for a replay. What was told is told again, and what failed is tried anew."""
    if cursor >= lane.cursor:
        return lane
    owed = tuple(each for each in lane.owed if each <= cursor)
    return replace(lane, cursor=cursor, owed=owed, told=(), failures=0, failing_since=None, next_at=None)


def passed(lane: Lane, sequence: int) -> Lane:
    """After an entry was told, or was not wanted. Its states are owed until they have been told, too."""
    return replace(lane, cursor=sequence, owed=_merged(lane.owed, (sequence,)))


def settled(lane: Lane, sequence: int) -> Lane:
    """After all that there is to say of an entry's states was told."""
    return replace(lane, owed=tuple(each for each in lane.owed if each != sequence))


def owing(lane: Lane, sequences: Iterable[int]) -> Lane:
    """With states that have yet to be told. Those of entries after the cursor come with their entries anyway."""
    return replace(lane, owed=_merged(lane.owed, (each for each in sequences if each <= lane.cursor)))


def with_told(lane: Lane, event: Event) -> Lane:
    """After a state was told."""
    name = told_name(event)
    return lane if name in lane.told else replace(lane, told=(*lane.told, name)[-REMEMBERED:])


def failing_at(lane: Lane) -> int | None:
    """The sequence of the entry whose event, or a state of which, the lane fails over; None when it does not fail."""
    if not lane.failures or lane.last is None:
        return None
    return int(_name(lane).partition(":")[0])


def passed_over(lane: Lane) -> Lane:
    """Without what it fails over: an entry with the states that it has by now, or one state."""
    sequence = failing_at(lane)
    if sequence is None:
        return lane
    afresh = replace(lane, failures=0, failing_since=None, next_at=None)
    if sequence > lane.cursor:
        return replace(afresh, cursor=sequence)
    name = _name(lane)
    # Without a state's name, it is the states of that entry that cannot be made.
    return replace(afresh, told=(*lane.told, name)[-REMEMBERED:]) if ":" in name else settled(afresh, sequence)


def left_out(lane: Lane, skip: Skip) -> Skipped:
    """What ``passed_over`` leaves out, as it is kept for people."""
    last = lane.last or {}
    return Skipped(
        conversation_id=lane.conversation_id,
        sequence=skip.sequence,
        event_id=last["event_id"],
        by=skip.by,
        at=skip.at,
        failures=lane.failures,
        failing_since=lane.failing_since,
        status=last.get("status"),
        code=last.get("code"),
    )


def _name(lane: Lane) -> str:
    """The last event that was tried, without its conversation: an entry by its sequence, a state as in ``told``."""
    event_id: str = (lane.last or {})["event_id"]
    return event_id.removeprefix(lane.conversation_id + ":")


def told_name(event: Event) -> str:
    """A state as a lane remembers it: its id without the conversation's."""
    return event.id.removeprefix(event.subject + ":")


def after_success(lane: Lane, event_id: str, outcome: Outcome, now: float) -> Lane:
    return replace(lane, failures=0, failing_since=None, next_at=None, last=_attempt(event_id, outcome, now, 0))


def after_failure(lane: Lane, event_id: str, outcome: Outcome, now: float, next_at: float | None) -> Lane:
    """``next_at`` is None when it is not tried again by itself."""
    failures = lane.failures + 1
    return replace(
        lane,
        failures=failures,
        failing_since=now if lane.failing_since is None else lane.failing_since,
        next_at=next_at,
        pending=True,
        last=_attempt(event_id, outcome, now, failures),
    )


def _attempt(event_id: str, outcome: Outcome, now: float, failures: int) -> dict[str, Any]:
    values = {
        "at": rfc3339(now),
        "event_id": event_id,
        "delivered": outcome.verdict == "delivered",
        "status": outcome.status,
        "code": outcome.code,
        "milliseconds": outcome.milliseconds,
        "failures": failures or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _merged(known: Iterable[int], more: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({*known, *more}))
