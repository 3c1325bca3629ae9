"""The feed of all conversations, for those who poll: every log entry at least once, in order in each conversation.

Nothing is written for it, and nothing is kept of who reads it: all that is known of a reader is in its cursor. A *pass*
walks the conversations that were written to since the last one, and gives what each has got since. The reasons are in
docs/adr/0030-the-feed.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from shared.core.feed_cursor import Cursor, Told, name_of
from shared.core.feed_tail import Tail

if TYPE_CHECKING:
    from shared.core.records import Entry
    from shared.core.relay.storage import ActiveConversations
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock

HORIZON = 30.0
"""Seconds after which an entry is certainly in the log and in the index: a write takes 21 at the most (three tries with
their timeouts), clocks differ by 2, the index is up to 5 behind."""

SKEW = 5.0
"""Seconds by which the times of a conversation's entries may run backwards at the most."""

OVERLAP = 10.0
"""Seconds that every pass looks back beyond the one before it, for conversations that moved in the index just then."""

WALKED = 25
"""Conversations of one page of the walk."""

LARGEST_PAGE = 3_000_000
"""Bytes of JSON that the entries of one call have, about: what an answer can carry."""

MOST_WALKED = 250
MOST_READ = 1000
"""Conversations and entries that one call looks at; a reader who wants few types asks again for the rest."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a call gives. ``more``: there is more already, so ask again at once."""

    entries: list[Entry]
    cursor: Cursor
    more: bool


class Feed:
    """One call is one page."""

    def __init__(self, log: ConversationLog, active: ActiveConversations, clock: Clock) -> None:
        self._log = log
        self._active = active
        self._clock = clock

    def beginning(self, at: float | None = None) -> Cursor:
        """The cursor of somebody who wants what is written from a time on, or from now. Clocks differ, so it gives what
        is up to some seconds older as well."""
        return Cursor.at(max((self._clock() if at is None else at) - SKEW, 0.0))

    def __call__(self, cursor: Cursor, limit: int, wanted: Callable[[Entry], bool]) -> Page:
        """The next entries that are ``wanted``, at most ``limit``, and where to go on."""
        until = cursor.until
        if until is None:
            until = max(cursor.since, self._clock() - HORIZON)
        call = _Call(self._log, cursor, until, limit, wanted)
        position, walked = cursor.position, 0
        while walked < MOST_WALKED:
            found, following = self._active.since(cursor.since - SKEW, position, WALKED)
            for conversation_id, last in found:
                if not call.tell(conversation_id, last):
                    return Page(call.given, cursor.within(until, position, call.told), more=True)
            if following is None:
                return Page(call.given, cursor.after(until, until - OVERLAP, call.told), more=False)
            call.turn_page()
            position, walked = following, walked + len(found)
        return Page(call.given, cursor.within(until, position, call.told), more=True)


@dataclass(slots=True)
class _Call:
    """What one call has given by now, and what it has to remember of it."""

    log: ConversationLog
    cursor: Cursor
    until: float
    limit: int
    wanted: Callable[[Entry], bool]
    given: list[Entry] = field(default_factory=list)
    read: int = 0
    size: int = 0
    told: Told = field(init=False)

    def __post_init__(self) -> None:
        self.told = self.cursor.told.copy()

    def tell(self, conversation_id: str, last: int) -> bool:
        """Gives what a conversation has got. False when the call is full before all of it is given."""
        name = name_of(conversation_id)
        known = self.told.sequence_of(name)
        if known is not None and known >= last:
            return True
        tail = Tail(self.log, conversation_id, last, SKEW)
        if known is None:
            if not tail.reaches_beyond(self.cursor.since):
                return True
            # It has moved since the last pass began, which may have missed it for that.
            known = tail.last_until(self.cursor.back)
        # Young entries are not settled: what was given of them has to be remembered, and there is only so much room.
        young = self.told.has_room_for(name, self.until)
        return self._give(conversation_id, known, None if young else tail.last_until(self.until))

    def _give(self, conversation_id: str, after: int, upto: int | None) -> bool:
        while upto is None or after < upto:
            room = min(self.limit - len(self.given), MOST_READ - self.read)
            if room <= 0:
                return False
            entries = self.log.entries(conversation_id, after, room if upto is None else min(room, upto - after))
            if not entries:
                return True
            taken = self._take(entries)
            if taken:
                after = taken[-1].sequence
                self.told.remember(name_of(conversation_id), after, max(entry.at for entry in taken))
            if len(taken) < len(entries):
                return False
            if len(entries) < room and upto is None:
                return True
        return True

    def _take(self, entries: list[Entry]) -> list[Entry]:
        """Those from the beginning that fit; the first of a call always does."""
        for count, entry in enumerate(entries):
            if self.wanted(entry):
                size = len(msgspec.json.encode(entry.data))
                if self.given and self.size + size > LARGEST_PAGE:
                    return entries[:count]
                self.size += size
                self.given.append(entry)
            self.read += 1
        return entries

    def turn_page(self) -> None:
        """Those of the page that is done need not be remembered to go on."""
        self.told.settle(self.until)
