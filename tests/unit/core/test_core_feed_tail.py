"""The end of a log, searched by time: for clocks that differ, and logs of any length, what is found is what reading all
of it would find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.feed_tail import CHUNK, FIRST_READ, Tail
from shared.core.records import Entry
from shared.core.storage import ConversationLog

SKEW = 5.0


@dataclass
class Log:
    """Entries at these times, by sequence from 1. ``calls`` and ``read`` count what is asked of it."""

    times: list[float]
    calls: int = 0
    read: int = 0

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        self.calls += 1
        found = [_entry(number, at) for number, at in enumerate(self.times, 1) if number > after][:limit]
        self.read += len(found)
        return found

    def entry(self, conversation_id: str, sequence: int) -> Entry | None:
        return next(iter(self.entries(conversation_id, sequence - 1, 1)), None)

    def tail(self, last: int | None = None) -> Tail:
        return Tail(cast(ConversationLog, self), "conv_1", len(self.times) if last is None else last, SKEW)

    def last_until(self, at: float) -> int:
        """By reading all of it."""
        return max((number for number, each in enumerate(self.times, 1) if each <= at), default=0)


def _entry(sequence: int, at: float) -> Entry:
    return Entry("conv_1", sequence, "conversation.updated", at, {})


@st.composite
def times(draw: st.DrawFn) -> list[float]:
    """Of entries that were written one after the other, by writers whose clocks differ by up to SKEW."""
    pauses = draw(st.lists(st.sampled_from([0.0, 0.1, 1.0, 4.0, 60.0]), min_size=1, max_size=4 * CHUNK))
    wrong = draw(st.lists(st.sampled_from([0.0, 0.0, SKEW / 2, -SKEW / 2]), min_size=len(pauses), max_size=len(pauses)))
    now, found = 1000.0, []
    for pause, error in zip(pauses, wrong, strict=True):
        now += pause
        found.append(now + error)
    return found


@settings(max_examples=300)
@given(times=times(), behind=st.integers(0, 2 * CHUNK), place=st.floats(0, 1), offset=st.sampled_from([-3.0, 0.0, 3.0]))
def test_what_is_found_by_time_is_what_reading_everything_would_find(
    times: list[float], behind: int, place: float, offset: float
) -> None:
    log = Log(times)
    at = times[int(place * (len(times) - 1))] + offset
    # When the index, which says how far the log goes, is some entries behind
    tail = log.tail(max(len(times) - behind, 1))
    # Then
    assert tail.last_until(at) == log.last_until(at)


@pytest.mark.parametrize(
    "length", [1, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 2, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK, 333]
)
def test_every_entry_of_a_log_of_any_length_is_found(length: int) -> None:
    log = Log([1000.0 + number for number in range(1, length + 1)])
    for sequence in range(length + 1):
        assert log.tail().last_until(1000.0 + sequence) == sequence


def test_an_entry_is_found_behind_hundreds_whose_clocks_were_ahead_of_it() -> None:
    # Given an entry of an early time among many that were written within the same few seconds
    times = [1000.0] + [1004.0] * (3 * CHUNK) + [1002.0] + [1004.0] * (3 * CHUNK) + [1100.0] * 20
    log = Log(times)

    assert log.tail().last_until(1003.0) == 3 * CHUNK + 2
    assert log.tail().last_until(1001.0) == 1
    assert log.tail().last_until(999.0) == 0


def test_a_log_of_ten_thousand_entries_is_searched_in_a_few_calls() -> None:
    log = Log([1000.0 + number for number in range(10_000)])

    assert log.tail().last_until(1500.0) == 501
    assert log.calls <= 14
    assert log.read <= 2 * FIRST_READ + 10 + 2 * CHUNK


def test_the_beginning_of_time_needs_no_search() -> None:
    log = Log([1000.0 + number for number in range(100)])

    assert log.tail().last_until(0.0) == 0
    assert log.calls == 1


@pytest.mark.parametrize("behind", [FIRST_READ - 1, FIRST_READ, FIRST_READ + CHUNK, FIRST_READ + CHUNK + 1, 90])
def test_an_index_that_is_behind_hides_no_entry(behind: int) -> None:
    log = Log([1000.0 + number for number in range(1, 101)])

    assert log.tail(100 - behind).last_until(1100.0) == 100
    assert log.tail(100 - behind).last_until(1099.0) == 99


def test_there_may_be_more_than_was_read_behind_an_index_that_is_late() -> None:
    log = Log([1000.0] * 50)

    assert log.tail(20).reaches_beyond(2000.0)
    assert not log.tail(50).reaches_beyond(1000.0)
    assert log.tail(50).reaches_beyond(999.0)
