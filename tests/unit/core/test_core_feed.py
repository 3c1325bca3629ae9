"""The feed of all conversations: whoever polls misses nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core import feed, feed_cursor
from shared.core.feed_cursor import Cursor
from shared.core.records import Entry
from shared.errors import BadRequest
from tests.unit.core.feed_world import START, STATUSES, Reader, World, Write

WEEK = 7 * 86400.0


@contextmanager
def room_for(*, walked: int = 25, young: int = 100, kept: int = 60) -> Iterator[None]:
    """A feed whose pages and cursors are as small as a test needs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "WALKED", walked)
        patch.setattr(feed_cursor, "MOST_YOUNG", young)
        patch.setattr(feed_cursor, "MOST_KEPT", kept)
        yield


class HidingWorld(World):
    """While ``hidden``, conversations move in the index just when somebody looks, and are not found."""

    hidden: bool = False

    def since(self, at: float, position: str | None, limit: int) -> tuple[list[tuple[str, int]], str | None]:
        found, following = super().since(at, position, limit)
        return ([] if self.hidden else found), following


def reading(world: World, since: float = 0.0) -> Reader:
    return Reader(world, Cursor.at(since))


def conversations(number: int, *writes: Write) -> World:
    return World.of({f"conv_{each:03}": list(writes) for each in range(number)})


class TestWhatIsGiven:
    def test_all_that_was_ever_written_is_given_from_the_start(self) -> None:
        world = conversations(60, *[Write(3.0)] * 4)
        world.now += WEEK
        reader = reading(world)
        reader.catch_up(limit=7)
        assert sorted(reader.given) == sorted(world.ids())
        assert reader.order_is_kept()

    def test_a_page_has_no_more_bytes_than_an_answer_can_carry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = conversations(5, *[Write(3.0)] * 7)
        world.now += WEEK
        reader = reading(world)
        monkeypatch.setattr(feed, "LARGEST_PAGE", 3 * len("{}"))
        assert len(reader.poll()) == 3
        reader.catch_up()
        assert sorted(reader.given) == sorted(world.ids())
        assert reader.repeats() == []

    def test_an_entry_that_is_larger_than_a_page_comes_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = conversations(2, *[Write(3.0)] * 2)
        world.now += WEEK
        reader = reading(world)
        monkeypatch.setattr(feed, "LARGEST_PAGE", 1)
        assert [len(reader.poll()) for _ in range(4)] == [1, 1, 1, 1]
        reader.catch_up()
        assert sorted(reader.given) == sorted(world.ids())

    def test_what_was_written_this_instant_is_given_at_once_and_only_once(self) -> None:
        world = conversations(3, *[Write(1.0)] * 60)
        reader = reading(world, START)
        for _ in range(130):
            world.now += 0.7
            reader.catch_up()
            assert set(reader.given) == {each for each in world.ids() if each[1] <= world.now - START}
        assert reader.repeats() == []

    def test_whoever_comes_without_a_cursor_gets_what_is_written_from_then_on(self) -> None:
        world = World.of(
            {"conv_old": [Write(90.0)], "conv_new": [Write(100.0)], "conv_slow": [Write(100.0, skew=-2.0)]}
        )
        world.now += 99.9
        reader = reading(world)
        reader.cursor = reader.feed.beginning()
        world.now += 5
        reader.catch_up()
        assert sorted(reader.given) == [("conv_new", 1), ("conv_slow", 1)]

    def test_a_time_in_the_past_gives_what_came_after_it(self) -> None:
        world = World.of({"conv_1": [Write(100.0)] * 2000})
        world.now += WEEK
        reader = reading(world, START + 100_000.0)
        reader.catch_up(limit=100)
        assert [sequence for _, sequence in reader.given] == list(range(1001, 2001))

    def test_a_long_log_is_searched_and_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = World.of({"conv_1": [Write(1.0)] * 50_000})
        world.now += WEEK
        read: list[int] = []
        entries = world.entries

        def counting(conversation_id: str, after: int, limit: int) -> list[Entry]:
            found = entries(conversation_id, after, limit)
            read.append(len(found))
            return found

        monkeypatch.setattr(world, "entries", counting)
        assert reading(world, START + 25_000.0).poll(limit=10) == [("conv_1", number) for number in range(25001, 25011)]
        assert sum(read) < 100

    def test_only_what_is_wanted_counts_and_a_call_reads_only_so_much(self) -> None:
        world = World.of({"conv_1": [Write(1.0)] * 3000})
        world.now += WEEK
        reader = reading(world)
        page = reader.feed(reader.cursor, 5, lambda entry: entry.sequence % 2000 == 0)
        assert (page.entries, page.more) == ([], True)
        page = reader.feed(page.cursor, 5, lambda entry: entry.sequence % 2000 == 0)
        assert [entry.sequence for entry in page.entries] == [2000]

    def test_nothing_new_costs_no_reading_of_logs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = conversations(5, Write(1.0))
        reader = reading(world)
        world.now += 2
        reader.catch_up()
        monkeypatch.setattr(world, "entries", None)
        reader.catch_up()
        assert len(reader.given) == 5


