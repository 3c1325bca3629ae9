"""Given a Zendesk, when something happens in a conversation, then agents see it there, once, whatever Zendesk has lost
or refuses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from shared.errors import DeliveryError
from tests.support.desks import StandIn, stand_in
from tests.support.providers import PNG
from tests.unit.zendesk.zendesk_desk import ZendeskDesk, image


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("zendesk") as running:
        yield running


@pytest.fixture
def desk(provider: StandIn) -> Iterator[ZendeskDesk]:
    yield ZendeskDesk(provider)
    provider.act("fail", method="DELETE")
    provider.act("requirement", {})


@pytest.fixture
def media_id(desk: ZendeskDesk) -> str:
    """A file in our storage."""
    found = f"med_{uuid.uuid4()}"
    desk.connected.bucket.put(f"media/{found}", PNG, "image/png", "cat.png")
    return found


@pytest.fixture
def address() -> str:
    return f"ann-{uuid.uuid4().hex}@example.com"


def routed(channel: str) -> dict[str, Any]:
    return {"identity_id": "idn_1", "channel": channel, "account": "main"}


def comments(desk: ZendeskDesk) -> list[tuple[str, bool]]:
    """What was said in public, and whether by the customer."""
    ticket = desk.ticket()
    return [(each["text"], each["author"] == ticket["contact"]) for each in ticket["messages"] if each["public"]]


# --- users ---------------------------------------------------------------------------------------------------------


def test_a_user_has_our_id_and_the_address_that_was_proven(desk: ZendeskDesk, address: str) -> None:
    desk.known_by(email=address)
    desk.writes("hello")
    (user,) = desk.users()
    assert (user["name"], user["emails"], user["role"]) == ("Ann", [address], "end-user")


def test_what_nobody_has_proven_is_left_out(desk: ZendeskDesk, address: str) -> None:
    desk.provider.act("contacts", {"name": "Somebody else", "email": address})
    desk.known_by(email=address)
    desk.customer.identities[0].verification = "none"
    desk.customer.name = "A" * 300
    desk.writes("hello")
    (user,) = desk.users()
    assert (user["emails"], len(user["name"])) == ([], 255)


def test_a_customer_without_a_name_has_one_there(desk: ZendeskDesk) -> None:
    desk.customer.name = None
    desk.writes("hello")
    assert desk.users()[0]["name"] == f"Customer {desk.customer.id[-6:]}"


def test_whoever_proves_an_address_that_is_known_there_is_that_user(desk: ZendeskDesk, address: str) -> None:
    known = desk.provider.act("contacts", {"name": "Ann of the shop", "email": address.upper()})["id"]
    desk.writes("hello")
    before = desk.ticket()["contact"]
    desk.known_by(email=address)
    linked = {"identities": [routed("email")], "link": {"evidence": "code"}}
    desk.again(desk.happens("identity.linked", linked))
    desk.writes("by mail now")
    assert before != desk.ticket()["contact"] == known
    assert [each["id"] for each in desk.users()] == [known]
    assert comments(desk) == [("hello", True), ("by mail now", True)]


def test_a_user_of_another_program_is_not_merged_into(desk: ZendeskDesk, address: str) -> None:
    person = {"name": "Ann", "email": address, "external_id": f"crm-{uuid.uuid4()}"}
    desk.provider.act("contacts", person)
    desk.known_by(email=address)
    desk.writes("hello")
    (user,) = desk.users()
    assert user["emails"] == []


def test_an_agents_address_stays_the_agents(desk: ZendeskDesk) -> None:
    desk.known_by(email="ada@zendesk.example")
    desk.provider.act("requests", method="DELETE")
    desk.writes("hello")
    (user,) = desk.users()
    assert (user["emails"], user["role"]) == ([], "end-user")
    asked = [each["path"] for each in desk.provider.act("requests", method="GET")["items"]]
    assert [path for path in asked if path.endswith("/merge.json")] == []


@pytest.mark.parametrize("path", ["/identities.json", "/merge.json", "/users/search.json"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_merge_that_is_broken_off_is_one_user_in_the_end(
    desk: ZendeskDesk, address: str, path: str, when: str
) -> None:
    known = desk.provider.act("contacts", {"name": "Ann of the shop", "email": address})["id"]
    desk.writes("hello")
    desk.known_by(email=address)
    desk.provider.act("fail", {"path": path, "when": when, "http_status": 502})
    with suppress(DeliveryError):
        desk.happens("customer.updated")
    desk.happens("customer.updated")
    desk.writes("again")
    assert [each["id"] for each in desk.users()] == [known]
    assert desk.said() == ["hello", "again"]


def test_a_user_follows_the_customer(desk: ZendeskDesk) -> None:
    desk.writes("hello")
    desk.customer.name = "Ann Lee"
    desk.happens("customer.updated")
    assert desk.users()[0]["name"] == "Ann Lee"


def test_a_customer_who_is_forgotten_is_deleted_once_all_tickets_are_closed(desk: ZendeskDesk) -> None:
    desk.writes("hello")
    erased = {"customer": {"id": desk.customer.id}}
    desk.happens("customer.erased", erased)
    assert "asked to be forgotten" in desk.notes()[0]
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "archived"})
    desk.happens("customer.erased", erased)
    assert desk.users() == []


# --- what is lost there is made anew -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["ticket", "contact"])
def test_what_agents_have_deleted_is_made_anew_for_the_next_message(desk: ZendeskDesk, what: str) -> None:
    desk.writes("before")
    ticket = desk.ticket()
    desk.provider.act("deletions", {what: ticket["id"] if what == "ticket" else ticket["contact"]})
    desk.writes("after")
    later = desk.tickets()[-1]
    assert [each["text"] for each in later["messages"]] == ["after"]
    assert len(desk.users()) == 1
    assert later["contact"] == desk.users()[0]["id"]


def test_a_closed_ticket_goes_on_in_one_follow_up(desk: ZendeskDesk) -> None:
    desk.writes("before")
    first = desk.ticket()
    desk.provider.act("statuses", {"ticket": first["id"], "status": "archived"})
    desk.writes("after")
    desk.writes("and on")
    _, later = desk.tickets()
    assert later["followup_of"] == first["id"]
    assert [each["text"] for each in later["messages"]] == ["after", "and on"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_follow_up_whose_call_failed_is_made_once(desk: ZendeskDesk, when: str) -> None:
    desk.writes("before")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "archived"})
    desk.provider.act("fail", {"path": "/tickets.json", "when": when, "http_status": 502})
    message = desk.message("after")
    with suppress(DeliveryError):
        desk.happens("message.received", message=message)
    desk.happens("message.received", message=message)
    first, later = desk.tickets()
    assert (later["followup_of"], [each["text"] for each in later["messages"]]) == (first["id"], ["after"])


def test_an_address_that_is_not_zendesks_loses_nothing(desk: ZendeskDesk) -> None:
    desk.writes("before")
    desk.provider.act("fail", {"path": f"/tickets/{desk.ticket()['id']}.json", "http_status": 404})
    message = desk.message("after")
    with pytest.raises(DeliveryError, match="no_such_address") as refused:
        desk.happens("message.received", message=message)
    assert refused.value.error_class == "retry"
    desk.happens("message.received", message=message)
    assert desk.said() == ["before", "after"]


# --- messages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"http_status": 502}, {"garbage": True}, {"hang_seconds": 0.01}])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_message_whose_call_failed_is_there_once(desk: ZendeskDesk, when: str, fault: dict[str, Any]) -> None:
    desk.writes("first")
    number = desk.ticket()["id"]
    desk.provider.act("fail", {"path": f"/tickets/{number}.json", "when": when, **fault})
    message = desk.message("second")
    with suppress(DeliveryError):
        desk.happens("message.received", message=message)
    for _ in range(120):
        desk.provider.act("replies", {"ticket": number, "text": "meanwhile", "public": False})
    desk.happens("message.received", message=message)
    assert desk.said() == ["first", "second"]


def test_a_ticket_is_made_with_a_key_that_is_the_same_for_the_same_content(desk: ZendeskDesk) -> None:
    message = desk.message("hello")
    for _ in range(2):
        desk.provider.act("fail", {"path": "/tickets.json", "when": "before", "http_status": 502, "times": 1})
        with suppress(DeliveryError):
            desk.happens("message.received", message=message)
    with suppress(DeliveryError):
        desk.happens("message.received", message=message)
    calls = desk.provider.act("requests", method="GET")["items"]
    keys = [each["headers"].get("idempotency-key") for each in calls if desk.conversation_id in each.get("body", "")]
    assert len(keys) > 1
    assert keys[0].startswith(f"{desk.conversation_id}:")
    assert len(set(keys)) == 1


def test_a_ticket_that_a_lost_call_has_made_is_found_when_its_key_is_forgotten(desk: ZendeskDesk) -> None:
    desk.provider.act("fail", {"path": "/tickets.json", "when": "after", "http_status": 502})
    message = desk.message("hello")
    with pytest.raises(DeliveryError, match="provider_error"):
        desk.happens("message.received", message=message)
    desk.provider.act("clock", {"advance_seconds": 7201})
    desk.happens("message.received", message=message)
    assert (len(desk.tickets()), desk.said()) == (1, ["hello"])


def test_a_conflict_is_waited_for(desk: ZendeskDesk) -> None:
    desk.writes("first")
    desk.provider.act("fail", {"path": f"/tickets/{desk.ticket()['id']}.json", "http_status": 409})
    with pytest.raises(DeliveryError) as refused:
        desk.writes("second")
    assert (refused.value.error_class, refused.value.code) == ("retry", "conflict")


def test_the_customers_words_are_the_requesters_and_answers_from_elsewhere_are_ours(desk: ZendeskDesk) -> None:
    desk.writes("Which one?")
    answer = desk.message("The green one", direction="outbound", origin="bot", author={"type": "bot"})
    desk.happens("message.sent", message=answer)
    assert comments(desk) == [("Which one?", True), ("The green one", False)]


def test_the_subject_is_that_of_the_mail_or_the_beginning_of_what_was_said(desk: ZendeskDesk) -> None:
    desk.writes("Hello,\nmy parcel " + "x" * 200)
    assert desk.ticket()["subject"].startswith("Hello, my parcel xxx")
    assert len(desk.ticket()["subject"]) == 121
    other = ZendeskDesk(desk.provider)
    other.writes("see below", email={"subject": "My invoice"})
    assert other.ticket()["subject"] == "My invoice"


def test_a_long_text_is_cut_to_what_zendesk_takes(desk: ZendeskDesk) -> None:
    desk.writes("包" * 40_000)
    assert desk.said() == ["包" * 20_000 + "…"]


def test_files_go_with_the_text_or_follow_it_and_never_twice(desk: ZendeskDesk, media_id: str) -> None:
    there = image(media_id)
    pending = image(f"med_{uuid.uuid4()}", "pending", "late.png")
    message = desk.writes("look", there, pending)
    assert desk.files() == ["cat.png"]
    late = pending["media"]["media_id"]
    desk.connected.bucket.put(f"media/{late}", PNG, "image/png", "late.png")
    stored = desk.message("look", there, image(late, "stored", "late.png"), id=message.id)
    for each in (media_id, late, late):
        desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": each}}, stored)
    assert desk.files() == ["cat.png", "late.png"]
    assert desk.said() == ["look", "late.png"]


def test_a_message_that_is_only_a_file_waits_for_it(desk: ZendeskDesk, media_id: str) -> None:
    message = desk.message("", image(media_id, "pending"))
    desk.happens("message.received", message=message)
    assert desk.tickets() == []
    stored = desk.message("", image(media_id), id=message.id)
    desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": media_id}}, stored)
    assert (desk.said(), desk.files()) == (["cat.png"], ["cat.png"])


def test_a_file_that_nobody_will_ever_get_is_a_line(desk: ZendeskDesk) -> None:
    lost = f"med_{uuid.uuid4()}"
    message = desk.writes("look", image(lost, "expired"))
    desk.happens("message.media_changed", {"sequence": 1, "media": {"media_id": lost}}, message)
    assert desk.said() == ["look\n\n[cat.png: expired]"]


def test_two_files_go_under_one_token_and_one_that_is_refused_is_named(desk: ZendeskDesk, media_id: str) -> None:
    others = [f"med_{uuid.uuid4()}" for _ in range(2)]
    for each in others:
        desk.connected.bucket.put(f"media/{each}", PNG, "image/png", each)
    desk.provider.act("fail", {"path": "/uploads.json", "http_status": 413})
    names = ("dog.png", "owl.png")
    rest = [image(each, "stored", name) for each, name in zip(others, names, strict=True)]
    desk.writes("look", image(media_id), *rest)
    assert (desk.said(), desk.files()) == (["look\n\n[cat.png: not taken by Zendesk]"], ["dog.png", "owl.png"])


# --- statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["closed", "pending", "hold"])
def test_a_ticket_is_opened_when_its_customer_goes_on(desk: ZendeskDesk, status: str) -> None:
    desk.writes("first")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": status})
    desk.writes("second")
    assert desk.ticket()["zendesk_status"] == "open"


def test_a_new_ticket_stays_new_for_agents_to_take(desk: ZendeskDesk) -> None:
    desk.writes("first")
    desk.writes("second")
    desk.happens("conversation.updated", {"changes": {"status": "open"}})
    assert desk.ticket()["zendesk_status"] == "new"


def test_a_ticket_on_hold_is_pending_enough(desk: ZendeskDesk) -> None:
    desk.writes("first")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "hold"})
    desk.status = "pending"
    desk.happens("conversation.updated", {"changes": {"status": "pending"}})
    assert desk.ticket()["zendesk_status"] == "hold"


def test_what_zendesk_asks_for_before_a_ticket_is_solved_is_told_and_holds_nothing_up(desk: ZendeskDesk) -> None:
    desk.writes("first")
    desk.provider.act("requirement", {"field": "Product"})
    desk.status = "closed"
    desk.again(desk.happens("conversation.closed", {"changes": {"status": "closed"}}))
    assert desk.notes() == ["This ticket could not be set to solved: Product: is required when solving a ticket"]
    assert desk.ticket()["zendesk_status"] == "new"


# --- what agents are told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("conversation.channel_switched", {"to": routed("wechat"), "from": routed("webchat")}, "WeChat"),
        ("conversation.channel_switched", {"to": routed("telegram")}, "telegram"),
        ("identity.linked", {"identities": [routed("email")], "link": {"evidence": "code"}}, "email (main)"),
        ("identity.unlinked", {"link": {}}, "taken back"),
        ("message.edited", {"message_id": "msg_1", "text": "now this"}, "now this"),
        ("message.deleted", {"message_id": "msg_1"}, "took a message back"),
        ("window.closing", {"route": routed("wechat"), "closes_at": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00Z"),
    ],
)
def test_agents_are_told_in_a_note_once(desk: ZendeskDesk, kind: str, data: dict[str, Any], words: str) -> None:
    desk.writes("hello")
    desk.provider.act("fail", {"path": f"/tickets/{desk.ticket()['id']}.json", "when": "after", "http_status": 502})
    with suppress(DeliveryError):
        desk.happens(kind, data)
    event = desk.happens(kind, data)
    desk.again(event)
    assert [words in note for note in desk.notes()] == [True, True]
    assert desk.said() == ["hello"]


def test_a_note_whose_call_failed_is_there_once(desk: ZendeskDesk) -> None:
    desk.writes("hello")
    event = desk.happens("identity.unlinked", {"link": {}})
    desk.connected.memory.pairs.pop(("note", event.event.id))
    desk.again(event)
    assert len(desk.notes()) == 1


def test_what_is_told_of_a_closed_ticket_is_told_to_nobody(desk: ZendeskDesk) -> None:
    desk.writes("hello")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "archived"})
    desk.happens("identity.unlinked", {"link": {}})
    assert desk.notes() == []


def test_a_delivery_that_failed_is_a_note(desk: ZendeskDesk) -> None:
    sent = desk.message("hello", direction="outbound", origin="bot", author={"type": "bot"})
    desk.happens("message.sent", message=sent)
    data = {"message_id": sent.id, "sequence": 1, "status": "failed", "error": {"code": "x", "title": "It is blocked"}}
    event = desk.happens("message.status_changed", data, sent)
    desk.again(event)
    assert desk.notes() == ["A message did not reach the customer by WeChat: It is blocked"]


def test_a_conversation_that_goes_on_in_another_one_says_where(provider: StandIn, desk: ZendeskDesk) -> None:
    desk.writes("hello")
    other = ZendeskDesk(provider)
    other.writes("hello from elsewhere")
    desk.connected.memory.remember("conversation", other.conversation_id, other.ticket()["id"])
    desk.status = "closed"
    merged = {"customer_id": other.customer.id, "conversation_id": other.conversation_id}
    desk.happens("conversation.closed", {"changes": {}, "reason": "merged", "merged_into": merged})
    assert desk.notes() == [f"The customer goes on in another ticket: #{other.ticket()['id']}."]
    assert desk.ticket()["status"] == "closed"


def test_notes_are_in_the_language_of_the_account(provider: StandIn) -> None:
    desk = ZendeskDesk(provider, language="zh-CN")
    desk.writes("你好")
    desk.happens("conversation.channel_switched", {"to": routed("wechat")})
    assert desk.notes() == ["客户现在改用 微信 (main) 联系，回复将发往该渠道。"]
