"""Given a conversation, then its tags and priority are Chatwoot's labels and priority, in both directions; and given an
agent who deletes an answer, then agents are told that it has gone out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.core.conversations import ConversationChange
from tests.support.desk_story import DeskStory
from tests.support.desks import Connected, StandIn, stand_in


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("chatwoot") as running:
        yield running


@pytest.fixture
def story(provider: StandIn) -> DeskStory:
    story = DeskStory(provider)
    story.writes("hello")
    return story


@pytest.fixture
def connected(provider: StandIn) -> Connected:
    provider.webhooks.clear()
    return Connected("chatwoot", provider.account)


@pytest.fixture
def conversation(connected: Connected) -> str:
    """A conversation that Chatwoot has."""
    found = connected.write("hello")
    connected.tell(found)
    return found


def tagged(story: DeskStory, *tags: str) -> list[str]:
    """The labels once the conversation has these tags."""
    story.tags = list(tags)
    story.happens("conversation.updated", {"changes": {"tags": list(tags)}})
    labels: list[str] = story.ticket()["labels"]
    return labels


def in_chatwoot(provider: StandIn, connected: Connected, conversation: str) -> dict[str, Any]:
    name = connected.memory.theirs("conversation", conversation)
    items: list[dict[str, Any]] = provider.act("tickets", method="GET")["items"]
    return next(each for each in items if each["id"] == name)


def carried_out(provider: StandIn, connected: Connected) -> list[str]:
    """What became of the webhooks so far."""
    requests, provider.webhooks[:] = list(provider.webhooks), []
    return [connected.act(envelope) for request in requests for envelope in connected.envelopes(request)]


def done(provider: StandIn, connected: Connected, action: str, **body: object) -> list[str]:
    """What becomes of what an agent does."""
    carried_out(provider, connected)
    provider.act(action, body)
    return carried_out(provider, connected)


# --- ours to theirs ------------------------------------------------------------------------------------------------


def test_tags_that_have_a_label_are_labels_and_go_when_they_go(story: DeskStory) -> None:
    assert tagged(story, "VIP", "parcel", "no label", "a,b", "unknown") == ["vip", "parcel"]
    assert tagged(story, "parcel") == ["parcel"]
    assert tagged(story) == []


def test_a_priority_that_chatwoot_has_is_the_priority_and_any_other_changes_nothing(story: DeskStory) -> None:
    seen = []
    for priority in ("Urgent", "p1", None):
        story.priority = priority
        story.happens("conversation.updated", {"changes": {"priority": priority}})
        seen.append(story.ticket()["priority"])
    assert seen == ["urgent", "urgent", None]


def test_a_change_of_the_status_touches_neither(story: DeskStory) -> None:
    story.provider.act("labels", {"ticket": story.ticket()["id"], "labels": ["vip"]})
    story.status = "closed"
    story.happens("conversation.closed", {"changes": {"status": "closed"}})
    assert (story.ticket()["labels"], story.ticket()["status"]) == (["vip"], "closed")


def test_a_change_that_closes_and_tags_does_both(story: DeskStory) -> None:
    story.status, story.tags = "closed", ["vip"]
    story.happens("conversation.closed", {"changes": {"status": "closed", "tags": ["vip"]}})
    assert (story.ticket()["labels"], story.ticket()["status"]) == (["vip"], "closed")


def test_a_conversation_that_chatwoot_has_lost_is_not_made_for_a_tag(provider: StandIn, story: DeskStory) -> None:
    provider.act("deletions", {"ticket": story.ticket()["id"]})
    story.tags = ["vip"]
    story.happens("conversation.updated", {"changes": {"tags": ["vip"], "priority": "low"}})
    assert story.tickets() == []


# --- theirs to ours ------------------------------------------------------------------------------------------------


def test_labels_come_and_go_here_and_tags_that_chatwoot_does_not_have_stay(
    provider: StandIn, connected: Connected, conversation: str
) -> None:
    connected.desk.change(conversation, ConversationChange(tags=["Parcel", "no label"]))
    connected.tell(conversation)
    carried_out(provider, connected)
    ticket = in_chatwoot(provider, connected, conversation)["id"]
    assert connected.desk.store.heads[conversation].tags == ("Parcel", "no label")
    done(provider, connected, "labels", ticket=ticket, labels=["parcel", "vip"])
    assert connected.desk.store.heads[conversation].tags == ("Parcel", "no label", "vip")
    done(provider, connected, "labels", ticket=ticket, labels=["vip"])
    assert connected.desk.store.heads[conversation].tags == ("no label", "vip")


def test_a_priority_comes_and_goes_here(provider: StandIn, connected: Connected, conversation: str) -> None:
    ticket = in_chatwoot(provider, connected, conversation)["id"]
    for priority in ("urgent", "low", None):
        done(provider, connected, "priorities", ticket=ticket, priority=priority)
        assert connected.desk.store.heads[conversation].priority == priority


def test_what_an_agent_changed_is_not_told_to_chatwoot_again(
    provider: StandIn, connected: Connected, conversation: str
) -> None:
    ticket = in_chatwoot(provider, connected, conversation)["id"]
    done(provider, connected, "labels", ticket=ticket, labels=["vip"])
    done(provider, connected, "priorities", ticket=ticket, priority="high")
    provider.act("requests", method="DELETE")
    connected.tell(conversation)
    assert provider.act("requests", method="GET")["items"] == []


def test_what_we_have_changed_comes_back_as_nothing_new(
    provider: StandIn, connected: Connected, conversation: str
) -> None:
    connected.desk.change(conversation, ConversationChange(tags=["vip"], priority="high"))
    connected.tell(conversation)
    before = len(connected.desk.store.logs[conversation])
    carried_out(provider, connected)
    assert in_chatwoot(provider, connected, conversation)["labels"] == ["vip"]
    assert len(connected.desk.store.logs[conversation]) == before


# --- answers that are deleted --------------------------------------------------------------------------------------


def test_agents_who_delete_an_answer_are_told_once_that_it_has_gone_out(
    provider: StandIn, connected: Connected, conversation: str
) -> None:
    ticket = in_chatwoot(provider, connected, conversation)["id"]
    carried_out(provider, connected)
    answer = provider.act("replies", {"ticket": ticket, "text": "An answer"})["id"]
    carried_out(provider, connected)
    provider.act("withdrawals", {"ticket": ticket, "message": answer})
    provider.webhooks[:] = provider.webhooks * 2
    assert carried_out(provider, connected) == ["explained", "explained"]
    messages = in_chatwoot(provider, connected, conversation)["messages"]
    (note,) = [each["text"] for each in messages if not each["public"]]
    assert "the customer still has it" in note
    assert connected.messages(conversation) == ["An answer"]


def test_what_never_went_out_is_deleted_without_a_word(
    provider: StandIn, connected: Connected, conversation: str
) -> None:
    ticket = in_chatwoot(provider, connected, conversation)["id"]
    note = provider.act("replies", {"ticket": ticket, "text": "a note", "public": False})["id"]
    unsent = provider.act("replies", {"ticket": ticket, "text": "never taken"})["id"]
    provider.webhooks.clear()
    for each in (note, unsent):
        provider.act("withdrawals", {"ticket": ticket, "message": each})
    assert carried_out(provider, connected) == ["unknown_message"]