class TestWhatMoves:
    def test_what_is_late_in_the_log_is_given_although_its_time_is_over(self) -> None:
        # Given: a write that takes 20 s, by a clock that is 2 s behind, while another conversation goes on.
        world = World.of({"conv_slow": [Write(5.0, flight=20.0, skew=-2.0, lag=5.0)], "conv_1": [Write(1.0)] * 80})
        reader = reading(world, START)
        for _ in range(80):
            world.now += 1
            reader.catch_up()
        assert ("conv_slow", 1) in reader.given
        assert reader.repeats() == []

    def test_one_whose_status_changes_between_two_readings_of_the_index_is_found_by_the_next_pass(self) -> None:
        # Given: its second entry is settled, and it moves from the part of the index that is read last to the first.
        world = World.of({"conv_1": [Write(0.0), Write(40.0, status="closed"), Write(60.0, status="open")]})
        reader = reading(world, START + 20)
        world.now = START + 99.9
        world.reading = 0.06
        reader.catch_up()
        assert reader.given == []
        # When
        world.now = START + 140
        reader.catch_up()
        # Then
        assert reader.given == [("conv_1", 2), ("conv_1", 3)]

    def test_one_that_two_passes_in_a_row_have_missed_is_found_by_the_third(self) -> None:
        # Given somebody who comes back after a while, and a conversation that moves whenever they look
        world = HidingWorld.of({"conv_1": [Write(55.0), Write(36.0), Write(5.0)]})
        reader = reading(world, START)
        world.hidden = True
        for now in (90.0, 92.0):
            world.now = START + now
            reader.catch_up()
        # When it stays where it is
        world.hidden = False
        world.now = START + 97
        reader.catch_up()
        # Then what it had before is given as well
        assert reader.given == [("conv_1", 1), ("conv_1", 2), ("conv_1", 3)]

    def test_what_is_older_than_where_a_reader_began_is_not_given_later(self) -> None:
        # Given a conversation with an entry from before a reader came
        world = World.of({"conv_1": [Write(40.0), Write(10.0)]})
        world.now = START + 48
        reader = reading(world)
        reader.cursor = reader.feed.beginning()
        reader.catch_up()
        # When it gets another
        world.now = START + 51
        reader.catch_up()
        # Then that is given
        assert reader.given == [("conv_1", 2)]

    def test_one_that_moves_while_a_long_pass_is_under_way_is_given_and_in_order(self) -> None:
        with room_for(walked=2):
            world = World.of(
                {f"conv_{each}": [Write(each), Write(300.0 + each, status=STATUSES[each % 3])] for each in range(8)}
            )
            world.now += 299.0
            reader = reading(world)
            for _ in range(40):
                reader.poll(limit=1)
                world.now += 1.0
            world.now += 60
            reader.catch_up()
            assert set(reader.given) == world.ids()
            assert reader.order_is_kept()

    def test_more_conversations_than_a_cursor_can_remember_wait_until_they_are_settled(self) -> None:
        with room_for(young=3, kept=3):
            world = conversations(12, Write(1.0))
            reader = reading(world, START)
            world.now += 2
            reader.catch_up()
            assert len(set(reader.given)) == 3
            world.now += feed.HORIZON + 2
            reader.catch_up()
            assert sorted(reader.given) == sorted(world.ids())

    def test_what_was_forgotten_and_has_not_moved_is_not_given_again(self) -> None:
        with room_for(kept=0):
            world = conversations(4, Write(1.0))
            reader = reading(world, START)
            world.now += feed.HORIZON + 3
            reader.catch_up()
            world.now += 1
            reader.catch_up()
            assert sorted(reader.given) == sorted(world.ids())

    def test_an_index_that_is_far_behind_hides_neither_what_came_nor_where_it_begins(self) -> None:
        world = World.of({"conv_1": [Write(1.0), *[Write(0.01, lag=5.0)] * 40]})
        world.now += 2
        reader = reading(world, START + 1.205)
        reader.catch_up()
        assert reader.given == [("conv_1", number) for number in range(22, 42)]


