"""Accepting a reply: which way it takes, what it will lose, and why it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.changes import TRIES
from shared.core.conversations import ConversationChange
from shared.core.reply import LARGEST_REPLY, MOST_PARTS, ReplyRequest
from shared.errors import NotFound, RequestError, WriteConflict
from shared.model.identifiers import identity_id, media_id
from shared.model.message import Author, ReplyTo
from tests.support.channels import LONGEST, WINDOW_SECONDS, WINDOW_SENDS
from tests.support.stores import START
from tests.unit.core.desk import Desk

TEXT = [{"type": "text", "text": "answer"}]
LETTERS_ANN = identity_id("letters", "main", "ann")
LOUNGE_ANN = identity_id("lounge", "main", "ann")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def conversation(desk: Desk) -> str:
    """Ann has written by letter and then in the lounge, where she can be answered twice within an hour."""
    desk.write("ann")
    found = desk.conversation("ann").conversation_id
    desk.join(found, "ann", "lounge")
    desk.write("ann", channel="lounge")
    return found


def close_window(desk: Desk) -> None:
    desk.clock.advance(WINDOW_SECONDS)


def refusal(desk: Desk, conversation_id: str, **request: Any) -> RequestError:
    """What a reply is refused with; nothing may have been written."""
    before = len(desk.store.logs[conversation_id])
    with pytest.raises(RequestError) as refused:
        desk.answer(conversation_id, **request)
    assert len(desk.store.logs[conversation_id]) == before
    return refused.value


def test_a_reply_is_one_more_entry_of_the_log_to_be_sent(desk: Desk) -> None:
    desk.write("ann")
    head = desk.conversation("ann")
    answer = desk.answer(head.conversation_id, metadata={"ticket": 7}, reply_to=ReplyTo(message_id="msg_1"))
    entry = desk.entry(head.conversation_id, head.sequence + 1)
    assert answer == {
        "message_id": entry.message_id,
        "sequence": head.sequence + 1,
        "status": "queued",
        "route": {"identity_id": LETTERS_ANN, "channel": "letters", "account": "main", "can_reply": True},
        "degradations": [],
    }
    assert (entry.type, entry.tasks, entry.origin, entry.channel) == ("message.sent", ("send",), "agent", "letters")
    stored = entry.data["message"]
    assert (stored["direction"], stored["identity_id"]) == ("outbound", LETTERS_ANN)
    assert (stored["metadata"], stored["reply_to"]) == ({"ticket": 7}, {"message_id": "msg_1"})
    assert stored["occurred_at"] == "2027-01-15T08:00:00.000Z"


def test_a_reply_takes_the_route_the_customer_wrote_from_last(desk: Desk, conversation: str) -> None:
    assert desk.answer(conversation)["route"]["identity_id"] == LOUNGE_ANN
    desk.write("ann", channel="letters")
    assert desk.answer(conversation)["route"]["identity_id"] == LETTERS_ANN


@pytest.mark.parametrize("route", [LETTERS_ANN, {"identity_id": LETTERS_ANN}, {"channel": "letters"}])
def test_a_reply_takes_the_route_that_is_named(desk: Desk, conversation: str, route: str | dict[str, str]) -> None:
    assert desk.answer(conversation, route=route)["route"]["channel"] == "letters"


def test_of_several_identities_on_a_named_channel_the_active_one_is_taken_else_the_latest(
    desk: Desk, conversation: str
) -> None:
    bob = desk.join(conversation, "bob", "letters")
    assert desk.answer(conversation, route={"channel": "letters"})["route"]["identity_id"] == bob
    desk.write("ann", channel="letters")
    assert desk.answer(conversation, route={"channel": "letters"})["route"]["identity_id"] == LETTERS_ANN


@pytest.mark.parametrize("route", ["idn_nobody", {"channel": "pigeon"}, {}, {"identity_id": ""}])
def test_a_route_the_conversation_has_not_is_refused(desk: Desk, conversation: str, route: Any) -> None:
    assert refusal(desk, conversation, route=route).code == "unknown_route"


def test_nobody_can_be_answered_before_they_wrote(desk: Desk) -> None:
    desk.write("ann")
    head = desk.conversation("ann")
    desk.store.heads[head.conversation_id] = type(head)(
        head.conversation_id, head.customer_id, "pending", head.sequence, START, START
    )
    assert refusal(desk, head.conversation_id).code == "no_route"


def test_an_unknown_conversation_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound) as refused:
        desk.answer("conv_nowhere")
    assert refused.value.code == "unknown_conversation"


def test_a_closed_conversation_takes_no_reply(desk: Desk, conversation: str) -> None:
    desk.change(conversation, ConversationChange(status="closed"))
    assert refusal(desk, conversation).code == "conversation_closed"


def test_the_answer_says_how_often_and_how_long_the_route_can_still_be_used(desk: Desk, conversation: str) -> None:
    route = desk.answer(conversation)["route"]
    assert (route["remaining"], route["closes_at"]) == (WINDOW_SENDS - 1, "2027-01-15T09:00:00.000Z")


def test_a_closed_window_is_refused_with_the_route_before_anything_is_sent(desk: Desk, conversation: str) -> None:
    close_window(desk)
    refused = refusal(desk, conversation)
    assert (refused.status, refused.code) == (409, "window_closed")
    route = refused.members["route"]
    assert isinstance(route, dict)
    assert (route["identity_id"], route["can_reply"], route["reason"]) == (LOUNGE_ANN, False, "window_closed")


def test_a_window_that_is_used_up_is_closed(desk: Desk, conversation: str) -> None:
    for _ in range(WINDOW_SENDS):
        desk.answer(conversation)
    assert refusal(desk, conversation).code == "window_closed"


def test_a_message_of_more_pieces_than_the_window_has_left_is_refused_whole(desk: Desk, conversation: str) -> None:
    refused = refusal(desk, conversation, text="x" * (LONGEST * WINDOW_SENDS + 1))
    assert (refused.status, refused.code) == (409, "window_exceeded")
    route = refused.members["route"]
    assert isinstance(route, dict)
    assert route["remaining"] == WINDOW_SENDS
    fitting = desk.answer(conversation, text="x" * (LONGEST * WINDOW_SENDS), fallback="auto")["route"]
    assert (fitting["channel"], fitting["can_reply"]) == ("lounge", False)


def test_a_message_too_long_for_the_window_goes_to_the_fallback(desk: Desk, conversation: str) -> None:
    answer = desk.answer(conversation, text="x" * (LONGEST * WINDOW_SENDS + 1), fallback="auto")
    assert answer["route"]["channel"] == "letters"


@pytest.mark.parametrize("fallback", ["auto", ["letters"], ["pigeon", "letters"]])
def test_a_fallback_takes_over_when_the_window_is_closed(desk: Desk, conversation: str, fallback: Any) -> None:
    close_window(desk)
    assert desk.answer(conversation, fallback=fallback)["route"]["identity_id"] == LETTERS_ANN


def test_a_fallback_is_not_used_while_the_route_is_open(desk: Desk, conversation: str) -> None:
    assert desk.answer(conversation, fallback="auto")["route"]["channel"] == "lounge"


@pytest.mark.parametrize("fallback", [None, "none", [], ["pigeon"], ["lounge"]])
def test_without_an_open_fallback_the_refusal_is_about_the_first_route(
    desk: Desk, conversation: str, fallback: Any
) -> None:
    close_window(desk)
    refused = refusal(desk, conversation, fallback=fallback)
    assert refused.code == "window_closed"
    assert isinstance(refused.members["route"], dict)
    assert refused.members["route"]["identity_id"] == LOUNGE_ANN


@pytest.mark.parametrize("closed", [True, False])
def test_a_fallback_that_is_no_fallback_is_refused_whether_it_is_needed_or_not(
    desk: Desk, conversation: str, closed: bool
) -> None:
    if closed:
        close_window(desk)
    assert refusal(desk, conversation, fallback="automatic").code == "bad_fallback"


def test_a_customer_who_is_gone_is_not_written_to(desk: Desk) -> None:
    desk.write("ann")
    desk.write("ann", sender_status="inactive")
    refused = refusal(desk, desk.conversation("ann").conversation_id)
    assert (refused.code, refused.members["route"]) == (
        "route_closed",
        {
            "identity_id": LETTERS_ANN,
            "channel": "letters",
            "account": "main",
            "can_reply": False,
            "reason": "inactive",
        },
    )


def test_losses_are_recorded_on_the_message_and_in_the_answer(desk: Desk, conversation: str) -> None:
    parts = [*TEXT, {"type": "location", "latitude": 1, "longitude": 2}]
    answer = desk.answer(conversation, parts=parts)
    losses = [{"part": 1, "from": "location", "to": "text"}]
    assert answer["degradations"] == losses
    assert desk.entry(conversation, answer["sequence"]).data["message"]["degradations"] == losses


def test_a_reply_that_must_lose_nothing_is_refused_with_what_it_would_lose(desk: Desk, conversation: str) -> None:
    parts = [{"type": "link", "url": "https://example.com"}]
    refused = refusal(desk, conversation, parts=parts, degrade="refuse")
    assert (refused.status, refused.code) == (422, "would_degrade")
    assert refused.members["degradations"] == [{"part": 0, "from": "link", "to": "text"}]
    assert desk.answer(conversation, degrade="refuse")["degradations"] == []


def test_degrade_is_allow_or_refuse(desk: Desk, conversation: str) -> None:
    assert refusal(desk, conversation, degrade="maybe").code == "bad_degrade"
    assert desk.answer(conversation, degrade="allow")["status"] == "queued"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "bad_parts"),
        (TEXT * (MOST_PARTS + 1), "bad_parts"),
        ([{"type": "text"}], "bad_part"),
        ([{"text": "no type"}], "bad_part"),
        ([{"type": "text", "text": "x", "format": "rtf"}], "bad_part"),
        ([{"type": "hologram"}], "unknown_part_type"),
        ([{"type": "unsupported", "provider_type": "a", "reason": "b"}], "unknown_part_type"),
        ([{"type": "text", "text": " \n "}], "empty_message"),
        ([{"type": "text", "text": "x" * LARGEST_REPLY}], "message_too_large"),
        ([{"type": "image", "media": {"media_id": "../../secret"}}], "unknown_media"),
        ([{"type": "file", "media": {"media_id": "med_1"}}], "unknown_media"),
        ([{"type": "file", "media": {"media_id": ""}}], "unknown_media"),
    ],
)
def test_parts_that_cannot_be_sent_are_refused(
    desk: Desk, conversation: str, parts: list[dict[str, Any]], code: str
) -> None:
    refused = refusal(desk, conversation, parts=parts)
    assert (refused.status, refused.code) == (422, code)


def test_the_refusal_says_which_part_is_wrong(desk: Desk, conversation: str) -> None:
    assert "part 1" in refusal(desk, conversation, parts=[*TEXT, {"type": "text"}]).detail


def test_as_many_parts_as_are_allowed_are_taken(desk: Desk, conversation: str) -> None:
    assert desk.answer(conversation, parts=TEXT * MOST_PARTS)["status"] == "queued"


def test_files_that_an_agent_uploaded_are_fetched_like_any_other(desk: Desk, conversation: str) -> None:
    upload = media_id()
    parts = [{"type": "image", "media": {"media_id": upload}}, {"type": "file", "media": {"url": "https://a.example"}}]
    answer = desk.answer(conversation, parts=parts)
    entry = desk.entry(conversation, answer["sequence"])
    assert entry.media_sources == {upload: {"upload": f"uploads/_agents/{upload}"}}
    assert "media" in entry.tasks


@pytest.mark.parametrize("kind", ["agent", "bot", "system"])
def test_who_wrote_the_reply_is_its_origin(desk: Desk, conversation: str, kind: Any) -> None:
    answer = desk.answer(conversation, author=Author(type=kind, name="Kim"))
    entry = desk.entry(conversation, answer["sequence"])
    assert (entry.origin, entry.data["message"]["author"]) == (kind, {"type": kind, "name": "Kim"})


def test_nobody_writes_in_the_customers_name(desk: Desk, conversation: str) -> None:
    assert refusal(desk, conversation, author=Author(type="customer")).code == "bad_author"


def test_a_reply_is_pushed_to_the_other_live_routes_only(desk: Desk, conversation: str) -> None:
    assert desk.entry(conversation, desk.answer(conversation)["sequence"]).tasks == ("send",)
    by_letter = desk.answer(conversation, route=LETTERS_ANN)
    assert desk.entry(conversation, by_letter["sequence"]).tasks == ("send", "push")


def test_the_same_request_under_the_same_key_is_answered_the_same_and_written_once(
    desk: Desk, conversation: str
) -> None:
    first = desk.answer(conversation, key="k1")
    assert desk.answer(conversation, key="k1") == first
    assert desk.answer(conversation, key="k2")["sequence"] == first["sequence"] + 1


def test_the_same_key_for_another_request_is_refused(desk: Desk, conversation: str) -> None:
    desk.answer(conversation, key="k1")
    assert refusal(desk, conversation, text="another", key="k1").code == "idempotency_key_reused"


def test_the_same_key_of_another_api_key_is_another_call(desk: Desk, conversation: str) -> None:
    request = ReplyRequest(parts=[{"type": "text", "text": "answer"}])
    first = desk.reply(conversation, request, "key-1", "k1")
    assert desk.reply(conversation, request, "key-2", "k1")["sequence"] == first["sequence"] + 1


def test_a_repeat_is_answered_although_the_first_call_used_the_window_up(desk: Desk, conversation: str) -> None:
    desk.answer(conversation)
    first = desk.answer(conversation, key="k1")
    assert desk.answer(conversation, key="k1") == first
    assert refusal(desk, conversation, key="k2").code == "window_closed"
    assert refusal(desk, conversation, text="another", key="k1").code == "idempotency_key_reused"


def test_a_repeat_is_answered_although_the_conversation_was_closed_since(desk: Desk, conversation: str) -> None:
    first = desk.answer(conversation, key="k1")
    desk.change(conversation, ConversationChange(status="closed"))
    assert desk.answer(conversation, key="k1") == first


def test_a_lost_race_is_tried_again_from_the_new_state(desk: Desk, conversation: str) -> None:
    desk.store.races = TRIES - 1
    before = len(desk.store.logs[conversation])
    assert desk.answer(conversation)["sequence"] == before + 1
    assert len(desk.pauses) == TRIES - 1


def test_too_many_lost_races_are_the_callers_to_repeat(desk: Desk, conversation: str) -> None:
    desk.store.races = TRIES
    with pytest.raises(WriteConflict):
        desk.answer(conversation)
