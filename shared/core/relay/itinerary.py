"""What is to be told of a conversation, in order: states that are owed, the log after the cursor with the states beside
it, and the states that a wake-up brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from shared.core.relay.filters import wants
from shared.core.relay.lane import passed, settled, told_name, with_told
from shared.core.relay.records import Notification
from shared.core.relay.waking import sequence_in
from shared.model.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.core.records import Entry
    from shared.core.relay.notifications import Notifications
    from shared.core.relay.records import Lane, Subscription, WakeUp
    from shared.core.storage import ConversationLog

PAGE: Final = 50
"""Entries that are read at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step through what happened. ``notification`` makes what is to be told; there is none when nothing is.
    ``advance`` is what the lane is after it."""

    type: str
    event_id: str
    sequence: int
    advance: Callable[[Lane], Lane]
    notification: Callable[[], Notification] | None = None


class Itinerary:
    """``log`` is read in pages, as the steps are asked for."""

    def __init__(self, log: ConversationLog, notifications: Notifications) -> None:
        self._log = log
        self._notifications = notifications

    def __call__(self, subscription: Subscription, wake: WakeUp, lane: Callable[[], Lane]) -> Iterator[Step]:
        """``lane`` gives the lane as it is by then."""
        conversation_id = wake.conversation_id
        for sequence in lane().owed:
            entry = self._log.entry(conversation_id, sequence)
            if entry is not None:
                yield from self._states(subscription, entry, lane)
            yield Step("", f"{conversation_id}:{sequence}", sequence, _settling(sequence))
        while True:
            page = self._log.entries(conversation_id, lane().cursor, PAGE)
            for entry in page:
                yield self._entry(subscription, entry)
                yield from self._states(subscription, entry, lane)
                yield Step("", f"{conversation_id}:{entry.sequence}", entry.sequence, _settling(entry.sequence))
            if len(page) < PAGE:
                break
        for state in wake.states:
            event = msgspec.convert(state, Event)
            if told_name(event) not in lane().told:
                yield _state(event, sequence_in(conversation_id, event.id))

    def _entry(self, subscription: Subscription, entry: Entry) -> Step:
        wanted = wants(subscription, entry.type, entry.channel)
        return Step(
            entry.type,
            f"{entry.conversation_id}:{entry.sequence}",
            entry.sequence,
            lambda lane: passed(lane, entry.sequence),
            (lambda: self._notifications.of_entry(entry)) if wanted else None,
        )

    def _states(self, subscription: Subscription, entry: Entry, lane: Callable[[], Lane]) -> Iterator[Step]:
        for event in self._notifications.states_of(entry):
            if wants(subscription, event.type, None) and told_name(event) not in lane().told:
                yield _state(event, entry.sequence)


def _state(event: Event, sequence: int) -> Step:
    return Step(event.type, event.id, sequence, lambda lane: with_told(lane, event), lambda: Notification(event))


def _settling(sequence: int) -> Callable[[Lane], Lane]:
    return lambda lane: settled(lane, sequence)
