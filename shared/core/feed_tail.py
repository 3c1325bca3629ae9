"""The end of a conversation's log, searched by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.core.records import Entry
    from shared.core.storage import ConversationLog

FIRST_READ = 5
"""Entries before the last one that are read at once: few conversations get more between two polls."""

CHUNK = 25


class Tail:
    """A conversation whose last entry was ``last``, or later: the index that says so may be behind.

    The times of entries rise with their sequences, but for clocks that differ: by up to ``skew`` seconds, an entry may
    be older than one before it.
    """

    def __init__(self, log: ConversationLog, conversation_id: str, last: int, skew: float) -> None:
        self._log = log
        self._conversation_id = conversation_id
        self._skew = skew
        self._full = 2 * FIRST_READ
        self._entries = log.entries(conversation_id, max(last - FIRST_READ, 0), self._full)

    def reaches_beyond(self, at: float) -> bool:
        """Whether there may be entries after a time."""
        return len(self._entries) == self._full or any(entry.at > at for entry in self._entries)

    def last_until(self, at: float) -> int:
        """The highest sequence whose entry is of this time or earlier; 0 when all are later. For a time that is over,
        whoever asks, and whenever, it is the same."""
        if at <= 0 or not self._entries:
            return 0
        if len(self._entries) == self._full:
            self._read_on()
        return _last(self._entries, at) or self._search(at, self._entries[0].sequence)

    def _read_on(self) -> None:
        while True:
            following = self._log.entries(self._conversation_id, self._entries[-1].sequence, CHUNK)
            self._entries += following
            if len(following) < CHUNK:
                self._full = 0
                return

    def _search(self, at: float, above: int) -> int:
        """Like ``last_until``, where all entries from ``above`` on are known to be later."""
        low = 0
        while above - low > CHUNK:
            middle = (low + above) // 2
            entry = self._log.entry(self._conversation_id, middle)
            if entry is not None and entry.at > at + self._skew:
                above = middle
            else:
                low = middle
        while above > 1:
            start = max(above - 1 - CHUNK, 0)
            found = _last(self._log.entries(self._conversation_id, start, above - 1 - start), at)
            if found:
                return found
            above = start + 1
        return 0


def _last(entries: list[Entry], at: float) -> int:
    return next((entry.sequence for entry in reversed(entries) if entry.at <= at), 0)
