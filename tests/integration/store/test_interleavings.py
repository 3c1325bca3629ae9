"""Given several writers in one conversation, when their calls are interleaved in any way and their work comes twice,
then the log has no gap and every message that was accepted is in it once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.client import AwsClient
from shared.core.conversations import ConversationChange
from shared.core.messages import is_message, read_message
from shared.errors import Conflict, NotFound, WriteConflict
from shared.model.conversation import ConversationStatus
from tests.support.channels import text_message, webhook
from tests.support.engines import Engine
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import Clock, Store, store_on

EXAMPLES = 15
NEXT_STATUS: dict[str, ConversationStatus] = {"open": "closed", "pending": "closed", "closed": "open"}


@pytest.fixture(scope="module")
def written(dynamodb_local: Engine) -> tuple[Beginning, str]:
    """A conversation with one message in it."""
    with store_on(dynamodb_local, Clock()) as store:
        store.ingest(webhook(text_message("ada", "first", "first")))
        return Beginning.of(store), store.conversation_of("ada").conversation_id


def customer(store: Store, names: list[str], client: AwsClient) -> None:
    """Sends a message for each name, and each webhook comes twice."""
    worker = store.on(client)
    for name in [name for name in names for _ in range(2)]:
        for _ in range(20):
            worker.ingest.start_batch()
            try:
                worker.ingest(webhook(text_message("ada", name, name)))
            except WriteConflict:
                continue
            break


def agent(store: Store, conversation_id: str, accepted: list[str], client: AwsClient) -> None:
    """Replies twice, each time repeating the call under its key."""
    worker = store.on(client)
    for name in ("reply 1", "reply 1", "reply 2", "reply 2"):
        try:
            worker.answer(conversation_id, name, key=name)
        except (Conflict, WriteConflict, NotFound):
            continue
        accepted.append(name)


def supervisor(store: Store, conversation_id: str, client: AwsClient) -> None:
    """Closes the conversation and opens it again, as often as that is possible."""
    worker = store.on(client)
    for _ in range(3):
        head = worker.log.head(conversation_id)
        assert head is not None
        try:
            worker.change(conversation_id, ConversationChange(status=NEXT_STATUS[head.status]))
        except (Conflict, WriteConflict):
            continue


def logs(store: Store) -> Iterator[list[str]]:
    """The texts of each conversation, once it is proven that its log has no gap."""
    for item in store.items():
        if item["SK"]["S"] == "HEAD":
            conversation_id, last = item["PK"]["S"][2:], int(item["sequence"]["N"])
            log = store.whole_log(conversation_id)
            assert [entry.sequence for entry in log] == list(range(1, last + 1))
            yield [read_message(entry).text for entry in log if is_message(entry)]


def open_conversations(store: Store) -> int:
    return sum(item["status"]["S"] != "closed" for item in store.items() if item["SK"]["S"] == "HEAD")


TURNS = st.lists(st.integers(0, 3), max_size=40)


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS)
def test_customers_and_an_agent_in_one_conversation(
    dynamodb_local: Engine, written: tuple[Beginning, str], turns: list[int]
) -> None:
    beginning, conversation_id = written
    with beginning.again(dynamodb_local) as store:
        store.sleep = lambda seconds: None
        accepted: list[str] = []

        Schedule(turns).run(
            dynamodb_local.endpoint,
            [
                partial(customer, store, ["a1", "a2"]),
                partial(customer, store, ["b1", "b2"]),
                partial(agent, store, conversation_id, accepted),
            ],
        )

        (texts,) = logs(store)
        assert sorted(texts) == sorted(["first", "a1", "a2", "b1", "b2", *set(accepted)])
        assert [text for text in texts if text.startswith("a")] == ["a1", "a2"]
        assert [text for text in texts if text.startswith("b")] == ["b1", "b2"]
        assert len(accepted) == 4


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS)
def test_a_conversation_that_is_closed_and_opened_while_it_is_written_to(
    dynamodb_local: Engine, written: tuple[Beginning, str], turns: list[int]
) -> None:
    beginning, conversation_id = written
    with beginning.again(dynamodb_local) as store:
        store.sleep = lambda seconds: None
        accepted: list[str] = []

        Schedule(turns).run(
            dynamodb_local.endpoint,
            [
                partial(customer, store, ["a1", "a2"]),
                partial(supervisor, store, conversation_id),
                partial(agent, store, conversation_id, accepted),
                partial(customer, store, ["b1"]),
            ],
        )

        every_text = [text for texts in logs(store) for text in texts]
        assert sorted(every_text) == sorted(["first", "a1", "a2", "b1", *set(accepted)])
        assert open_conversations(store) <= 1


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS)
def test_first_messages_of_one_sender_and_their_duplicates(dynamodb_local: Engine, turns: list[int]) -> None:
    with store_on(dynamodb_local, Clock()) as store:
        store.sleep = lambda seconds: None

        Schedule(turns).run(
            dynamodb_local.endpoint,
            [
                partial(customer, store, ["a1"]),
                partial(customer, store, ["a1", "b1"]),
                partial(customer, store, ["c1"]),
            ],
        )

        (texts,) = logs(store)
        assert sorted(texts) == ["a1", "b1", "c1"]
