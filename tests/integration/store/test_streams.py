"""Given the changes of a table, as its stream tells them, when they are published, then each conversation's events come
in order, under ids that never change, and what is nobody's business is not told.

On DynamoDB Local: its stream is the real engine's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest

from shared.aws.event_topic import SnsEventTopic
from shared.aws.media_entries import DynamoMediaEntries
from shared.aws.stream_records import publications
from shared.aws.topics import TopicEntry, Topics
from shared.core.conversations import ConversationChange
from shared.core.publishing import Publication
from shared.model.inbound import InboundMessage, InboundReceipt, MediaSource
from shared.model.media import Media
from shared.model.parts import FilePart
from tests.support.channels import sender, text_message, webhook
from tests.support.stores import START, Store
from tests.support.streams import stream_records

SOURCE = "onethread/test"


def lived(store: Store) -> str:
    """A conversation in which everything happens that the stream tells of."""
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    sequence = store.answer(conversation_id, "reply", key="k")["sequence"]
    store.deliver(conversation_id, sequence)
    for status in ("delivered", "sent", "read", "delivered"):
        store.deliveries.raise_status(conversation_id, sequence, "msg", status, START)
    message = InboundMessage(
        provider_id="2",
        sender=sender("ada"),
        occurred_at=START,
        parts=[FilePart(media=Media())],
        media=[MediaSource(index=0, reference={"id": "secret-reference"})],
    )
    store.ingest(webhook(message))
    entries = DynamoMediaEntries(store.client, store.table, store.log, store.clock)
    ((media_id, _, _),) = entries.media_sources(conversation_id, 4)[2]
    entries.record_media(conversation_id, 4, Media(media_id=media_id, state="stored", size=3), "secret-key")
    store.change(conversation_id, ConversationChange(status="closed"))
    return conversation_id


def published(records: list[dict[str, Any]]) -> list[Publication]:
    return [each for record in records for each in publications(record, SOURCE)]


def bodies(found: list[Publication]) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in found]


def test_a_conversations_life_is_told_in_order(streaming_store: Store) -> None:
    conversation_id = lived(streaming_store)

    events = bodies(published(stream_records(streaming_store)))

    assert [(event["type"], event.get("sequence")) for event in events] == [
        ("conversation.opened", 1),
        ("message.received", 2),
        ("message.sent", 3),
        ("message.status_changed", None),
        ("message.status_changed", None),
        ("message.status_changed", None),
        ("message.received", 4),
        ("message.media_changed", None),
        ("conversation.closed", 5),
    ]
    assert [event["data"]["status"] for event in events[3:6]] == ["sent", "delivered", "read"]
    assert [event["data"]["sequence"] for event in events[3:6]] == [3, 3, 3]
    assert {event["subject"] for event in events} == {conversation_id}
    assert [event["previous_sequence"] for event in events if "sequence" in event] == [0, 1, 2, 3, 4]
    assert len({event["id"] for event in events}) == len(events)


def test_an_event_shows_the_message_as_it_is_read_and_nothing_internal(streaming_store: Store) -> None:
    conversation_id = lived(streaming_store)

    found = published(stream_records(streaming_store))

    text = json.dumps(bodies(found))
    message = bodies(found)[2]["data"]["message"]
    assert (message["text"], message["conversation_id"], message["sequence"]) == ("reply", conversation_id, 3)
    assert "secret" not in text
    assert found[2].attributes == {"type": "message.sent", "channel": "letters", "origin": "agent", "tasks": ["send"]}


def test_reading_the_stream_again_gives_the_same_ids_and_bodies(streaming_store: Store) -> None:
    lived(streaming_store)

    assert published(stream_records(streaming_store)) == published(stream_records(streaming_store))


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_that_is_shuffled_and_doubled_still_tells_each_consumer_everything_once(
    streaming_store: Store, seed: int
) -> None:
    lived(streaming_store)
    records = stream_records(streaming_store)
    expected = published(records)
    chance = random.Random(seed)
    mixed = records * 2
    chance.shuffle(mixed)

    taken: dict[str, dict[str, Any]] = {}
    for event in bodies(published(mixed)):
        taken.setdefault(event["id"], event)

    assert taken == {event["id"]: event for event in bodies(expected)}
    sequences = sorted(event["sequence"] for event in taken.values() if "sequence" in event)
    assert sequences == [1, 2, 3, 4, 5]


def test_what_expires_and_what_is_cleaned_up_is_not_told(streaming_store: Store) -> None:
    lived(streaming_store)
    records = stream_records(streaming_store)
    for item in streaming_store.items():
        key = {"PK": item["PK"], "SK": item["SK"]}
        streaming_store.client.call("dynamodb", "DeleteItem", {"TableName": streaming_store.table, "Key": key})

    removals = stream_records(streaming_store)[len(records) :]

    assert len(removals) > 5
    assert published(removals) == []


def test_only_entries_receipts_and_media_are_told_of(streaming_store: Store) -> None:
    lived(streaming_store)

    telling = {
        record["dynamodb"]["Keys"]["SK"]["S"][:2] for record in stream_records(streaming_store) if published([record])
    }

    assert telling == {"E#"}


def test_an_entry_that_is_written_over_is_not_told_again(streaming_store: Store) -> None:
    lived(streaming_store)
    record = next(each for each in stream_records(streaming_store) if published([each]))
    changed = deepcopy(record)
    changed["eventName"] = "MODIFY"
    changed["dynamodb"]["OldImage"] = changed["dynamodb"]["NewImage"]

    assert published([changed]) == []


def test_a_receipt_that_only_repeats_what_was_told_is_silent(streaming_store: Store) -> None:
    streaming_store.ingest(webhook(text_message("ada", "1")))
    conversation_id = streaming_store.conversation_of("ada").conversation_id
    streaming_store.answer(conversation_id, "reply")
    streaming_store.deliver(conversation_id, 3)
    told = len(published(stream_records(streaming_store)))

    for _ in range(2):
        streaming_store.ingest(webhook(InboundReceipt(status="sent", occurred_at=START, external_id="provider-1")))
        streaming_store.deliver(conversation_id, 3)

    assert len(published(stream_records(streaming_store))) == told


def test_the_senders_own_notes_are_silent_after_a_receipt_as_well(streaming_store: Store) -> None:
    streaming_store.ingest(webhook(text_message("ada", "1")))
    conversation_id = streaming_store.conversation_of("ada").conversation_id
    streaming_store.answer(conversation_id, "reply")
    streaming_store.deliveries.raise_status(conversation_id, 3, "msg", "delivered", START)
    told = len(published(stream_records(streaming_store)))

    streaming_store.deliver(conversation_id, 3)

    assert len(published(stream_records(streaming_store))) == told


class RecordingTopics(Topics):
    """Takes everything except the ids in ``refusing``."""

    def __init__(self, store: Store, refusing: set[str]) -> None:
        super().__init__(store.client)
        self.refusing = refusing
        self.taken: list[str] = []
        self.calls = 0

    def publish_batch(self, topic_arn: str, entries: Sequence[TopicEntry]) -> list[str]:
        self.calls += 1
        groups = [entry.group_id for entry in entries]
        assert len(groups) == len(set(groups))
        refused = [entry.id for entry in entries if entry.id in self.refusing]
        self.taken += [entry.id for entry in entries if entry.id not in self.refusing]
        return refused


def test_events_of_many_conversations_share_calls_and_a_refused_one_holds_up_its_own_conversation_only(
    streaming_store: Store,
) -> None:
    senders = [f"sender-{number}" for number in range(6)]
    for turn in range(3):
        for name in senders:
            streaming_store.ingest(webhook(text_message(name, f"{name}-{turn}")))
    found = published(stream_records(streaming_store))
    stuck = streaming_store.conversation_of("sender-2").conversation_id
    topics = RecordingTopics(streaming_store, {f"{stuck}:2"})

    refused = SnsEventTopic(topics, "arn").publish(found)

    assert refused == {f"{stuck}:{sequence}" for sequence in (2, 3, 4)}
    assert topics.calls == 4
    by_conversation: dict[str, list[int]] = {}
    for event_id in topics.taken:
        conversation_id, _, sequence = event_id.rpartition(":")
        by_conversation.setdefault(conversation_id, []).append(int(sequence))
    assert by_conversation.pop(stuck) == [1]
    assert list(by_conversation.values()) == [[1, 2, 3, 4]] * 5
