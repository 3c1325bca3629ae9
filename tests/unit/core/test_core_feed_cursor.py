"""What a cursor remembers of conversations, and what it forgets."""

from __future__ import annotations

import pytest

from shared.core import feed_cursor
from shared.core.feed_cursor import LONGEST, Cursor, Told
from shared.errors import BadRequest


def names(count: int) -> list[bytes]:
    return [number.to_bytes(8) for number in range(count)]


def test_what_was_told_last_is_remembered_as_the_last_with_the_latest_time() -> None:
    told = Told({b"a": (1, 200), b"b": (1, 100)})

    told.remember(b"a", 2, 150.2)
    told.remember(b"b", 2, 150.2)
    told.remember(b"a", 3, 150.0)

    assert list(told.entries.items()) == [(b"b", (2, 151)), (b"a", (3, 200))]


def test_there_is_room_for_one_that_is_remembered_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_cursor, "MOST_YOUNG", 2)
    told = Told({b"a": (1, 200), b"b": (1, 200), b"c": (1, 100)})

    assert told.has_room_for(b"a", 150.0)
    assert not told.has_room_for(b"c", 150.0)
    assert told.has_room_for(b"c", 200.0)


def test_behind_a_pass_only_what_may_be_asked_for_again_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_cursor, "MOST_KEPT", 1)
    told = Told({b"old": (1, 100), b"earlier": (1, 120), b"later": (1, 130), b"young": (1, 190)})

    after = Cursor.at(100.0).after(160.0, 150.0, told)

    assert (after.back, after.since) == (100.0, 160.0)
    assert after.entries == {b"later": (1, 130), b"young": (1, 190)}


def test_what_nobody_looks_back_to_any_more_is_forgotten() -> None:
    told = Told({b"old": (1, 100), b"at": (1, 125), b"later": (1, 126)})

    assert Cursor.at(125.0).after(160.0, 150.0, told).entries == {b"later": (1, 126)}


@pytest.mark.parametrize(("count", "possible"), [(256, True), (257, False)])
def test_a_cursor_remembers_so_many_at_the_most(count: int, possible: bool) -> None:
    cursor = Cursor(back=0.0, since=0.0, until=None, position=None, entries=dict.fromkeys(names(count), (1, 1)))
    assert cursor.possible() is possible


def test_a_text_that_is_too_long_is_not_read() -> None:
    padded = Cursor.at(100.0).text + "A" * LONGEST
    with pytest.raises(BadRequest, match="cursor"):
        Cursor.read(padded)
