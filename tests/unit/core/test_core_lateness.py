"""Given messages that were held up on their way, when they are stored, then they say that they are late."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.lateness import LONGEST_ON_ITS_WAY
from shared.model.value import replace
from tests.support.channels import text_message, webhook
from tests.support.stores import START
from tests.unit.core.desk import Desk


def stored(
    desk: Desk, name: str, occurred_at: float, received_at: float | None = None, channel: str = "letters"
) -> bool:
    """Whether Ann's message is stored as a late one."""
    desk.ingest.start_batch()
    message = text_message("ann", name, name, occurred_at=occurred_at)
    envelope = replace(webhook(message, channel), received_at=desk.clock() if received_at is None else received_at)
    desk.ingest(envelope)
    log = desk.store.logs[desk.conversation("ann", channel).conversation_id]
    return bool(log[-1].data["message"].get("late", False))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(("held_up", "late"), [(0, False), (LONGEST_ON_ITS_WAY, False), (LONGEST_ON_ITS_WAY + 1, True)])
def test_a_message_that_was_held_up_for_long_is_late(desk: Desk, held_up: float, late: bool) -> None:
    desk.clock.advance(held_up)
    assert stored(desk, "1", START, START) is late


def test_a_message_behind_one_that_was_written_later_is_late(desk: Desk) -> None:
    desk.clock.advance(20)
    assert not stored(desk, "1", START + 10)
    assert stored(desk, "0", START + 9)
    assert not stored(desk, "2", START + 10)


def test_other_routes_have_their_own_order(desk: Desk) -> None:
    stored(desk, "0", START)
    desk.join(desk.conversation("ann").conversation_id, "ann", "register")
    desk.clock.advance(20)
    stored(desk, "1", START + 10)
    assert not stored(desk, "2", START + 9, channel="register")


def test_our_replies_make_nobody_late(desk: Desk) -> None:
    stored(desk, "1", START)
    desk.clock.advance(10)
    desk.answer(desk.conversation("ann").conversation_id)
    assert not stored(desk, "2", START + 5)


def test_a_providers_clock_that_is_ahead_makes_nobody_late(desk: Desk) -> None:
    stored(desk, "1", START + 86_400)
    desk.clock.advance(10)
    assert not stored(desk, "2", START + 10)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12))
def test_without_the_late_ones_every_route_is_in_the_order_in_which_it_was_written(times: list[int]) -> None:
    desk = Desk()
    desk.clock.advance(100)
    late = [stored(desk, str(number), START + time) for number, time in enumerate(times)]
    in_time = [time for time, is_late in zip(times, late, strict=True) if not is_late]
    assert in_time == sorted(in_time)
    assert late == [any(other > time for other in times[:number]) for number, time in enumerate(times)]
