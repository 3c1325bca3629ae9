"""Given a conversation in the table, when entries are appended, then each is written once, in order, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from shared.aws import keys
from shared.aws.log_writes import IDEMPOTENCY_HOURS, put_new
from shared.aws.reference_items import REFERENCE_DAYS
from shared.core.records import (
    AlreadyAnswered,
    AlreadyStored,
    Head,
    IdempotencyRecord,
    Located,
    NewEntry,
    Raced,
    Reference,
    RouteState,
    Window,
    Written,
)
from shared.errors import InfrastructureError
from tests.support.stores import START, Store

CONVERSATION = "conv_1"
REFERENCE = Reference("letters", "main", "provider-1")


def first_head(**more: Any) -> Head:
    values: dict[str, Any] = {"status": "open", "sequence": 1, "created_at": START, "updated_at": START, **more}
    return Head(conversation_id=CONVERSATION, customer_id="cus_1", **values)


def entry(text: str = "hello", **more: Any) -> NewEntry:
    values: dict[str, Any] = {"type": "message.received", "at": START, "data": {"message": {"text": text}}, **more}
    return NewEntry(**values)


def opened(store: Store) -> Head:
    """A conversation whose log has one entry."""
    head = first_head()
    empty = {**keys.head(CONVERSATION), "sequence": {"N": "0"}, "status": {"S": "pending"}}
    store.client.call("dynamodb", "TransactWriteItems", {"TransactItems": [put_new(store.table, empty)]})
    assert store.log.append(head, entry("first")) == Written(head)
    return head


def following(head: Head) -> Head:
    return replace(head, sequence=head.sequence + 1)


def test_a_head_and_an_entry_read_back_as_they_were_written(store: Store) -> None:
    head = opened(store)
    windows = {
        "message": Window(START + 0.25),
        "follow": Window(START, announced=True),
        "scan": Window(START + 1, sent_at=(START + 1.5, START + 2.25), before=1),
        "session": Window(START + 2, announced=True, sent_at=(START + 3,)),
    }
    route = RouteState("letters", "main", thread_id="thread", windows=windows, blocked="blocked")
    full = replace(
        head,
        sequence=2,
        updated_at=START + 1.5,
        routes={"idn_1": route, "idn_2": RouteState("lounge", "main")},
        active_identity="idn_1",
        tags=("vip", "late"),
        priority="high",
        assignee="kim",
    )
    rich = entry(
        message_id="msg_1",
        channel="letters",
        account="main",
        origin="customer",
        tasks=("push", "media"),
        media_sources={"med_1": {"id": "x"}},
        traceparent="00-trace",
        data={"message": {"text": '你好 \u0000 "quoted"'}},
    )

    store.log.append(full, rich)

    assert store.log.head(CONVERSATION) == full
    read = store.log.entry(CONVERSATION, 2)
    assert read is not None
    assert (read.sequence, read.conversation_id) == (2, CONVERSATION)
    assert all(getattr(read, name) == getattr(rich, name) for name in NewEntry.__slots__)


def test_the_sequence_of_entries_is_the_sequence_of_appends(store: Store) -> None:
    head = opened(store)
    for number in range(2, 6):
        head = following(head)
        store.log.append(head, entry(str(number)))

    log = store.whole_log(CONVERSATION)

    assert [each.sequence for each in log] == [1, 2, 3, 4, 5]
    assert [each.data["message"]["text"] for each in log] == ["first", "2", "3", "4", "5"]


@pytest.mark.parametrize("sequence", [1, 3, 7])
def test_an_append_that_is_not_exactly_one_ahead_is_a_lost_race_and_writes_nothing(store: Store, sequence: int) -> None:
    opened(store)
    before = store.items()

    outcome = store.log.append(first_head(sequence=sequence), entry("late"), reference=REFERENCE)

    assert outcome == Raced()
    assert store.items() == before


def test_a_provider_id_that_is_known_answers_with_the_first_place_and_writes_nothing(store: Store) -> None:
    head = following(opened(store))
    store.log.append(head, entry("once", message_id="msg_1"), reference=REFERENCE)
    before = store.items()

    again = store.log.append(following(head), entry("twice"), reference=REFERENCE)

    assert again == AlreadyStored(CONVERSATION, 2)
    assert store.items() == before
    assert store.log.find(REFERENCE) == Located(CONVERSATION, 2, "msg_1")


def test_a_duplicate_is_told_from_a_race_even_when_it_is_both(store: Store) -> None:
    head = following(opened(store))
    store.log.append(head, entry("once"), reference=REFERENCE)

    stale_duplicate = store.log.append(head, entry("twice"), reference=REFERENCE)

    assert stale_duplicate == AlreadyStored(CONVERSATION, 2)


@pytest.mark.parametrize(
    "other",
    [
        Reference("lounge", "main", "provider-1"),
        Reference("letters", "other", "provider-1"),
        Reference("letters", "main", "provider-2"),
    ],
)
def test_the_same_id_of_another_channel_or_account_is_another_message(store: Store, other: Reference) -> None:
    head = following(opened(store))
    store.log.append(head, entry("once"), reference=REFERENCE)

    assert isinstance(store.log.append(following(head), entry("other"), reference=other), Written)


def test_an_idempotency_key_answers_a_second_time_with_the_first_answer(store: Store) -> None:
    head = following(opened(store))
    record = IdempotencyRecord("key-1", "abc", "hash-1", {"message_id": "msg_1"})
    store.log.append(head, entry(), idempotency=record)
    before = store.items()

    again = store.log.append(
        following(head), entry(), idempotency=replace(record, request_hash="hash-2", response={"message_id": "msg_2"})
    )

    assert again == AlreadyAnswered("hash-1", {"message_id": "msg_1"})
    assert store.log.answered("key-1", "abc") == again
    assert store.log.answered("key-2", "abc") is None
    assert store.items() == before


def test_a_reference_and_an_idempotency_record_in_one_append_are_told_apart(store: Store) -> None:
    head = following(opened(store))
    record = IdempotencyRecord("key-1", "abc", "hash-1", {})
    store.log.append(head, entry(), reference=REFERENCE, idempotency=record)

    by_reference = store.log.append(
        following(head), entry(), reference=REFERENCE, idempotency=replace(record, key="new")
    )
    by_record = store.log.append(
        following(head), entry(), reference=replace(REFERENCE, provider_id="new"), idempotency=record
    )

    assert by_reference == AlreadyStored(CONVERSATION, 2)
    assert by_record == AlreadyAnswered("hash-1", {})


def test_references_and_idempotency_records_expire_and_log_entries_never_do(store: Store) -> None:
    head = following(opened(store))
    record = IdempotencyRecord("key-1", "abc", "hash-1", {})
    store.log.append(head, entry(), reference=REFERENCE, idempotency=record)

    expiries = {item["PK"]["S"][0]: item.get("ttl", {}).get("N") for item in store.items()}

    assert expiries == {
        "C": None,
        "X": str(int(START) + REFERENCE_DAYS * 86400),
        "K": str(int(START) + IDEMPOTENCY_HOURS * 3600),
    }


def test_everything_personal_of_an_entry_is_in_one_attribute(store: Store) -> None:
    head = following(opened(store))
    secret = "a personal word"

    store.log.append(head, entry(secret, message_id="msg_1", origin="customer"), reference=REFERENCE)

    holders = [(item["SK"]["S"], name) for item in store.items() for name in item if secret in json.dumps(item[name])]
    assert holders == [(keys.entry_sort(2), "data")]


def test_a_provider_id_does_not_show_in_any_key(store: Store) -> None:
    head = following(opened(store))
    store.log.append(head, entry(), reference=replace(REFERENCE, provider_id="o6_openid_of_a_person"))

    assert "o6_openid" not in json.dumps([[item["PK"], item["SK"]] for item in store.items()])


def test_an_entry_over_the_limit_of_an_item_is_an_error_and_not_a_race(real_store: Store) -> None:
    head = following(opened(real_store))

    with pytest.raises(InfrastructureError):
        real_store.log.append(head, entry("x" * 410_000))

    assert len(real_store.whole_log(CONVERSATION)) == 1


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.log.head("conv_none") is None
    assert store.log.entry("conv_none", 1) is None
    assert store.log.entries("conv_none", 0, 10) == []
    assert store.log.find(REFERENCE) is None
