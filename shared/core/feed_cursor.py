"""Where a reader of the feed is: all of it in one text, which the reader keeps."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from typing import Any

import msgspec

from shared.errors import BadRequest

MOST_YOUNG = 100
MOST_KEPT = 60
"""Conversations that a cursor remembers: those with young entries, and those that were told last. With the page that is
being told, the text stays under 7,000 characters: API Gateway takes 10,240 bytes of request line and headers."""

MOST_TOLD = 256
LONGEST = 8192
LONGEST_POSITION = 256
LATEST = 4102444800.0
"""The year 2100: a cursor beyond it is none of ours."""


class Told:
    """What conversations were told up to, by their names: (sequence, time of the entry in whole seconds, rounded
    up)."""

    def __init__(self, entries: dict[bytes, tuple[int, int]]) -> None:
        self.entries = entries

    def copy(self) -> Told:
        return Told(dict(self.entries))

    def sequence_of(self, name: bytes) -> int | None:
        found = self.entries.get(name)
        return None if found is None else found[0]

    def remember(self, name: bytes, sequence: int, at: float) -> None:
        before = self.entries.pop(name, (0, 0))
        self.entries[name] = (sequence, max(math.ceil(at), before[1]))

    def has_room_for(self, name: bytes, until: float) -> bool:
        """Whether a conversation may be told entries later than ``until``, which it has to remember."""
        young = {each for each, (_, at) in self.entries.items() if at > until}
        return name in young or len(young) < MOST_YOUNG

    def settle(self, until: float) -> None:
        """Forgets all but the latest of those that were told nothing later than ``until``."""
        settled = [name for name, (_, at) in self.entries.items() if at <= until]
        for name in settled[: max(len(settled) - MOST_KEPT, 0)]:
            del self.entries[name]

    def since(self, at: float) -> Told:
        """Those that were told something later."""
        return Told({name: each for name, each in self.entries.items() if each[1] > at})


class Cursor(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """Everything up to the time ``since`` has been given. A conversation that has got more since then, and of which
    nothing is remembered, is looked at from ``back``: the pass before may have missed it while it moved.

    ``until`` and ``position`` are there while a pass is under way: it goes that far in time, and goes on at that page
    of the walk.
    """

    back: float
    since: float
    until: float | None
    position: str | None
    entries: dict[bytes, tuple[int, int]]

    @classmethod
    def at(cls, since: float) -> Cursor:
        """The cursor of one who wants everything after a time (seconds since 1970; 0 is from the beginning)."""
        return cls(back=since, since=since, until=None, position=None, entries={})

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The inverse of ``text``. Raises BadRequest(``bad_cursor``)."""
        refusal = BadRequest("bad_cursor", "the cursor is not one that the feed gave")
        if len(text) > LONGEST:
            raise refusal
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            cursor = msgspec.msgpack.decode(packed, type=cls)
        except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError) as error:
            raise refusal from error
        if not cursor.possible():
            raise refusal
        return cursor

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")

    @property
    def told(self) -> Told:
        return Told(self.entries)

    def within(self, until: float, position: str | None, told: Told) -> Cursor:
        """In the middle of a pass."""
        return self._changed(until=until, position=position, entries=told.entries)

    def after(self, until: float, overlap: float, told: Told) -> Cursor:
        """Behind a pass that went as far as ``until``: the next looks back to where this one began, or to ``overlap``,
        if that is earlier; but never behind what it has looked back to before."""
        back = max(self.back, min(self.since, overlap))
        kept = told.since(back)
        kept.settle(until)
        return Cursor(back=back, since=until, until=None, position=None, entries=kept.entries)

    def possible(self) -> bool:
        """Whether a pass could have left it so."""
        times = (self.back, self.since, self.since if self.until is None else self.until)
        ordered = all(map(math.isfinite, times)) and times == tuple(sorted(times)) and times[-1] <= LATEST
        place = self.position is None or (self.until is not None and 0 < len(self.position) <= LONGEST_POSITION)
        told = len(self.entries) <= MOST_TOLD
        return ordered and place and told and all(0 < sequence < 10**12 for sequence, _ in self.entries.values())

    def _changed(self, **changes: Any) -> Cursor:
        return msgspec.structs.replace(self, **changes)


def name_of(conversation_id: str) -> bytes:
    """A conversation in a cursor, in 8 bytes. Its id is ours and random, so nobody can make two that collide."""
    return hashlib.sha256(conversation_id.encode()).digest()[:8]
