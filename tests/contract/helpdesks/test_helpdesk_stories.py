"""Given a helpdesk that hears of everything, when something happens to a customer or a message, then agents see it
there, once, whatever the helpdesk has lost or refuses. The generic adapter tells of messages, files and statuses alone,
and is none of these."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from connectors import registry
from shared.errors import DeliveryError
from tests.support.desk_story import DeskStory, image, routed
from tests.support.desks import StandIn, stand_in
from tests.support.providers import PNG

TELL_EVERYTHING = [name for name in registry.helpdesks() if "customer.updated" in registry.helpdesk(name).types]


@pytest.fixture(scope="module", params=TELL_EVERYTHING)
def provider(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with stand_in(request.param) as running:
        yield running


@pytest.fixture
def story(provider: StandIn) -> Iterator[DeskStory]:
    yield DeskStory(provider)
    provider.act("fail", method="DELETE")


@pytest.fixture
def place(story: DeskStory) -> str:
    """Given a conversation with two messages: where the next one goes."""
    story.writes("first")
    story.writes("second")
    return story.place()


def test_there_are_adapters_that_tell_everything() -> None:
    assert set(TELL_EVERYTHING) >= {"chatwoot", "zendesk"}


# --- people --------------------------------------------------------------------------------------------------------


def test_a_customer_is_there_once_under_our_id_with_what_was_proven(story: DeskStory) -> None:
    address = f"ann-{uuid.uuid4().hex}@example.com"
    story.known_by(email=address)
    story.writes("hello")
    (person,) = story.people()
    assert (person["name"], person["emails"]) == ("Ann", [address])
    assert story.ticket()["contact"] == person["id"]


def test_what_nobody_has_proven_is_left_out_and_a_long_name_is_cut(story: DeskStory) -> None:
    story.known_by(email=f"ann-{uuid.uuid4().hex}@example.com")
    story.customer.identities[0].verification = "none"
    story.customer.name = "A" * 300
    story.writes("hello")
    (person,) = story.people()
    assert (person["emails"], len(person["name"])) == ([], 255)


def test_a_person_follows_the_customer(story: DeskStory) -> None:
    story.writes("hello")
    story.customer.name = "Ann Lee"
    story.happens("customer.updated")
    assert story.people()[0]["name"] == "Ann Lee"


def test_what_a_link_has_proven_belongs_to_the_person_there(story: DeskStory) -> None:
    address = f"ann-{uuid.uuid4().hex}@example.com"
    story.writes("hello")
    story.known_by(email=address)
    story.happens("identity.linked", {"identities": [routed("email")], "link": {"evidence": "code"}})
    assert story.people()[0]["emails"] == [address]


@pytest.mark.parametrize("what", ["ticket", "contact"])
def test_what_agents_have_deleted_is_made_anew_for_the_next_message(story: DeskStory, what: str) -> None:
    story.writes("before")
    ticket = story.ticket()
    story.provider.act("deletions", {what: ticket["id"] if what == "ticket" else ticket["contact"]})
    story.writes("after")
    later = story.tickets()[-1]
    assert [each["text"] for each in later["messages"]] == ["after"]
    (person,) = story.people()
    assert later["contact"] == person["id"]


# --- messages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"http_status": 502}, {"garbage": True}, {"hang_seconds": 0.01}], ids=str)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_message_whose_call_failed_is_there_once_whatever_was_said_meanwhile(
    story: DeskStory, place: str, when: str, fault: dict[str, Any]
) -> None:
    story.fails(place, when, **fault)
    message = story.message("third")
    with suppress(DeliveryError):
        story.happens("message.received", message=message)
    ticket = story.ticket()["id"]
    for _ in range(story.provider.page + 5):
        story.provider.act("replies", {"ticket": ticket, "text": "meanwhile", "public": False})
    story.happens("message.received", message=message)
    assert story.said() == ["first", "second", "third"]


def test_an_address_that_is_not_the_helpdesks_loses_nothing(story: DeskStory, place: str) -> None:
    story.fails(place, http_status=404)
    message = story.message("third")
    with pytest.raises(DeliveryError, match="no_such_address") as refused:
        story.happens("message.received", message=message)
    assert refused.value.error_class == "retry"
    story.happens("message.received", message=message)
    assert story.said() == ["first", "second", "third"]


def test_files_go_with_the_text_or_follow_it_and_never_twice(story: DeskStory) -> None:
    first, late = story.keeps_file(), f"med_{uuid.uuid4()}"
    message = story.writes("look", image(first), image(late, "pending", "late.png"))
    assert story.files() == ["cat.png"]
    story.connected.bucket.put(f"media/{late}", PNG, "image/png", "late.png")
    stored = story.message("look", image(first), image(late, "stored", "late.png"), id=message.id)
    for each in (first, late, late):
        story.happens("message.media_changed", {"sequence": 1, "media": {"media_id": each}}, stored)
    assert story.files() == ["cat.png", "late.png"]
    assert story.said()[0] == "look"
    assert len(story.said()) == 2


def test_a_message_that_is_only_a_file_waits_for_it(story: DeskStory) -> None:
    media_id = story.keeps_file()
    message = story.message("", image(media_id, "pending"))
    story.happens("message.received", message=message)
    assert story.tickets() == []
    stored = story.message("", image(media_id), id=message.id)
    story.happens("message.media_changed", {"sequence": 1, "media": {"media_id": media_id}}, stored)
    assert (len(story.said()), story.files()) == (1, ["cat.png"])


def test_a_file_that_nobody_will_ever_get_is_a_line(story: DeskStory) -> None:
    lost = f"med_{uuid.uuid4()}"
    message = story.writes("look", image(lost, "expired"))
    story.happens("message.media_changed", {"sequence": 1, "media": {"media_id": lost}}, message)
    assert story.said() == ["look\n\n[cat.png: expired]"]


# --- what agents are told ------------------------------------------------------------------------------------------

TOLD = [
    ("conversation.channel_switched", {"to": routed("wechat"), "from": routed("webchat")}, "WeChat"),
    ("conversation.channel_switched", {"to": routed("telegram")}, "telegram"),
    ("identity.linked", {"identities": [routed("email")], "link": {"evidence": "code"}}, "email (main)"),
    ("identity.unlinked", {"link": {}}, "taken back"),
    ("message.edited", {"message_id": "msg_1", "text": "now this"}, "now this"),
    ("window.closing", {"route": routed("wechat"), "closes_at": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("kind", "data", "words"), TOLD)
def test_agents_are_told_in_a_note_once(
    story: DeskStory, place: str, kind: str, data: dict[str, Any], words: str
) -> None:
    event = story.event(kind, data)
    story.fails(place, "after")
    with suppress(DeliveryError):
        story.tell(event)
    for _ in range(2):
        story.tell(event)
    (note,) = story.notes()
    assert words in note
    assert story.said() == ["first", "second"]


def test_a_note_that_is_longer_than_the_helpdesk_takes_is_cut(story: DeskStory) -> None:
    story.writes("hello")
    story.happens("message.edited", {"message_id": "msg_1", "text": "now this" + "包" * 200_000})
    (note,) = story.notes()
    assert "now this包" in note
    assert note.endswith("…")


@pytest.mark.parametrize(("kind", "data", "words"), TOLD)
def test_where_there_is_no_ticket_nobody_is_told(story: DeskStory, kind: str, data: dict[str, Any], words: str) -> None:
    story.happens(kind, data)
    assert (story.tickets(), story.people()) == ([], [])


def test_a_delivery_that_failed_is_a_note(story: DeskStory) -> None:
    sent = story.answer("hello")
    story.happens("message.sent", message=sent)
    data = {"message_id": sent.id, "sequence": 1, "status": "failed", "error": {"code": "x", "title": "It is blocked"}}
    story.tell(story.happens("message.status_changed", data, sent))
    assert story.notes() == ["A message did not reach the customer by WeChat: It is blocked"]


def test_a_conversation_that_goes_on_in_another_one_says_where_and_is_closed(story: DeskStory) -> None:
    story.writes("hello")
    other = DeskStory(story.provider)
    other.writes("hello from elsewhere")
    story.connected.memory.remember("conversation", other.conversation_id, other.ticket()["id"])
    story.status = "closed"
    merged = {"customer_id": other.customer.id, "conversation_id": other.conversation_id}
    story.happens("conversation.closed", {"changes": {}, "reason": "merged", "merged_into": merged})
    (note,) = story.notes()
    where = re.escape(f"#{other.ticket()['id']}.")
    assert re.fullmatch(f"The customer goes on in another (conversation|ticket): {where}", note)
    assert story.ticket()["status"] == "closed"


def test_notes_are_in_the_language_of_the_account(provider: StandIn) -> None:
    story = DeskStory(provider, language="zh-CN")
    story.writes("你好")
    story.happens("conversation.channel_switched", {"to": routed("wechat")})
    assert story.notes() == ["客户现在改用 微信 (main) 联系，回复将发往该渠道。"]
