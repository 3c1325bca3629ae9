"""Given a conversation, when something happens in it, then every helpdesk has it once whatever breaks."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from shared.core.conversations import ConversationChange
from shared.core.publishing import entry_event, media_event
from tests.contract.helpdesks.desk_acts import MEDIA, state_event, texts, ticket_of
from tests.support.desks import Connected, Mortal, StandIn
from tests.support.providers import PNG


def test_a_conversation_becomes_one_ticket_with_its_messages_in_order(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("first")
    connected.write('second with "quotes", {braces}, 中文 and\ntwo lines')
    connected.desk.answer(conversation, "an answer from elsewhere")
    connected.tell(conversation)
    shown = texts(ticket_of(provider, connected, conversation))
    assert len(shown) == 3
    for expected, text in zip(["first", "{braces}, 中文", "an answer from elsewhere"], shown, strict=True):
        assert expected in text


def test_what_is_delivered_twice_is_there_once(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    for _ in range(2):
        connected.told.clear()
        connected.tell(conversation)
    assert len(texts(ticket_of(provider, connected, conversation))) == 1


def test_two_conversations_have_two_tickets(provider: StandIn, connected: Connected) -> None:
    first, second = connected.write("from ann"), connected.write("from bob", sender="bob")
    connected.tell(first)
    connected.tell(second)
    tickets = [ticket_of(provider, connected, each) for each in (first, second)]
    assert tickets[0]["id"] != tickets[1]["id"]
    assert [len(texts(each)) for each in tickets] == [1, 1]


@pytest.mark.parametrize("takes_effect", [True, False], ids=["after", "before"])
def test_whoever_dies_at_any_step_leaves_one_ticket_and_one_message(
    provider: StandIn, connected: Connected, takes_effect: bool
) -> None:
    def story(life: Mortal) -> tuple[Connected, str]:
        fresh = Connected(provider.name, provider.account)
        fresh.life = life
        conversation = fresh.write("hello")
        fresh.write("and a second message")
        fresh.tell(conversation)
        return fresh, conversation

    undisturbed = Mortal()
    story(undisturbed)
    assert undisturbed.steps >= 4
    for step in range(1, undisturbed.steps + 1):
        before = {each["id"] for each in provider.act("tickets", method="GET")["items"]}
        fresh, conversation = story(Mortal(step, takes_effect))
        after = provider.act("tickets", method="GET")["items"]
        new = [each for each in after if each["id"] not in before]
        assert len(new) == 1, f"step {step}: {len(new)} tickets"
        assert len(texts(ticket_of(provider, fresh, conversation))) == 2, f"step {step}"


def test_closing_and_reopening_keep_step(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    connected.tell(conversation)
    for status in ("closed", "open"):
        connected.desk.change(conversation, ConversationChange(status=status))
        connected.tell(conversation)
        assert ticket_of(provider, connected, conversation)["status"] == status
        # Whoever died after the call comes again, and the helpdesk may refuse what is so already.
        assert connected.outcome(connected.desk.store.logs[conversation][-1]).verdict == "delivered"


def test_a_file_is_told_of_once_it_is_stored_and_once_only(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("a picture")
    entry = connected.desk.store.logs[conversation][-1]
    pending = {"type": "image", "media": {"media_id": MEDIA, "state": "pending", "filename": "cat.png"}}
    entry.data["message"]["parts"].append(pending)
    connected.tell(conversation)
    assert [each["files"] for each in ticket_of(provider, connected, conversation)["messages"]] == [[]]
    connected.bucket.put(f"media/{conversation}/{MEDIA}", PNG, "image/png", "cat.png")
    entry.media[MEDIA] = {"state": "stored", "mime_type": "image/png", "size": len(PNG), "key": f"media/{MEDIA}"}
    for _ in range(2):
        told = media_event(
            conversation_id=conversation,
            sequence=entry.sequence,
            media_id=MEDIA,
            media={"state": "stored", "mime_type": "image/png", "size": len(PNG)},
            at=connected.desk.clock(),
            source="onethread",
        )
        assert connected.deliver(told).verdict == "delivered"
    ticket = ticket_of(provider, connected, conversation)
    assert [name for each in ticket["messages"] for name in each["files"]] == ["cat.png"]


def test_an_agents_file_goes_with_the_message(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("please send the terms")
    connected.bucket.put(f"uploads/_agents/{MEDIA}", PNG, "image/png", None)
    media = {"media_id": MEDIA, "filename": "terms.png", "declared_mime_type": "image/png"}
    parts = [{"type": "text", "text": "here they are"}, {"type": "image", "media": media}]
    connected.desk.answer(conversation, parts=parts)
    entry = connected.desk.store.logs[conversation][-1]
    entry.media[MEDIA] = {"state": "stored", "mime_type": "image/png", "size": len(PNG)}
    connected.tell(conversation)
    ticket = ticket_of(provider, connected, conversation)
    assert [name for each in ticket["messages"] for name in each["files"]] == ["terms.png"]


def test_a_helpdesk_that_asks_for_time_is_given_it(provider: StandIn, connected: Connected) -> None:
    conversation = connected.write("hello")
    headers = {"Retry-After": "7"}
    provider.act("fail", {"path": _first_path(connected), "http_status": 429, "headers": headers})
    entry = connected.desk.store.logs[conversation][-1]
    outcomes = [connected.outcome(each) for each in connected.desk.store.logs[conversation]]
    refused = [each for each in outcomes if each.verdict != "delivered"]
    assert [(each.verdict, each.status, each.retry_after) for each in refused] == [("retry", 429, 7.0)]
    assert connected.outcome(entry).verdict == "delivered"


def _first_path(connected: Connected) -> str:
    """The path of the first call that a new conversation causes."""
    probe = Connected(connected.helpdesk, connected.account)
    probe.tell(probe.write("probe", sender="probe"))
    return urlsplit(probe.called[0]).path


@pytest.mark.parametrize("status", [500, 502, 503, 403, 404, 422])
def test_no_refusal_ever_loses_an_event(provider: StandIn, connected: Connected, status: int) -> None:
    conversation = connected.write("hello")
    provider.act("fail", {"path": _first_path(connected), "http_status": status})
    entries = connected.desk.store.logs[conversation]
    assert "retry" in [connected.outcome(each).verdict for each in entries]
    connected.tell(conversation)
    assert len(texts(ticket_of(provider, connected, conversation))) == 1


def test_every_event_that_it_asks_for_can_be_delivered(connected: Connected) -> None:
    conversation = connected.write("hello")
    connected.desk.answer(conversation, "hi")
    for status in ("closed", "open"):
        connected.desk.change(conversation, ConversationChange(status=status))
    connected.tell(conversation)
    entry = connected.desk.store.logs[conversation][-3]
    for kind in set(connected.adapter.types) - connected.types:
        event = state_event(kind, entry_event(entry, "onethread"), entry.sequence)
        assert connected.deliver(event).verdict == "delivered", kind
