"""Changing a conversation: each change is one entry, and a customer never has two open conversations."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from shared.core.changes import TRIES
from shared.core.conversations import ConversationChange, conversation_view
from shared.errors import Conflict, NotFound, WriteConflict
from tests.support.channels import CHANNELS
from tests.unit.core.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def conversation(desk: Desk) -> str:
    desk.write("ann")
    return desk.conversation("ann").conversation_id


@pytest.mark.parametrize(
    ("change", "kind", "changes"),
    [
        ({"status": "closed"}, "conversation.closed", {"status": "closed"}),
        ({"status": "pending"}, "conversation.updated", {"status": "pending"}),
        ({"assignee": "kim"}, "conversation.updated", {"assignee": "kim"}),
        ({"priority": "high", "tags": ["a", "b"]}, "conversation.updated", {"priority": "high", "tags": ("a", "b")}),
    ],
)
def test_a_change_is_one_entry_that_says_what_changed(
    desk: Desk, conversation: str, change: dict[str, Any], kind: str, changes: dict[str, Any]
) -> None:
    before = desk.store.heads[conversation]
    desk.clock.advance(5)
    head = desk.change(conversation, ConversationChange(**change))
    entry = desk.entry(conversation, before.sequence + 1)
    assert (entry.type, entry.data["changes"]) == (kind, changes)
    assert (head.sequence, head.updated_at) == (before.sequence + 1, before.updated_at + 5)
    assert desk.store.heads[conversation] == head


@pytest.mark.parametrize("change", [{}, {"status": "open"}, {"tags": []}, {"assignee": None, "priority": None}])
def test_a_change_to_what_is_already_so_leaves_no_entry(desk: Desk, conversation: str, change: dict[str, Any]) -> None:
    before = desk.store.heads[conversation]
    assert desk.change(conversation, ConversationChange(**change)) == before


def test_null_empties_and_absence_leaves_alone(desk: Desk, conversation: str) -> None:
    desk.change(conversation, ConversationChange(assignee="kim", priority="high"))
    head = desk.change(conversation, msgspec.json.decode(b'{"assignee": null}', type=ConversationChange))
    assert (head.assignee, head.priority) == (None, "high")


def test_tags_are_kept_once_and_in_order(desk: Desk, conversation: str) -> None:
    assert desk.change(conversation, ConversationChange(tags=["b", "a", "b"])).tags == ("b", "a")


def test_an_unknown_conversation_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.change("conv_nowhere", ConversationChange(status="closed"))


def test_a_customer_who_writes_after_the_close_gets_a_new_conversation(desk: Desk, conversation: str) -> None:
    desk.change(conversation, ConversationChange(status="closed"))
    desk.write("ann")
    assert desk.conversation("ann").conversation_id != conversation


@pytest.mark.parametrize("status", ["open", "pending"])
def test_the_latest_conversation_can_be_opened_again(desk: Desk, conversation: str, status: Any) -> None:
    desk.change(conversation, ConversationChange(status="closed"))
    assert desk.change(conversation, ConversationChange(status=status)).status == status
    desk.write("ann")
    assert desk.conversation("ann").conversation_id == conversation


@pytest.mark.parametrize("status", ["open", "pending"])
def test_an_earlier_conversation_stays_closed_while_there_is_a_later_one(
    desk: Desk, conversation: str, status: Any
) -> None:
    desk.change(conversation, ConversationChange(status="closed"))
    desk.write("ann")
    later = desk.conversation("ann").conversation_id
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            desk.change(conversation, ConversationChange(status=status))
        assert refused.value.code == "another_conversation_open"
        desk.change(later, ConversationChange(status="closed"))


def test_a_closed_conversation_can_still_be_tagged(desk: Desk, conversation: str) -> None:
    desk.change(conversation, ConversationChange(status="closed"))
    head = desk.change(conversation, ConversationChange(tags=["done"]))
    assert (head.status, head.tags) == ("closed", ("done",))


def test_a_lost_race_is_tried_again_a_few_times(desk: Desk, conversation: str) -> None:
    desk.store.races = TRIES - 1
    assert desk.change(conversation, ConversationChange(priority="high")).priority == "high"
    desk.store.races = TRIES
    with pytest.raises(WriteConflict):
        desk.change(conversation, ConversationChange(priority="low"))


def test_the_view_shows_the_routes_as_they_are_now(desk: Desk) -> None:
    desk.write("ann", channel="lounge")
    head = desk.conversation("ann", "lounge")
    view = conversation_view(head, CHANNELS.__getitem__, desk.clock())
    assert (view.id, view.status, view.sequence) == (head.conversation_id, "open", 2)
    assert [(route.channel, route.can_reply, route.remaining) for route in view.routes] == [("lounge", True, 2)]
    later = conversation_view(head, CHANNELS.__getitem__, desk.clock() + 3600)
    assert [route.reason for route in later.routes] == ["window_closed"]
