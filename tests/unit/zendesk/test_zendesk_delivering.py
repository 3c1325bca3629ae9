"""Given a Zendesk, when something happens in a conversation, then agents see it there, once, whatever Zendesk has lost
or refuses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest

from shared.errors import DeliveryError
from tests.support.desk_story import DeskStory, image, routed
from tests.support.desks import StandIn, stand_in
from tests.support.providers import PNG


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("zendesk") as running:
        yield running


@pytest.fixture
def desk(provider: StandIn) -> Iterator[DeskStory]:
    yield DeskStory(provider)
    provider.act("fail", method="DELETE")
    provider.act("requirement", {})


@pytest.fixture
def address() -> str:
    return f"ann-{uuid.uuid4().hex}@example.com"


def comments(desk: DeskStory) -> list[tuple[str, bool]]:
    """What was said in public, and whether by the customer."""
    ticket = desk.ticket()
    return [(each["text"], each["author"] == ticket["contact"]) for each in ticket["messages"] if each["public"]]


# --- users ---------------------------------------------------------------------------------------------------------


def test_whoever_only_claims_an_address_is_not_the_user_who_has_it(desk: DeskStory, address: str) -> None:
    known = desk.provider.act("contacts", {"name": "Somebody else", "email": address})["id"]
    desk.known_by(email=address)
    desk.customer.identities[0].verification = "none"
    desk.writes("hello")
    assert desk.people()[0]["emails"] == []
    assert desk.ticket()["contact"] != known


def test_a_customer_without_a_name_has_one_there(desk: DeskStory) -> None:
    desk.customer.name = None
    desk.writes("hello")
    assert desk.people()[0]["name"] == f"Customer {desk.customer.id[-6:]}"


def test_whoever_proves_an_address_that_is_known_there_is_that_user(desk: DeskStory, address: str) -> None:
    known = desk.provider.act("contacts", {"name": "Ann of the shop", "email": address.upper()})["id"]
    desk.writes("hello")
    before = desk.ticket()["contact"]
    desk.known_by(email=address)
    linked = {"identities": [routed("email")], "link": {"evidence": "code"}}
    desk.tell(desk.happens("identity.linked", linked))
    desk.writes("by mail now")
    assert before != desk.ticket()["contact"] == known
    assert [each["id"] for each in desk.people()] == [known]
    assert comments(desk) == [("hello", True), ("by mail now", True)]


def test_a_user_of_another_program_is_not_merged_into(desk: DeskStory, address: str) -> None:
    person = {"name": "Ann", "email": address, "external_id": f"crm-{uuid.uuid4()}"}
    desk.provider.act("contacts", person)
    desk.known_by(email=address)
    desk.writes("hello")
    (user,) = desk.people()
    assert user["emails"] == []


def test_an_agents_address_stays_the_agents(desk: DeskStory) -> None:
    desk.known_by(email="ada@zendesk.example")
    desk.provider.act("requests", method="DELETE")
    desk.writes("hello")
    (user,) = desk.people()
    assert (user["emails"], user["role"]) == ([], "end-user")
    asked = [each["path"] for each in desk.provider.act("requests", method="GET")["items"]]
    assert [path for path in asked if path.endswith("/merge.json")] == []


@pytest.mark.parametrize("path", ["/identities.json", "/merge.json", "/users/search.json"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_merge_that_is_broken_off_is_one_user_in_the_end(desk: DeskStory, address: str, path: str, when: str) -> None:
    known = desk.provider.act("contacts", {"name": "Ann of the shop", "email": address})["id"]
    desk.writes("hello")
    desk.known_by(email=address)
    desk.provider.act("fail", {"path": path, "when": when, "http_status": 502})
    with suppress(DeliveryError):
        desk.happens("customer.updated")
    desk.happens("customer.updated")
    desk.writes("again")
    assert [each["id"] for each in desk.people()] == [known]
    assert desk.said() == ["hello", "again"]


def test_a_customer_who_is_forgotten_is_deleted_once_all_tickets_are_closed(desk: DeskStory) -> None:
    desk.writes("hello")
    erased = {"customer": {"id": desk.customer.id}}
    desk.happens("customer.erased", erased)
    assert "asked to be forgotten" in desk.notes()[0]
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "archived"})
    desk.happens("customer.erased", erased)
    assert desk.people() == []


# --- what is lost there is made anew -------------------------------------------------------------------------------


def test_a_closed_ticket_goes_on_in_one_follow_up(desk: DeskStory) -> None:
    desk.writes("before")
    first = desk.ticket()
    desk.provider.act("statuses", {"ticket": first["id"], "status": "archived"})
    desk.writes("after")
    desk.writes("and on")
    _, later = desk.tickets()
    assert later["followup_of"] == first["id"]
    assert [each["text"] for each in later["messages"]] == ["after", "and on"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_follow_up_whose_call_failed_is_made_once(desk: DeskStory, when: str) -> None:
    desk.writes("before")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "archived"})
    desk.provider.act("fail", {"path": "/tickets.json", "when": when, "http_status": 502})
    message = desk.message("after")
    with suppress(DeliveryError):
        desk.happens("message.received", message=message)
    desk.happens("message.received", message=message)
    first, later = desk.tickets()
    assert (later["followup_of"], [each["text"] for each in later["messages"]]) == (first["id"], ["after"])


# --- messages ------------------------------------------------------------------------------------------------------


def test_a_ticket_is_made_with_a_key_that_is_the_same_for_the_same_content(desk: DeskStory) -> None:
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


def test_a_ticket_that_a_lost_call_has_made_is_found_when_its_key_is_forgotten(desk: DeskStory) -> None:
    desk.provider.act("fail", {"path": "/tickets.json", "when": "after", "http_status": 502})
    message = desk.message("hello")
    with pytest.raises(DeliveryError, match="provider_error"):
        desk.happens("message.received", message=message)
    desk.provider.act("clock", {"advance_seconds": 7201})
    desk.happens("message.received", message=message)
    assert (len(desk.tickets()), desk.said()) == (1, ["hello"])


def test_a_conflict_is_waited_for(desk: DeskStory) -> None:
    desk.writes("first")
    desk.provider.act("fail", {"path": f"/tickets/{desk.ticket()['id']}.json", "http_status": 409})
    with pytest.raises(DeliveryError) as refused:
        desk.writes("second")
    assert (refused.value.error_class, refused.value.code) == ("retry", "conflict")


def test_the_customers_words_are_the_requesters_and_answers_from_elsewhere_are_ours(desk: DeskStory) -> None:
    desk.writes("Which one?")
    answer = desk.message("The green one", direction="outbound", origin="bot", author={"type": "bot"})
    desk.happens("message.sent", message=answer)
    assert comments(desk) == [("Which one?", True), ("The green one", False)]


def test_the_subject_is_that_of_the_mail_or_the_beginning_of_what_was_said(desk: DeskStory) -> None:
    desk.writes("Hello,\nmy parcel " + "x" * 200)
    assert desk.ticket()["subject"].startswith("Hello, my parcel xxx")
    assert len(desk.ticket()["subject"]) == 121
    other = DeskStory(desk.provider)
    other.writes("see below", email={"subject": "My invoice"})
    assert other.ticket()["subject"] == "My invoice"


def test_a_long_text_is_cut_to_what_zendesk_takes(desk: DeskStory) -> None:
    desk.writes("包" * 40_000)
    assert desk.said() == ["包" * 20_000 + "…"]


def test_a_file_alone_is_a_comment_that_names_it(desk: DeskStory) -> None:
    desk.writes("", image(desk.keeps_file()))
    assert (desk.said(), desk.files()) == (["cat.png"], ["cat.png"])


def test_two_files_go_under_one_token_and_one_that_is_refused_is_named(desk: DeskStory) -> None:
    others = [f"med_{uuid.uuid4()}" for _ in range(2)]
    for each in others:
        desk.connected.bucket.put(f"media/{each}", PNG, "image/png", each)
    desk.provider.act("fail", {"path": "/uploads.json", "http_status": 413})
    names = ("dog.png", "owl.png")
    rest = [image(each, "stored", name) for each, name in zip(others, names, strict=True)]
    desk.writes("look", image(desk.keeps_file()), *rest)
    assert (desk.said(), desk.files()) == (["look\n\n[cat.png: not taken by Zendesk]"], ["dog.png", "owl.png"])


# --- statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["closed", "pending", "hold"])
def test_a_ticket_is_opened_when_its_customer_goes_on(desk: DeskStory, status: str) -> None:
    desk.writes("first")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": status})
    desk.writes("second")
    assert desk.ticket()["zendesk_status"] == "open"


def test_a_new_ticket_stays_new_for_agents_to_take(desk: DeskStory) -> None:
    desk.writes("first")
    desk.writes("second")
    desk.happens("conversation.updated", {"changes": {"status": "open"}})
    assert desk.ticket()["zendesk_status"] == "new"


def test_a_ticket_on_hold_is_pending_enough(desk: DeskStory) -> None:
    desk.writes("first")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "hold"})
    desk.status = "pending"
    desk.happens("conversation.updated", {"changes": {"status": "pending"}})
    assert desk.ticket()["zendesk_status"] == "hold"


def test_what_zendesk_asks_for_before_a_ticket_is_solved_is_told_and_holds_nothing_up(desk: DeskStory) -> None:
    desk.writes("first")
    desk.provider.act("requirement", {"field": "Product"})
    desk.status = "closed"
    desk.tell(desk.happens("conversation.closed", {"changes": {"status": "closed"}}))
    assert desk.notes() == ["This ticket could not be set to solved: Product: is required when solving a ticket"]
    assert desk.ticket()["zendesk_status"] == "new"


# --- what agents are told ------------------------------------------------------------------------------------------


def test_agents_are_asked_to_redact_what_was_taken_back(desk: DeskStory) -> None:
    desk.writes("hello")
    desk.tell(desk.happens("message.deleted", {"message_id": "msg_1"}))
    (note,) = desk.notes()
    assert "took a message back" in note
    assert desk.said() == ["hello"]


def test_a_note_whose_call_failed_is_there_once(desk: DeskStory) -> None:
    desk.writes("hello")
    event = desk.happens("identity.unlinked", {"link": {}})
    desk.connected.memory.pairs.pop(("note", event.event.id))
    desk.tell(event)
    assert len(desk.notes()) == 1


def test_what_is_told_of_a_closed_ticket_is_told_to_nobody(desk: DeskStory) -> None:
    desk.writes("hello")
    desk.provider.act("statuses", {"ticket": desk.ticket()["id"], "status": "archived"})
    desk.happens("identity.unlinked", {"link": {}})
    assert desk.notes() == []
