"""Given a party that controls a conversation, when a customer waits for it too long, then it has lost it; and any sign
of life begins the time anew."""

from __future__ import annotations

import pytest

from tests.support.stores import START
from tests.unit.core.controlling import TIMEOUT, Controlling


@pytest.fixture
def desk() -> Controlling:
    return Controlling()


def test_the_time_runs_while_a_customer_waits_for_its_controller(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.clock.advance(TIMEOUT - 1)
    with desk.refused("controlled_by_another"):
        desk.does("bot-2", "take")
    desk.clock.advance(1)
    desk.does("bot-2", "take")
    assert desk.holder == "bot-2"


def test_an_answered_customer_takes_control_from_nobody(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.says("bot-1")
    desk.clock.advance(100 * TIMEOUT)
    with desk.refused("controlled_by_another"):
        desk.does("bot-2", "take")
    # and who writes again waits from then on
    desk.write("ann")
    desk.clock.advance(TIMEOUT - 1)
    with desk.refused("controlled_by_another"):
        desk.does("bot-2", "take")
    desk.clock.advance(1)
    desk.does("bot-2", "take")


@pytest.mark.parametrize("sign", ["take", "extend", "offer", "system"])
def test_a_sign_of_life_begins_the_time_anew(desk: Controlling, sign: str) -> None:
    desk.does("bot-1", "take")
    desk.clock.advance(TIMEOUT - 1)
    if sign == "system":
        desk.says("bot-1", "system")
    else:
        desk.does("bot-1", sign, **({"to": "desk"} if sign == "offer" else {}))
    desk.clock.advance(TIMEOUT - 1)
    with desk.refused("controlled_by_another"):
        desk.does("bot-2", "take")
    desk.clock.advance(1)
    assert desk.end_lease(desk.conversation_id)


def test_a_lost_conversation_is_told_of_once(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    assert not desk.end_lease(desk.conversation_id)
    desk.clock.advance(TIMEOUT)
    assert [desk.end_lease(desk.conversation_id) for _ in range(3)] == [True, False, False]
    assert len(desk.told()) == 2


def test_a_reply_after_the_time_is_over_is_anybodys_and_gives_control_to_nobody(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.clock.advance(TIMEOUT)
    desk.says("desk-1")
    assert [entry.type for entry in desk.log[-2:]] == ["conversation.control_changed", "message.sent"]
    assert desk.holder is None
    desk.says("bot-2")


def test_the_conversation_is_due_when_its_controller_is(desk: Controlling) -> None:
    assert desk.head.due_at is None
    desk.does("bot-1", "take", timeout_seconds=60)
    assert desk.head.due_at == START + 60
    desk.clock.advance(30)
    desk.does("bot-1", "extend")
    assert desk.head.due_at == START + 90
    desk.does("bot-1", "release")
    assert desk.head.due_at is None


def test_a_customers_message_makes_the_conversation_due(desk: Controlling) -> None:
    desk.does("bot-1", "take")
    desk.says("bot-1")
    desk.clock.advance(3600)
    desk.write("ann")
    assert desk.head.due_at == START + 3600 + TIMEOUT
