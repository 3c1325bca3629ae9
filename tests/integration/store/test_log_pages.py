"""Given a log with states beside its entries, when it is read page by page, then the pages are the log, and every state
is with its own entry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.head_items import entry_item
from shared.core.records import Entry, NewEntry
from tests.support.engines import Engine
from tests.support.stores import START, Clock, Store, store_on

LENGTH = 23
CONVERSATION = "conv_1"
OTHER = "conv_2"


def has_delivery(sequence: int) -> bool:
    return sequence % 3 == 0


def media_of(sequence: int) -> list[str]:
    """Runs without media, with one, and with more than a page of them."""
    return [f"med_{number}" for number in range({5: 1, 6: 2, 7: 12, 20: 9}.get(sequence, 0))]


def write_log(store: Store, conversation_id: str, *, length: int = LENGTH, padding: int = 0) -> None:
    items = []
    for sequence in range(1, length + 1):
        data = {"message": {"text": f"{conversation_id} {sequence}", "padding": "x" * padding}}
        items.append(entry_item(conversation_id, sequence, NewEntry(type="message.sent", at=START, data=data)))
        if has_delivery(sequence):
            key = keys.delivery(conversation_id, sequence)
            items.append({**key, **encode_item({"status": "sent", "rank": 2, "external_ids": [f"p{sequence}"]})})
        for media_id in media_of(sequence):
            key = keys.media(conversation_id, sequence, media_id)
            items.append({**key, **encode_item({"state": "stored", "size": sequence})})
    for start in range(0, len(items), 25):
        writes = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        store.client.call("dynamodb", "BatchWriteItem", {"RequestItems": {store.table: writes}})


def assert_whole(entry: Entry) -> None:
    sequence = entry.sequence
    assert entry.data["message"]["text"] == f"{entry.conversation_id} {sequence}"
    assert (entry.delivery is not None) == has_delivery(sequence)
    if entry.delivery is not None:
        assert entry.delivery.external_ids == (f"p{sequence}",)
    assert sorted(entry.media) == sorted(media_of(sequence))
    assert all(state["size"] == sequence for state in entry.media.values())


@pytest.fixture(scope="module")
def written_store(dynamodb_local: Engine) -> Iterator[Store]:
    """A log that tests only read."""
    with store_on(dynamodb_local, Clock()) as store:
        write_log(store, CONVERSATION)
        yield store


def test_pages_of_every_size_join_to_the_whole_log_with_the_states_in_place(store: Store) -> None:
    write_log(store, CONVERSATION)
    write_log(store, OTHER)

    for limit in range(1, LENGTH + 3):
        read: list[Entry] = []
        while page := store.log.entries(CONVERSATION, read[-1].sequence if read else 0, limit):
            assert len(page) <= limit
            assert len(page) == limit or page[-1].sequence == LENGTH
            read += page
        assert [entry.sequence for entry in read] == list(range(1, LENGTH + 1))
        for entry in read:
            assert_whole(entry)


def test_each_entry_is_read_alone_with_its_states(store: Store) -> None:
    write_log(store, CONVERSATION)

    for sequence in range(1, LENGTH + 1):
        entry = store.log.entry(CONVERSATION, sequence)
        assert entry is not None
        assert entry.sequence == sequence
        assert_whole(entry)
    assert store.log.entry(CONVERSATION, LENGTH + 1) is None
    assert store.log.entry(CONVERSATION, 0) is None


@pytest.mark.parametrize("limit", [1, 4, LENGTH, 100])
@pytest.mark.parametrize("up_to", [1, 3, 7, LENGTH, LENGTH + 5])
def test_recent_entries_come_newest_first_and_never_from_beyond_the_place(
    written_store: Store, up_to: int, limit: int
) -> None:
    recent = written_store.log.recent(CONVERSATION, up_to, limit)

    last = min(up_to, LENGTH)
    first = max(up_to - limit, 0) + 1
    assert [entry.sequence for entry in recent] == list(range(last, first - 1, -1))
    for entry in recent:
        assert_whole(entry)


def test_a_page_that_the_database_cuts_at_a_megabyte_is_read_on(real_store: Store) -> None:
    write_log(real_store, CONVERSATION, padding=60_000)

    whole = real_store.log.entries(CONVERSATION, 0, 100)

    assert [entry.sequence for entry in whole] == list(range(1, LENGTH + 1))
    for entry in whole:
        assert_whole(entry)


def test_states_without_an_entry_are_nobodys(store: Store) -> None:
    write_log(store, CONVERSATION, length=2)
    for sequence in (0, 2, 9):
        store.deliveries.raise_status(CONVERSATION, sequence, "msg", "sent", START)

    log = store.log.entries(CONVERSATION, 0, 10)

    assert [(entry.sequence, entry.delivery is not None) for entry in log] == [(1, False), (2, True)]
