"""Which route a reply with routes to fall back on takes when it is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.records import RouteName
from shared.model.message import Author, Degradation
from shared.ports.connector import Rendering
from tests.support.channels import LONGEST, WINDOW_SENDS
from tests.support.stores import START
from tests.unit.core.falling_back import CHOICES, IDENTITY, Ladder


@pytest.fixture
def ladder() -> Ladder:
    return Ladder()


def test_the_routes_that_are_left_are_kept_with_the_entry_in_their_order(ladder: Ladder) -> None:
    answer = ladder.reply()
    entry = ladder.desk.entry(ladder.conversation_id, answer["sequence"])
    assert entry.fallback == tuple(RouteName(IDENTITY[channel], channel, "main") for channel in ("post", "booth"))
    assert entry.tasks == ("send", "fallback")
    assert "attempts" not in answer
    assert ladder.message().attempts == []


@pytest.mark.parametrize("fallback", [None, "none", [], ["pigeon"]])
def test_without_a_route_to_fall_back_on_nothing_is_kept(ladder: Ladder, fallback: Any) -> None:
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(fallback=fallback)["sequence"])
    assert (entry.fallback, entry.tasks) == ((), ("send",))


def test_a_channel_that_is_named_twice_is_tried_once(ladder: Ladder) -> None:
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(fallback=["post", "post"])["sequence"])
    assert [each.channel for each in entry.fallback] == ["post"]


def test_routes_that_are_refused_on_the_way_are_told_with_the_reason(ladder: Ladder) -> None:
    ladder.desk.write("ann", channel="post", sender_status="blocked")
    ladder.shut_the_booth()
    answer = ladder.reply(route=IDENTITY["booth"], fallback=["post", "letters"])
    assert answer["route"]["channel"] == "letters"
    assert [(each["channel"], each["status"], each.get("reason")) for each in answer["attempts"]] == [
        ("booth", "failed", "window_closed"),
        ("post", "failed", "blocked"),
        ("letters", "queued", None),
    ]
    assert ladder.story() == [
        ("booth", "failed", "window_closed"),
        ("post", "failed", "blocked"),
        ("letters", "queued", None),
    ]


def test_a_route_that_is_closed_now_is_kept_for_it_may_be_open_when_its_turn_comes(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(fallback=["booth", "post"])["sequence"])
    assert [each.channel for each in entry.fallback] == ["booth", "post"]


def test_a_route_that_would_lose_what_must_not_be_lost_is_not_kept(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = [Degradation(part=0, source="choices", target="text", lost=["buttons"])]
    monkeypatch.setattr(ladder.desk.channels["post"], "render", lambda *_: Rendering([], loss))
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(degrade="refuse")["sequence"])
    assert [each.channel for each in entry.fallback] == ["booth"]


def test_a_message_too_long_for_a_window_says_so_in_its_attempts(ladder: Ladder) -> None:
    answer = ladder.reply(route=IDENTITY["booth"], fallback=["letters"], text="x" * (LONGEST * WINDOW_SENDS + 1))
    assert answer["attempts"][0]["reason"] == "window_exceeded"


def test_a_route_that_would_lose_something_is_passed_over_when_that_is_refused(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    parts = [{"type": "location", "latitude": 1, "longitude": 2}]
    assert ladder.refused(parts=parts, degrade="refuse").code == "would_degrade"
    assert ladder.refused(parts=parts, degrade="refuse", route=IDENTITY["booth"], fallback="auto").code == (
        "window_closed"
    )
    assert [each["reason"] for each in ladder.reply(route=IDENTITY["booth"], fallback="auto")["attempts"][:-1]] == [
        "window_closed"
    ]


@pytest.mark.parametrize("seconds", [60, 3600, 86_400])
def test_an_unread_message_is_to_take_the_next_route_after_a_time(ladder: Ladder, seconds: int) -> None:
    entry = ladder.desk.entry(ladder.conversation_id, ladder.reply(unread_after=seconds)["sequence"])
    assert entry.tasks == ("send", "fallback", "timer")
    assert entry.unread_after == seconds


@pytest.mark.parametrize(
    "request_",
    [
        {"unread_after": 59},
        {"unread_after": 86_401},
        {"unread_after": 60, "fallback": None},
        {"unread_after": 60, "fallback": "none"},
        {"unread_after": 60, "fallback": []},
    ],
)
def test_a_time_out_of_range_or_with_nothing_to_go_on_to_is_refused(ladder: Ladder, request_: dict[str, Any]) -> None:
    refused = ladder.refused(**request_)
    assert (refused.status, refused.code) == (422, "bad_unread_after")


def test_without_another_route_there_is_nothing_to_wait_for(ladder: Ladder) -> None:
    answer = ladder.reply(fallback=["pigeon"], unread_after=60)
    entry = ladder.desk.entry(ladder.conversation_id, answer["sequence"])
    assert (entry.tasks, entry.unread_after) == (("send",), None)


def test_a_wrong_author_is_refused_although_the_first_route_is_closed(ladder: Ladder) -> None:
    ladder.shut_the_booth()
    assert ladder.refused(route=IDENTITY["booth"], author=Author(type="customer")).code == "bad_author"


@pytest.mark.parametrize(("author", "waiting"), [("agent", None), ("bot", None), ("system", START)])
def test_an_answer_ends_the_customers_waiting_and_a_notice_does_not(
    ladder: Ladder, author: Any, waiting: float | None
) -> None:
    store = ladder.desk.store
    head = store.heads[ladder.conversation_id]
    store.heads[ladder.conversation_id] = type(head)(
        **{name: getattr(head, name) for name in head.__dataclass_fields__} | {"waiting_since": START}
    )
    ladder.reply(author=Author(type=author))
    assert store.heads[ladder.conversation_id].waiting_since == waiting


def test_a_question_with_choices_is_remembered_until_something_else_is_asked(ladder: Ladder) -> None:
    asked = ladder.reply(parts=CHOICES)["sequence"]
    ladder.reply()
    assert ladder.desk.store.heads[ladder.conversation_id].asked == asked
