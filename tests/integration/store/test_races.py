"""Given many writers at the same moment, when they write to one customer's conversation, then nothing is lost, doubled
or reordered.

On DynamoDB Local only: moto is not atomic across threads, so a race on it proves nothing either way.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from shared.aws.client import CallRecord
from shared.core.conversations import ConversationChange
from shared.core.messages import is_message, read_message
from shared.core.records import Head
from shared.errors import Unprocessable, WriteConflict
from tests.support.channels import text_message, webhook
from tests.support.stores import Store
from tests.support.threads import together

SCALE = int(os.environ.get("ONETHREAD_TEST_SCALE", "1"))
"""How many times the usual number of messages: the usual run takes seconds, one of 50 is as large as a busy day."""


def persistently[Result](act: Callable[[], Result]) -> Result:
    """As a queue would: what failed because too many wrote at once comes again."""
    while True:
        try:
            return act()
        except WriteConflict:
            continue


def say(store: Store, name: str, sender: str = "ada") -> Counter[str]:
    """One webhook with one message, whose id and text are ``name``."""
    return persistently(lambda: store.ingest(webhook(text_message(sender, name, name))))


def heads(store: Store) -> list[Head]:
    found = [store.log.head(item["PK"]["S"][2:]) for item in store.items() if item["SK"]["S"] == "HEAD"]
    return [head for head in found if head is not None]


def assert_gap_free(store: Store, head: Head) -> list[str]:
    """The texts of the conversation's messages, once it is proven that its log has no gap."""
    log = store.whole_log(head.conversation_id)
    assert [entry.sequence for entry in log] == list(range(1, head.sequence + 1))
    return [read_message(entry).text for entry in log if is_message(entry)]


def customers(store: Store) -> int:
    return sum(item["SK"]["S"] == "PROFILE" for item in store.items())


def test_racing_first_messages_of_one_sender_make_one_customer_and_one_conversation(real_store: Store) -> None:
    workers = [real_store.another() for _ in range(8)]

    outcomes = together([partial(say, worker, str(number)) for number, worker in enumerate(workers)])

    (head,) = heads(real_store)
    assert sum(outcomes, Counter()) == Counter(received=8, stored=8)
    assert customers(real_store) == 1
    assert sorted(assert_gap_free(real_store, head)) == [str(number) for number in range(8)]
    assert head.sequence == 9


def test_one_message_that_is_delivered_eight_times_at_once_is_stored_once(real_store: Store) -> None:
    workers = [real_store.another() for _ in range(8)]

    outcomes = together([partial(say, worker, "1") for worker in workers])

    (head,) = heads(real_store)
    assert sum(outcomes, Counter()) == Counter(received=8, stored=1, duplicate=7)
    assert assert_gap_free(real_store, head) == ["1"]


def test_ten_writers_and_an_agent_in_one_conversation_lose_nothing(real_store: Store) -> None:
    rounds = 40 * SCALE
    real_store.ingest(webhook(text_message("ada", "first", "first")))
    conversation_id = real_store.conversation_of("ada").conversation_id
    refused: list[str] = []

    def count(record: CallRecord) -> None:
        if record.status >= 300:
            refused.append(record.operation)

    def customer(number: int) -> None:
        worker = real_store.another()
        worker.client.on_call = count
        for turn in range(rounds):
            worker.ingest.start_batch()
            say(worker, f"{number}.{turn}")

    def agent() -> None:
        worker = real_store.another()
        for turn in range(rounds):
            persistently(partial(worker.answer, conversation_id, f"agent.{turn}"))

    writers: list[Callable[[], None]] = [agent, *(partial(customer, number) for number in range(10))]
    together(writers)

    (head,) = heads(real_store)
    texts = assert_gap_free(real_store, head)
    by_writer: dict[str, list[int]] = {}
    for text in texts[1:]:
        writer, turn = text.split(".")
        by_writer.setdefault(writer, []).append(int(turn))
    assert by_writer == {name: list(range(rounds)) for name in by_writer}
    assert len(by_writer) == 11
    assert len(refused) <= 5 * 10 * rounds


def test_a_hundred_calls_under_one_idempotency_key_write_one_reply_and_get_one_answer(real_store: Store) -> None:
    real_store.ingest(webhook(text_message("ada", "1")))
    conversation_id = real_store.conversation_of("ada").conversation_id
    workers = [real_store.another() for _ in range(100)]

    answers = together(
        [partial(persistently, partial(worker.answer, conversation_id, "once", key="k")) for worker in workers]
    )

    head = real_store.conversation_of("ada")
    assert assert_gap_free(real_store, head) == ["hello", "once"]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["sequence"] == 3

    with pytest.raises(Unprocessable) as refusal:
        real_store.answer(conversation_id, "something else", key="k")
    assert refusal.value.code == "idempotency_key_reused"


def test_racing_messages_after_a_conversation_was_closed_open_one_new_conversation(real_store: Store) -> None:
    real_store.ingest(webhook(text_message("ada", "first")))
    first = real_store.conversation_of("ada").conversation_id
    real_store.change(first, ConversationChange(status="closed"))
    workers = [real_store.another() for _ in range(8)]

    together([partial(say, worker, str(number)) for number, worker in enumerate(workers)])

    (second,) = [head for head in heads(real_store) if head.conversation_id != first]
    assert sorted(assert_gap_free(real_store, second)) == [str(number) for number in range(8)]


@pytest.mark.parametrize("attempt", range(3))
def test_opening_again_and_writing_at_the_same_moment_leave_one_open_conversation(
    real_store: Store, attempt: int
) -> None:
    real_store.ingest(webhook(text_message("ada", "first")))
    first = real_store.conversation_of("ada").conversation_id
    real_store.change(first, ConversationChange(status="closed"))
    customer, agent = real_store.another(), real_store.another()

    def reopen() -> str:
        try:
            return agent.change(first, ConversationChange(status="open")).status
        except Exception as error:
            return type(error).__name__

    together([reopen, lambda: str(say(customer, "2"))])

    assert sum(head.status != "closed" for head in heads(real_store)) == 1


def test_webhooks_delivered_up_to_four_times_in_random_order_are_stored_exactly_once(real_store: Store) -> None:
    chance = random.Random(1)
    groups: list[tuple[str, list[str], list[str]]] = []
    for sender in ("ada", "ben", "cleo", "dan"):
        names = [f"{sender}.{number}" for number in range(60 * SCALE)]
        deliveries = [name for name in names for _ in range(chance.randint(1, 4))]
        chance.shuffle(deliveries)
        groups.append((sender, names, deliveries))

    def worker(sender: str, deliveries: list[str]) -> Counter[str]:
        store = real_store.another()
        outcomes: Counter[str] = Counter()
        for position, name in enumerate(deliveries):
            if position % 10 == 0:
                store.ingest.start_batch()
            outcomes.update(say(store, name, sender))
        return outcomes

    outcomes = together([partial(worker, sender, deliveries) for sender, _, deliveries in groups])

    assert sum(outcomes, Counter())["stored"] == 240 * SCALE
    for sender, names, deliveries in groups:
        texts = assert_gap_free(real_store, real_store.conversation_of(sender))
        assert sorted(texts) == sorted(names)
        assert texts == list(dict.fromkeys(deliveries))
