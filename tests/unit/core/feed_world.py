"""A stack that others write to while somebody polls it, in virtual time: clocks that differ, writes that take their
time, an index that is behind."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from typing import Self, cast

from shared.core.feed import Feed
from shared.core.feed_cursor import Cursor
from shared.core.records import Entry
from shared.core.storage import ConversationLog
from shared.model.timestamps import rfc3339

STATUSES = ("open", "pending", "closed")
START = 1_767_225_600.0
"""2026-01-01T00:00:00Z."""


@dataclass(frozen=True, slots=True)
class Write:
    """One entry of a conversation: seconds since the write before it was done, by how much the writer's clock is wrong,
    how long the write takes, how long the index then takes, and the status that it leaves."""

    pause: float
    skew: float = 0.0
    flight: float = 0.0
    lag: float = 0.0
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Written:
    """A write as it was done: when it is in the log, and from when the index shows it, until it shows the next."""

    entry: Entry
    status: str
    done: float
    indexed: float


@dataclass
class World:
    """All that will be written, and the time. Each reading of the index takes ``reading`` seconds."""

    written: dict[str, list[Written]]
    now: float = START
    reading: float = 0.0

    @classmethod
    def of(cls, writes: dict[str, list[Write]], start: float = START) -> Self:
        return cls({name: _schedule(name, each, start) for name, each in writes.items()}, now=start)

    @property
    def last_done(self) -> float:
        return max((each.done for log in self.written.values() for each in log), default=START)

    def ids(self) -> set[tuple[str, int]]:
        """All entries, by conversation and sequence."""
        return {(name, each.entry.sequence) for name, log in self.written.items() for each in log}

    # ConversationLog, as far as the feed needs it.

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        log = self.written.get(conversation_id, [])
        return [each.entry for each in log if each.done <= self.now and each.entry.sequence > after][:limit]

    def entry(self, conversation_id: str, sequence: int) -> Entry | None:
        return next(iter(self.entries(conversation_id, sequence - 1, 1)), None)

    # ActiveConversations, as the index by status and minute has it.

    def since(self, at: float, position: str | None, limit: int) -> tuple[list[tuple[str, int]], str | None]:
        lists = []
        for status in STATUSES:
            lists.append(self._of(status, at, position)[: limit + 1])
            self.now += self.reading
        places = list(dict.fromkeys(merge(*lists)))
        page = list(dict.fromkeys(place.partition("#")[2] for place in places[:limit]))
        return [(each, self._indexed(each)) for each in page], places[limit - 1] if len(places) > limit else None

    def _of(self, status: str, at: float, position: str | None) -> list[str]:
        shown = [
            f"{rfc3339(each.entry.at)[:16]}#{name}"
            for name, log in self.written.items()
            if (each := self._shown(log)) is not None and each.status == status
        ]
        return sorted(place for place in shown if (place >= rfc3339(at)[:16] if position is None else place > position))

    def _indexed(self, name: str) -> int:
        """The head may be as old as the index: it is not read strongly."""
        shown = self._shown(self.written[name])
        assert shown is not None
        return shown.entry.sequence

    def _shown(self, log: list[Written]) -> Written | None:
        """The write that the index shows now: the latest that is in it."""
        count = bisect_right(log, self.now, key=lambda each: each.indexed)
        return log[count - 1] if count else None


@dataclass
class Reader:
    """Somebody who polls. ``given`` are (conversation, sequence), in the order they came."""

    world: World
    cursor: Cursor
    given: list[tuple[str, int]] = field(default_factory=list)
    more: bool = False

    @property
    def feed(self) -> Feed:
        return Feed(cast(ConversationLog, self.world), self.world, lambda: self.world.now)

    def poll(self, limit: int = 50) -> list[tuple[str, int]]:
        """One call, by a cursor that has gone over the wire."""
        page = self.feed(Cursor.read(self.cursor.text), limit, lambda entry: True)
        self.cursor, self.more = page.cursor, page.more
        found = [(entry.conversation_id, entry.sequence) for entry in page.entries]
        assert len(found) <= limit
        self.given += found
        return found

    def catch_up(self, limit: int = 50) -> None:
        """Polls until there is no more for now."""
        self.poll(limit)
        while self.more:
            self.poll(limit)

    def repeats(self) -> list[tuple[str, int]]:
        return [each for number, each in enumerate(self.given) if each in self.given[:number]]

    def order_is_kept(self) -> bool:
        """Whether each conversation came in order, one after the other, after what came again was dropped."""
        firsts: dict[str, list[int]] = {}
        for name, sequence in dict.fromkeys(self.given):
            firsts.setdefault(name, []).append(sequence)
        return all(after == before + 1 for each in firsts.values() for before, after in pairwise(each))


def _schedule(name: str, writes: list[Write], start: float) -> list[Written]:
    found: list[Written] = []
    time = start
    for sequence, write in enumerate(writes, start=1):
        begun = time + write.pause
        done = begun + write.flight
        indexed = max(done + write.lag, found[-1].indexed if found else 0.0)
        entry = Entry(name, sequence, "conversation.updated", begun + write.skew, {})
        found.append(Written(entry, write.status, done, indexed))
        time = done
    return found