class TestTheCursor:
    def test_it_fits_into_a_request_however_much_it_remembers(self) -> None:
        world = conversations(400, Write(1.0), *[Write(2.0)] * 100)
        reader = reading(world, START)
        longest = 0
        for _ in range(200):
            world.now += 0.5
            reader.poll(limit=33)
            longest = max(longest, len(reader.cursor.entries))
        assert 150 < longest <= 185
        largest = {bytes(7) + bytes([number]): (10**11, 2**32 - 1) for number in range(185)}
        assert len(Cursor(back=1.1, since=2.2, until=3.3, position="p" * 60, entries=largest).text) < 7000

    def test_it_is_read_as_it_was_written(self) -> None:
        cursor = Cursor(back=1.5, since=2.5, until=3.5, position="p", entries={b"12345678": (7, 9)})
        assert Cursor.read(cursor.text) == cursor

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "%%%",
            "é",
            "AAAA",
            "A" * 9000,
            Cursor.at(float("nan")).text,
            Cursor.at(float("inf")).text,
            Cursor.at(5e9).text,
            Cursor(back=2.0, since=1.0, until=None, position=None, entries={}).text,
            Cursor(back=1.0, since=2.0, until=1.0, position=None, entries={}).text,
            Cursor(back=1.0, since=2.0, until=None, position="p", entries={}).text,
            Cursor(back=1.0, since=2.0, until=3.0, position="", entries={}).text,
            Cursor(back=1.0, since=2.0, until=3.0, position="p" * 300, entries={}).text,
            Cursor(back=1.0, since=2.0, until=None, position=None, entries={b"1": (0, 1)}).text,
            Cursor(back=1.0, since=2.0, until=None, position=None, entries={b"1": (10**13, 1)}).text,
        ],
    )
    def test_one_that_the_feed_cannot_have_given_is_refused(self, text: str) -> None:
        with pytest.raises(BadRequest) as refused:
            Cursor.read(text)
        assert refused.value.code == "bad_cursor"

    @given(st.binary(max_size=60))
    def test_no_bytes_do_more_than_be_refused(self, content: bytes) -> None:
        with suppress(BadRequest):
            assert Cursor.read(base64.urlsafe_b64encode(content).decode()).possible()


seconds = st.integers(0, 400).map(lambda tenths: tenths / 10)
writes = st.builds(
    Write,
    pause=seconds,
    skew=st.sampled_from([-2.0, -0.3, 0.0, 0.0, 0.4, 2.0]),
    flight=st.sampled_from([0.0, 0.0, 0.1, 3.0, 20.0]),
    lag=st.sampled_from([0.0, 0.1, 1.0, 5.0]),
    status=st.sampled_from(STATUSES),
)
logs = st.lists(st.lists(writes, max_size=8), max_size=6).map(
    lambda lists: {f"conv_{number}": each for number, each in enumerate(lists)}
)
polls = st.lists(st.tuples(seconds, st.integers(1, 6)), max_size=30)
rooms = st.fixed_dictionaries({"walked": st.integers(1, 4), "young": st.integers(0, 4), "kept": st.integers(0, 4)})


class TestEveryHistory:
    @settings(max_examples=400)
    @given(log=logs, polls=polls, room=rooms, start=st.integers(-5, 60))
    def test_every_entry_is_given_and_each_conversation_in_order(
        self, log: dict[str, list[Write]], polls: list[tuple[float, int]], room: dict[str, int], start: int
    ) -> None:
        with room_for(**room):
            # Given
            world = World.of(log, START + start)
            reader = reading(world)
            reader.cursor = reader.feed.beginning(START)
            # When
            for pause, limit in polls:
                world.now += pause
                reader.poll(limit)
            world.now = max(world.now, world.last_done) + feed.HORIZON + 10
            reader.catch_up(limit=3)
            reader.catch_up(limit=3)
            # Then
            assert set(reader.given) >= {each for each in world.ids() if _at(world, each) > START}
            assert reader.order_is_kept()

    @settings(max_examples=400)
    @given(log=logs, pauses=st.lists(seconds, max_size=30), limit=st.integers(1, 6))
    def test_nothing_is_given_twice_when_nothing_moves_while_a_pass_is_under_way(
        self, log: dict[str, list[Write]], pauses: list[float], limit: int
    ) -> None:
        with room_for(walked=2):
            world = World.of(log)
            reader = reading(world)
            reader.cursor = reader.feed.beginning()
            for pause in pauses:
                world.now += pause
                reader.catch_up(limit)
            world.now = max(world.now, world.last_done) + feed.HORIZON + 10
            reader.catch_up(limit)
            assert reader.repeats() == []
            assert set(reader.given) >= {each for each in world.ids() if _at(world, each) > START}


def _at(world: World, place: tuple[str, int]) -> float:
    name, sequence = place
    return world.written[name][sequence - 1].entry.at
