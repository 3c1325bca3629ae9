"""Given a Chatwoot, when something happens in a conversation, then agents see it there, once, whatever Chatwoot has
lost or refuses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from shared.errors import DeliveryError
from shared.model.message import ReplyTo
from tests.support.desk_story import DeskStory, image
from tests.support.desks import StandIn, stand_in


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("chatwoot") as running:
        yield running


@pytest.fixture
def desk(provider: StandIn) -> Iterator[DeskStory]:
    yield DeskStory(provider)
    provider.act("fail", method="DELETE")


# --- contacts ------------------------------------------------------------------------------------------------------


def test_a_contact_has_our_id_and_what_the_customer_has_proven(desk: DeskStory) -> None:
    desk.known_by(email=f"{desk.customer.id}@Example.com", phone="+4930123456")
    desk.writes("hello")
    (contact,) = desk.people()
    assert (contact["name"], contact["emails"]) == ("Ann", [f"{desk.customer.id}@example.com"])
    assert contact["phone_number"] == "+4930123456"


def test_a_phone_number_that_chatwoot_would_refuse_is_left_out(desk: DeskStory) -> None:
    desk.known_by(phone="030 123456")
    desk.writes("hello")
    assert desk.people()[0]["phone_number"] is None


def test_an_address_that_another_contact_has_stays_with_them(provider: StandIn, desk: DeskStory) -> None:
    address = f"{uuid.uuid4()}@example.com"
    for each in (desk, other := DeskStory(provider)):
        each.known_by(email=address)
        each.writes("hello")
    assert [each.people()[0]["emails"] for each in (desk, other)] == [[address], []]


def test_a_contact_that_a_lost_call_has_made_is_found_again(desk: DeskStory) -> None:
    desk.provider.act("fail", {"path": "/contacts", "when": "after", "http_status": 502})
    message = desk.message("hello")
    with pytest.raises(DeliveryError, match="provider_error"):
        desk.happens("message.received", message=message)
    desk.happens("message.received", message=message)
    assert (len(desk.people()), desk.said()) == (1, ["hello"])


def test_a_forgotten_customer_is_deleted_with_everything(desk: DeskStory) -> None:
    desk.writes("hello")
    desk.happens("customer.erased", {"customer": {"id": desk.customer.id}})
    assert desk.people() == []
    assert desk.connected.memory.theirs("conversation", desk.conversation_id) is None


# --- what is lost there is made anew -------------------------------------------------------------------------------


def test_a_closed_conversation_is_told_of_nothing_that_chatwoot_has_lost(desk: DeskStory) -> None:
    desk.writes("hello")
    desk.provider.act("deletions", {"ticket": desk.ticket()["id"]})
    desk.status = "closed"
    desk.happens("conversation.closed", {"changes": {"status": "closed"}})
    assert desk.tickets() == []


# --- messages ------------------------------------------------------------------------------------------------------


def test_a_full_conversation_is_waited_for_alone(desk: DeskStory) -> None:
    desk.writes("first")
    crowded = '{"error":"Validation failed: Too many messages"}'
    desk.provider.act("fail", {"path": "/messages", "http_status": 422, "garbage": crowded})
    with pytest.raises(DeliveryError) as refused:
        desk.writes("one too many")
    assert (refused.value.error_class, refused.value.code, refused.value.retry_after) == (
        "retry",
        "conversation_full",
        60.0,
    )


def test_an_answer_quotes_what_it_answers(desk: DeskStory) -> None:
    first = desk.writes("Which one?")
    answer = desk.message("The green one", direction="outbound", origin="agent", author={"type": "agent"})
    answer.reply_to = ReplyTo(message_id=first.id)
    desk.happens("message.sent", message=answer)
    sent = [
        each for each in desk.provider.act("requests", method="GET")["items"] if "The green one" in each.get("body", "")
    ]
    assert f'"in_reply_to":{desk.connected.memory.theirs("message", first.id)}' in sent[-1]["body"]


def test_a_file_alone_is_a_message_without_text(desk: DeskStory) -> None:
    desk.writes("", image(desk.keeps_file()))
    assert (desk.said(), desk.files()) == ([""], ["cat.png"])


def test_a_file_that_chatwoot_refuses_is_named(desk: DeskStory) -> None:
    desk.writes("first")
    desk.provider.act("fail", {"path": "/messages", "http_status": 413})
    desk.writes("look", image(desk.keeps_file()))
    assert (desk.said()[-1], desk.files()) == ("look\n\n[cat.png: not taken by Chatwoot]", [])


def test_a_late_file_does_not_open_a_closed_conversation(desk: DeskStory) -> None:
    media_id = desk.keeps_file()
    message = desk.writes("look", image(media_id, "pending"))
    desk.status = "closed"
    desk.happens("conversation.closed", {"changes": {"status": "closed"}})
    stored = desk.message("look", image(media_id), id=message.id)
    desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": media_id}}, stored)
    assert (desk.ticket()["status"], desk.files(), desk.notes()) == ("closed", ["cat.png"], [""])


def test_a_message_that_was_taken_back_is_taken_back_there(desk: DeskStory) -> None:
    media_id = desk.keeps_file()
    message = desk.writes("a secret", image(media_id))
    gone = {"message_id": message.id, "message_sequence": 1, "deleted_at": "now", "media_ids": [media_id]}
    desk.happens("message.deleted", gone)
    assert (desk.said(), desk.files()) == (["This message was deleted"], [])


# --- what agents are told ------------------------------------------------------------------------------------------


def test_a_delivery_that_failed_is_a_mark_at_the_message(desk: DeskStory) -> None:
    sent = desk.answer("hello")
    desk.happens("message.sent", message=sent)
    data = {"message_id": sent.id, "sequence": 1, "status": "failed", "error": {"code": "x", "title": "It is blocked"}}
    desk.tell(desk.happens("message.status_changed", data, sent))
    (shown,) = [each for each in desk.ticket()["messages"] if each["public"]]
    assert (shown["status"], shown["error"]) == ("failed", "It is blocked")


def test_ticks_follow_the_customer_and_never_go_back(desk: DeskStory) -> None:
    sent = desk.message("hello", direction="outbound", origin="agent", author={"type": "agent"})
    desk.happens("message.sent", message=sent)
    for status in ("read", "delivered"):
        desk.happens("message.status_changed", {"message_id": sent.id, "sequence": 1, "status": status}, sent)
    assert [each["status"] for each in desk.ticket()["messages"]] == ["read"]
