"""Given a Chatwoot, when something happens in a conversation, then agents see it there, once, whatever Chatwoot has
lost or refuses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from shared.errors import DeliveryError
from shared.model.message import ReplyTo
from tests.support.desks import StandIn, stand_in
from tests.support.providers import PNG
from tests.unit.chatwoot.chatwoot_desk import ChatwootDesk, image


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("chatwoot") as running:
        yield running


@pytest.fixture
def desk(provider: StandIn) -> Iterator[ChatwootDesk]:
    yield ChatwootDesk(provider)
    provider.act("fail", method="DELETE")


@pytest.fixture
def media_id(desk: ChatwootDesk) -> str:
    """A file in our storage."""
    found = f"med_{uuid.uuid4()}"
    desk.connected.bucket.put(f"media/{found}", PNG, "image/png", "cat.png")
    return found


def routed(channel: str) -> dict[str, Any]:
    return {"identity_id": "idn_1", "channel": channel, "account": "main"}


# --- contacts ------------------------------------------------------------------------------------------------------


def test_a_contact_has_our_id_and_what_the_customer_has_proven(desk: ChatwootDesk) -> None:
    desk.known_by(email=f"{desk.customer.id}@Example.com", phone="+4930123456")
    desk.writes("hello")
    (contact,) = desk.contacts()
    assert (contact["name"], contact["email"]) == ("Ann", f"{desk.customer.id}@example.com")
    assert contact["phone_number"] == "+4930123456"


def test_what_nobody_has_proven_and_what_chatwoot_would_refuse_is_left_out(desk: ChatwootDesk) -> None:
    desk.known_by(email="ann@example.com", phone="030 123456")
    desk.customer.identities[0].verification = "none"
    desk.customer.name = "A" * 300
    desk.writes("hello")
    (contact,) = desk.contacts()
    assert (contact["email"], contact["phone_number"], len(contact["name"])) == (None, None, 255)


def test_an_address_that_another_contact_has_stays_with_them(provider: StandIn, desk: ChatwootDesk) -> None:
    address = f"{uuid.uuid4()}@example.com"
    for each in (desk, other := ChatwootDesk(provider)):
        each.known_by(email=address)
        each.writes("hello")
    assert [each.contacts()[0]["email"] for each in (desk, other)] == [address, None]


def test_a_contact_that_a_lost_call_has_made_is_found_again(desk: ChatwootDesk) -> None:
    desk.provider.act("fail", {"path": "/contacts", "when": "after", "http_status": 502})
    message = desk.message("hello")
    with pytest.raises(DeliveryError, match="provider_error"):
        desk.happens("message.received", message=message)
    desk.happens("message.received", message=message)
    assert (len(desk.contacts()), desk.said()) == (1, ["hello"])


def test_a_contact_follows_the_customer(desk: ChatwootDesk) -> None:
    desk.writes("hello")
    desk.customer.name = "Ann Lee"
    desk.happens("customer.updated")
    assert desk.contacts()[0]["name"] == "Ann Lee"


def test_a_forgotten_customer_is_deleted_with_everything(desk: ChatwootDesk) -> None:
    desk.writes("hello")
    desk.happens("customer.erased", {"customer": {"id": desk.customer.id}})
    assert desk.contacts() == []
    assert desk.connected.memory.theirs("conversation", desk.conversation_id) is None


# --- what is lost there is made anew -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["ticket", "contact"])
def test_what_agents_have_deleted_is_made_anew_for_the_next_message(desk: ChatwootDesk, what: str) -> None:
    desk.writes("before")
    ticket = desk.ticket()
    desk.provider.act("deletions", {what: ticket["id"] if what == "ticket" else ticket["contact"]})
    desk.writes("after")
    assert desk.said() == ["after"]
    assert len(desk.contacts()) == 1


def test_an_address_that_is_not_chatwoots_loses_nothing(desk: ChatwootDesk) -> None:
    desk.writes("before")
    desk.provider.act("fail", {"path": "/messages", "http_status": 404})
    message = desk.message("after")
    with pytest.raises(DeliveryError, match="no_such_address") as refused:
        desk.happens("message.received", message=message)
    assert refused.value.error_class == "retry"
    desk.happens("message.received", message=message)
    assert desk.said() == ["before", "after"]


def test_a_closed_conversation_is_told_of_nothing_that_chatwoot_has_lost(desk: ChatwootDesk) -> None:
    desk.writes("hello")
    desk.provider.act("deletions", {"ticket": desk.ticket()["id"]})
    desk.status = "closed"
    desk.happens("conversation.closed", {"changes": {"status": "closed"}})
    assert desk.tickets() == []


# --- messages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"http_status": 502}, {"garbage": True}, {"hang_seconds": 0.01}])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_message_whose_call_failed_is_there_once(desk: ChatwootDesk, when: str, fault: dict[str, Any]) -> None:
    desk.writes("first")
    for _ in range(25):
        desk.provider.act("replies", {"ticket": desk.ticket()["id"], "text": "meanwhile", "public": False})
    desk.provider.act("fail", {"path": "/messages", "when": when, **fault})
    message = desk.message("second")
    with suppress(DeliveryError):
        desk.happens("message.received", message=message)
    desk.happens("message.received", message=message)
    assert desk.said() == ["first", "second"]


def test_a_full_conversation_is_waited_for_alone(desk: ChatwootDesk) -> None:
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


def test_an_answer_quotes_what_it_answers(desk: ChatwootDesk) -> None:
    first = desk.writes("Which one?")
    answer = desk.message("The green one", direction="outbound", origin="agent", author={"type": "agent"})
    answer.reply_to = ReplyTo(message_id=first.id)
    desk.happens("message.sent", message=answer)
    sent = [
        each for each in desk.provider.act("requests", method="GET")["items"] if "The green one" in each.get("body", "")
    ]
    assert f'"in_reply_to":{desk.connected.memory.theirs("message", first.id)}' in sent[-1]["body"]


def test_files_go_with_the_text_or_follow_it_and_never_twice(desk: ChatwootDesk, media_id: str) -> None:
    there = image(media_id)
    pending = {**image(f"med_{uuid.uuid4()}", "pending", "late.png")}
    message = desk.writes("look", there, pending)
    assert desk.files() == ["cat.png"]
    late = pending["media"]["media_id"]
    desk.connected.bucket.put(f"media/{late}", PNG, "image/png", "late.png")
    stored = desk.message("look", there, image(late, "stored", "late.png"), id=message.id)
    for each in (media_id, late, late):
        desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": each}}, stored)
    assert desk.files() == ["cat.png", "late.png"]
    assert desk.said() == ["look", ""]


def test_a_message_that_is_only_a_file_waits_for_it(desk: ChatwootDesk, media_id: str) -> None:
    message = desk.message("", image(media_id, "pending"))
    desk.happens("message.received", message=message)
    assert desk.tickets() == []
    stored = desk.message("", image(media_id), id=message.id)
    desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": media_id}}, stored)
    assert (desk.said(), desk.files()) == ([""], ["cat.png"])


def test_a_file_that_nobody_will_ever_get_is_a_line(desk: ChatwootDesk) -> None:
    lost = f"med_{uuid.uuid4()}"
    message = desk.writes("look", image(lost, "expired"))
    desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": lost}}, message)
    assert desk.said() == ["look\n\n[cat.png: expired]"]


def test_a_file_that_chatwoot_refuses_is_named(desk: ChatwootDesk, media_id: str) -> None:
    desk.writes("first")
    desk.provider.act("fail", {"path": "/messages", "http_status": 413})
    desk.writes("look", image(media_id))
    assert (desk.said()[-1], desk.files()) == ("look\n\n[cat.png: not taken by Chatwoot]", [])


def test_a_late_file_does_not_open_a_closed_conversation(desk: ChatwootDesk, media_id: str) -> None:
    message = desk.writes("look", image(media_id, "pending"))
    desk.status = "closed"
    desk.happens("conversation.closed", {"changes": {"status": "closed"}})
    stored = desk.message("look", image(media_id), id=message.id)
    desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": media_id}}, stored)
    assert (desk.ticket()["status"], desk.files(), desk.notes()) == ("closed", ["cat.png"], [""])


def test_a_message_that_was_taken_back_is_taken_back_there(desk: ChatwootDesk, media_id: str) -> None:
    message = desk.writes("a secret", image(media_id))
    gone = {"message_id": message.id, "message_sequence": 1, "deleted_at": "now", "media_ids": [media_id]}
    desk.happens("message.deleted", gone)
    assert (desk.said(), desk.files()) == (["This message was deleted"], [])


# --- what agents are told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("conversation.channel_switched", {"to": routed("wechat"), "from": routed("webchat")}, "WeChat"),
        ("conversation.channel_switched", {"to": routed("telegram")}, "telegram"),
        ("identity.linked", {"identities": [routed("email")], "link": {"evidence": "code"}}, "email (main)"),
        ("identity.unlinked", {"link": {}}, "taken back"),
        ("message.edited", {"message_id": "msg_1", "text": "now this"}, "now this"),
        ("window.closing", {"route": routed("wechat"), "closes_at": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00Z"),
    ],
)
def test_agents_are_told_in_a_note_once(desk: ChatwootDesk, kind: str, data: dict[str, Any], words: str) -> None:
    desk.writes("hello")
    event = desk.happens(kind, data)
    desk.again(event)
    (note,) = desk.notes()
    assert words in note
    assert desk.said() == ["hello"]


def test_a_delivery_that_failed_is_a_note_and_a_mark_at_the_message(desk: ChatwootDesk) -> None:
    sent = desk.message("hello", direction="outbound", origin="bot", author={"type": "bot"})
    desk.happens("message.sent", message=sent)
    data = {"message_id": sent.id, "sequence": 1, "status": "failed", "error": {"code": "x", "title": "It is blocked"}}
    event = desk.happens("message.status_changed", data, sent)
    desk.again(event)
    assert desk.notes() == ["A message did not reach the customer by WeChat: It is blocked"]
    (shown,) = [each for each in desk.ticket()["messages"] if each["public"]]
    assert (shown["status"], shown["error"]) == ("failed", "It is blocked")


def test_ticks_follow_the_customer_and_never_go_back(desk: ChatwootDesk) -> None:
    sent = desk.message("hello", direction="outbound", origin="agent", author={"type": "agent"})
    desk.happens("message.sent", message=sent)
    for status in ("read", "delivered"):
        desk.happens("message.status_changed", {"message_id": sent.id, "sequence": 1, "status": status}, sent)
    assert [each["status"] for each in desk.ticket()["messages"]] == ["read"]


def test_a_conversation_that_goes_on_in_another_one_says_where(provider: StandIn, desk: ChatwootDesk) -> None:
    desk.writes("hello")
    other = ChatwootDesk(provider)
    other.writes("hello from elsewhere")
    desk.connected.memory.remember("conversation", other.conversation_id, other.ticket()["id"])
    desk.status = "closed"
    merged = {"customer_id": other.customer.id, "conversation_id": other.conversation_id}
    desk.happens("conversation.closed", {"changes": {}, "reason": "merged", "merged_into": merged})
    assert desk.notes() == [f"The customer goes on in another conversation: #{other.ticket()['id']}."]
    assert desk.ticket()["status"] == "closed"


def test_notes_are_in_the_language_of_the_account(provider: StandIn) -> None:
    desk = ChatwootDesk(provider, language="zh-CN")
    desk.writes("你好")
    desk.happens("conversation.channel_switched", {"to": routed("wechat")})
    assert desk.notes() == ["客户现在改用 微信 (main) 联系，回复将发往该渠道。"]
