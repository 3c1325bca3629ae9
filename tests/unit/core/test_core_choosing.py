"""Given a question with options, when the customer answers in its words or by its number, then the message is the
choice; anything else is left as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.messages import read_message
from shared.model.message import Message
from shared.model.parts import ChoicePart, TextPart
from tests.support.channels import text_message, webhook
from tests.unit.core.desk import Desk
from tests.unit.core.people import close, customer_of, last_of, merge

SIZES = [{"id": "s", "title": "Small"}, {"id": "m", "title": "Medium"}, {"id": "l", "title": "Large"}]
QUESTION = {"type": "choices", "text": "Which size?", "options": SIZES}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.write("ann")
    return desk


@pytest.fixture
def conversation(desk: Desk) -> str:
    return desk.conversation("ann").conversation_id


def said(desk: Desk, conversation: str) -> Message:
    """What the customer said last, as it is in the log."""
    return read_message(last_of(desk, conversation, "message.received"))


@pytest.mark.parametrize("text", ["2", "2.", "Medium", "medium!", "２", "the second one"])
def test_an_answer_by_number_or_in_words_is_the_choice(desk: Desk, conversation: str, text: str) -> None:
    desk.answer(conversation, parts=[QUESTION])
    desk.write("ann", text)
    message = said(desk, conversation)
    assert message.parts == [ChoicePart(id="m", title="Medium")]
    assert message.metadata["typed"] == text
    assert message.text == "Medium"


@pytest.mark.parametrize("text", ["4", "0", "2?", "2 of them, in blue", "hello", "1 or 2", "m" * 100])
def test_any_other_text_is_left_as_it_was_written(desk: Desk, conversation: str, text: str) -> None:
    desk.answer(conversation, parts=[QUESTION])
    desk.write("ann", text)
    message = said(desk, conversation)
    assert message.parts == [TextPart(text=text)]
    assert message.metadata == {}


def test_a_question_that_was_not_answered_can_be_answered_later(desk: Desk, conversation: str) -> None:
    desk.answer(conversation, parts=[QUESTION])
    desk.write("ann", "what is medium?")
    desk.write("ann", "3")
    assert said(desk, conversation).parts == [ChoicePart(id="l", title="Large")]


def test_a_question_is_answered_once(desk: Desk, conversation: str) -> None:
    sequence = desk.answer(conversation, parts=[QUESTION])["sequence"]
    assert desk.conversation("ann").asked == sequence
    desk.write("ann", "2")
    assert desk.conversation("ann").asked is None
    desk.write("ann", "3")
    assert said(desk, conversation).parts == [TextPart(text="3")]


def test_a_button_that_was_pressed_answers_it_too(desk: Desk, conversation: str) -> None:
    desk.answer(conversation, parts=[QUESTION])
    message = text_message("ann", "pressed")
    message.parts = [ChoicePart(id="s", title="Small")]
    desk.ingest(webhook(message))
    assert said(desk, conversation).metadata == {}
    assert desk.conversation("ann").asked is None


@pytest.mark.parametrize("times", [1, 2])
def test_the_last_question_counts(desk: Desk, conversation: str, times: int) -> None:
    desk.answer(conversation, parts=[QUESTION])
    for _ in range(times):
        other = {"type": "choices", "text": "Which day?", "options": [{"id": "mon", "title": "Monday"}]}
        desk.answer(conversation, parts=[other])
    desk.answer(conversation, "no hurry")
    desk.write("ann", "1")
    assert said(desk, conversation).parts == [ChoicePart(id="mon", title="Monday")]


def test_it_may_be_answered_on_another_channel(desk: Desk, conversation: str) -> None:
    desk.write("ann", channel="lounge")
    merge(desk, customer_of(desk, "ann", "lounge"), customer_of(desk, "ann"))
    desk.answer(conversation, parts=[QUESTION])
    desk.write("ann", "1", channel="lounge")
    assert said(desk, conversation).parts == [ChoicePart(id="s", title="Small")]


@pytest.mark.parametrize(
    "parts",
    [[TextPart(text="2"), TextPart(text="and thanks")], [ChoicePart(id="m", title="Medium"), TextPart(text="!")]],
)
def test_a_message_of_several_parts_answers_nothing(desk: Desk, conversation: str, parts: list[Any]) -> None:
    desk.answer(conversation, parts=[QUESTION])
    message = text_message("ann", "several")
    message.parts = parts
    desk.ingest(webhook(message))
    assert said(desk, conversation).parts == parts
    assert desk.conversation("ann").asked is not None


def test_staff_who_type_a_number_choose_nothing(desk: Desk, conversation: str) -> None:
    desk.answer(conversation, parts=[QUESTION])
    desk.write("ann", "2", origin="echo")
    assert read_message(last_of(desk, conversation, "message.sent")).parts == [TextPart(text="2")]
    assert desk.conversation("ann").asked is not None


def test_a_question_of_the_last_conversation_is_over(desk: Desk, conversation: str) -> None:
    desk.answer(conversation, parts=[QUESTION])
    close(desk, "ann")
    desk.write("ann", "2")
    head = desk.conversation("ann")
    assert head.conversation_id != conversation
    assert said(desk, head.conversation_id).parts == [TextPart(text="2")]
