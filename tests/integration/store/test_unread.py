"""Given a reply that is to go on when it stays unread, when its time has come and the sender does its work, then the
customer has it on the next route as well, once."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.client import AwsClient
from shared.core.later import TryLater
from shared.core.messages import read_message
from shared.core.unread import FollowUnread
from shared.model.inbound import InboundReceipt
from tests.support.channels import text_message, webhook
from tests.support.engines import Engine
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import START, Clock, Store, store_on

REPLY = 4
UNREAD_AFTER = 600
EXAMPLES = 15


def replied(store: Store) -> str:
    """Entry 4 goes out by letter, and the customer can also be reached in the booth."""
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    store.add_route(conversation_id, "ada", "booth")
    store.answer(conversation_id, "welcome", fallback=["booth"], unread_after=UNREAD_AFTER)
    store.deliver(conversation_id, REPLY)
    return conversation_id


def look(store: Store, conversation_id: str) -> str | float:
    """What became of the message, or in how many seconds it is to be looked at again."""
    try:
        return FollowUnread(store.log, store.deliveries, store.clock)(conversation_id, REPLY)
    except TryLater as later:
        return later.delay


def read(store: Store) -> None:
    store.ingest(webhook(InboundReceipt(status="read", occurred_at=START, external_id="provider-1"), "letters"))


def accepted(store: Store) -> tuple[int, int]:
    """How often the message was taken by letter, and in the booth."""
    return len(store.channels["letters"].provider.accepted), len(store.channels["booth"].provider.accepted)


def test_an_unread_reply_reaches_the_customer_on_the_next_route_once(store: Store, clock: Clock) -> None:
    # given
    conversation_id = replied(store)
    early = look(store, conversation_id)
    clock.advance(UNREAD_AFTER)
    # when
    outcomes = [look(store, conversation_id) for _ in range(2)]
    for _ in range(2):
        store.another().deliver(conversation_id, REPLY)
    # then
    entry = store.log.entry(conversation_id, REPLY)
    assert entry is not None
    assert "timer" in entry.tasks
    assert (early, outcomes) == (UNREAD_AFTER, ["sent_on", "exhausted"])
    assert accepted(store) == (1, 1)
    assert [(each.channel, each.status, each.reason) for each in read_message(entry).attempts] == [
        ("letters", "sent", "unread"),
        ("booth", "sent", None),
    ]


def test_a_reply_that_was_read_goes_nowhere_else(store: Store, clock: Clock) -> None:
    conversation_id = replied(store)
    read(store)
    clock.advance(UNREAD_AFTER)

    assert look(store, conversation_id) == "read"
    store.deliver(conversation_id, REPLY)
    assert accepted(store) == (1, 0)


def test_a_customer_who_answers_instead_of_reading_is_left_alone(store: Store, clock: Clock) -> None:
    conversation_id = replied(store)
    store.ingest.start_batch()
    store.ingest(webhook(text_message("ada", "2")))
    clock.advance(UNREAD_AFTER)

    assert look(store, conversation_id) == "answered"
    store.deliver(conversation_id, REPLY)
    assert accepted(store) == (1, 0)


@pytest.fixture(scope="module")
def sent(dynamodb_local: Engine) -> tuple[Beginning, str]:
    with store_on(dynamodb_local, Clock()) as store:
        conversation_id = replied(store)
        return Beginning.of(store), conversation_id


def timer(store: Store, conversation_id: str, outcomes: list[str | float], client: AwsClient) -> None:
    outcomes.append(look(store.on(client), conversation_id))


def reader(store: Store, client: AwsClient) -> None:
    read(store.on(client))


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=st.lists(st.integers(0, 2), max_size=20))
def test_two_timers_and_a_receipt_at_once(
    dynamodb_local: Engine, sent: tuple[Beginning, str], turns: list[int]
) -> None:
    """Whoever asks first asks for all, and a receipt that comes before the sender has gone on is heard."""
    beginning, conversation_id = sent
    with beginning.again(dynamodb_local) as store:
        # given
        assert isinstance(store.clock, Clock)
        store.clock.now = START + UNREAD_AFTER
        outcomes: list[str | float] = []
        # when
        timers = [partial(timer, store, conversation_id, outcomes) for _ in range(2)]
        Schedule(turns).run(dynamodb_local.endpoint, [*timers, partial(reader, store)])
        for _ in range(2):
            store.deliver(conversation_id, REPLY)
        # then
        state = store.deliveries.state(conversation_id, REPLY)
        assert state is not None
        assert (state.status, state.leaving) == ("read", None)
        assert set(outcomes) <= {"sent_on", "exhausted", "read"}
        assert accepted(store) == (1, 0)
