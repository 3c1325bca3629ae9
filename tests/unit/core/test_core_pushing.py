"""Pushing: whoever has the chat open sees what is said in the conversation, whichever channel it is said on."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.later import TryLater
from shared.core.pushing import PUSH_TRIES
from tests.unit.core.desk import Desk
from tests.unit.core.falling_back import refusal


@pytest.fixture
def desk() -> Desk:
    return Desk()


class Lounge:
    """Ann has the chat open and writes by letter; Bob has the same chat open too. All see each other's messages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.write("ann")
        self.conversation_id = desk.conversation("ann").conversation_id
        self.chats = [desk.join(self.conversation_id, name, "lounge") for name in ("ann", "bob")]
        self.provider = desk.channels["lounge"].provider

    def pushed(self) -> list[str]:
        """To whom something was pushed; the identity stands for the address there."""
        return [recipient for recipient, _ in self.provider.accepted]

    def deliver(self, sequence: int, attempt: int = 1) -> str:
        return self.desk.deliver(self.conversation_id, sequence, attempt)

    def answer(self, **more: Any) -> int:
        sequence: int = self.desk.answer(self.conversation_id, **more)["sequence"]
        return sequence


@pytest.fixture
def lounge(desk: Desk) -> Lounge:
    return Lounge(desk)


def test_a_customers_message_is_pushed_to_every_live_route_and_sent_to_none(desk: Desk, lounge: Lounge) -> None:
    desk.write("ann", "by letter")
    sequence = desk.store.heads[lounge.conversation_id].sequence
    assert desk.entry(lounge.conversation_id, sequence).tasks == ("push",)
    assert lounge.deliver(sequence) == "pushed"
    assert sorted(lounge.pushed()) == sorted(lounge.chats)
    assert desk.channels["letters"].provider.accepted == []


def test_a_reply_is_sent_to_its_route_and_pushed_to_the_live_ones(desk: Desk, lounge: Lounge) -> None:
    assert lounge.deliver(lounge.answer(route={"channel": "letters"})) == "sent"
    assert desk.channels["letters"].provider.accepted == [("ann", "answer")]
    assert sorted(lounge.pushed()) == sorted(lounge.chats)


def test_the_chat_a_reply_is_sent_to_gets_it_once(lounge: Lounge) -> None:
    ann, bob = lounge.chats
    lounge.deliver(lounge.answer(route=ann))
    assert lounge.pushed() == [bob, "ann"]


def test_files_get_addresses_before_a_browser_is_shown_them(desk: Desk, lounge: Lounge) -> None:
    sequence = lounge.answer(route={"channel": "letters"})
    lounge.deliver(sequence)
    assert desk.store.filled == [desk.entry(lounge.conversation_id, sequence).message_id]


def test_a_push_that_fails_is_tried_a_few_times_and_then_left(desk: Desk, lounge: Lounge) -> None:
    sequence = lounge.answer(route={"channel": "letters"})
    for attempt in range(1, PUSH_TRIES):
        lounge.provider.plan = [refusal("retry")]
        with pytest.raises(TryLater):
            lounge.deliver(sequence, attempt)
    lounge.provider.plan = [refusal("retry"), refusal("retry")]
    assert lounge.deliver(sequence, PUSH_TRIES) == "sent"
    assert desk.channels["letters"].provider.accepted == [("ann", "answer")]


def test_a_chat_that_was_taken_down_does_not_keep_a_reply_from_going_out(desk: Desk, lounge: Lounge) -> None:
    desk.gone.add("lounge")
    assert lounge.deliver(lounge.answer(route={"channel": "letters"})) == "sent"
