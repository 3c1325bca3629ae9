"""Given conversations in the inbox, when they are listed, then the most recently active come first and each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.aws import keys
from shared.core.conversations import ConversationChange
from shared.core.records import Head, NewEntry
from shared.model.conversation import ConversationStatus
from tests.support.channels import text_message, webhook
from tests.support.stores import Clock, Store


def write(store: Store, sender: str) -> Head:
    store.ingest.start_batch()
    store.ingest(webhook(text_message(sender, f"{sender}-{store.clock()}")))
    return store.conversation_of(sender)


def names(store: Store, heads: list[Head]) -> list[str]:
    return [head.conversation_id for head in heads]


def listed(store: Store, status: str | None, limit: int) -> list[str]:
    """All pages, joined."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page, cursor = store.log.conversations(status, cursor, limit)
        assert len(page) <= limit
        found += [head.conversation_id for head in page]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_pages_of_every_size_join_to_the_whole_inbox_most_recently_active_first(
    store: Store, clock: Clock, limit: int
) -> None:
    heads = []
    for sender in ("ada", "ben", "cleo", "dan", "eve"):
        heads.append(write(store, sender))
        clock.advance(61)
    write(store, "ben")

    expected = [heads[index].conversation_id for index in (1, 4, 3, 2, 0)]
    assert listed(store, "open", limit) == expected
    assert listed(store, None, limit) == expected


def test_conversations_of_one_minute_are_all_listed(store: Store, clock: Clock) -> None:
    expected = set()
    for number in range(6):
        expected.add(write(store, f"sender-{number}").conversation_id)
        clock.advance(1)

    found = listed(store, None, 2)

    assert len(found) == 6
    assert set(found) == expected


def test_a_page_is_ordered_by_the_second_within_a_minute(store: Store, clock: Clock) -> None:
    heads = []
    for number in range(4):
        heads.append(write(store, f"sender-{number}"))
        clock.advance(1)
    write(store, "sender-1")

    page, _ = store.log.conversations("open", None, 10)

    assert [head.conversation_id for head in page] == [heads[index].conversation_id for index in (1, 3, 2, 0)]


def test_a_change_of_status_moves_a_conversation_to_another_list(store: Store, clock: Clock) -> None:
    ada, ben = write(store, "ada"), write(store, "ben")

    clock.advance(120)
    store.change(ada.conversation_id, ConversationChange(status="closed"))

    assert listed(store, "open", 10) == [ben.conversation_id]
    assert listed(store, "closed", 10) == [ada.conversation_id]
    assert listed(store, "pending", 10) == []
    assert listed(store, None, 10) == [ada.conversation_id, ben.conversation_id]


def test_a_conversation_that_nobody_waits_for_is_pending(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1", wants_answer=False)))
    conversation_id = store.conversation_of("ada").conversation_id

    assert listed(store, "pending", 10) == [conversation_id]

    store.ingest(webhook(text_message("ada", "2")))

    assert listed(store, "pending", 10) == []
    assert listed(store, "open", 10) == [conversation_id]


def test_a_busy_conversation_keeps_its_place_for_a_minute_so_that_the_index_is_not_written(
    store: Store, clock: Clock
) -> None:
    def place() -> tuple[str, str]:
        head = next(item for item in store.items() if item["SK"]["S"] == "HEAD")
        return head["GSI1PK"]["S"], head["GSI1SK"]["S"]

    write(store, "ada")
    first = place()
    clock.advance(30)
    write(store, "ada")
    assert place() == first

    clock.advance(31)
    write(store, "ada")
    assert place() != first


@pytest.mark.parametrize("status", ["open", "pending", "closed"])
def test_only_heads_are_in_the_inbox(store: Store, status: ConversationStatus) -> None:
    head = write(store, "ada")
    following = replace(head, sequence=head.sequence + 1, status=status)
    store.log.append(following, NewEntry(type="conversation.updated", at=store.clock(), data={}))

    indexed = [item for item in store.items() if "GSI1PK" in item]

    assert [item["SK"]["S"] for item in indexed] == ["HEAD"]
    assert indexed[0]["GSI1PK"]["S"] == keys.inbox(status, 0.0, "")["GSI1PK"]["S"]


def test_more_conversations_than_one_batch_can_fetch_are_listed(real_store: Store) -> None:
    for number in range(103):
        write(real_store, f"sender-{number}")

    page, cursor = real_store.log.conversations("open", None, 110)

    assert len({head.conversation_id for head in page}) == 103
    assert cursor is None
