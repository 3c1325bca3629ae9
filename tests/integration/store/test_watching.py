"""Given conversations in the index of those that somebody has to look at, when they are looked at, then each window is
announced by one entry, whoever else is writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws import keys
from shared.aws.client import AwsClient
from shared.aws.due_conversations import DynamoDueConversations
from shared.core.changes import Change, apply_change
from shared.core.records import Entry, Head, NewEntry
from shared.core.watching import WindowWatch
from shared.core.windows import used
from tests.support.channels import CHANNELS, WINDOW_SECONDS, text_message, webhook
from tests.support.clients import Killed, MortalClient
from tests.support.engines import Engine
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import START, Clock, Store, store_on

EXAMPLES = 15
LEAD = WINDOW_SECONDS / 4
DUE_AT = START + WINDOW_SECONDS - LEAD


def write(store: Store, sender: str = "ada", name: str = "1") -> Head:
    """A customer's message in the lounge, where a reply is possible for an hour."""
    store.ingest.start_batch()
    store.ingest(webhook(text_message(sender, f"{sender}-{name}", occurred_at=store.clock()), "lounge"))
    return store.conversation_of(sender, "lounge")


def answer(store: Store, conversation_id: str) -> None:
    """A reply, as far as the window and the customer's waiting are concerned."""

    def prepare(head: Head) -> Change:
        routes = {
            name: used(route, CHANNELS["lounge"].windows, 1, store.clock()) for name, route in head.routes.items()
        }
        following = replace(
            head, sequence=head.sequence + 1, updated_at=store.clock(), routes=routes, waiting_since=None
        )
        return Change(following, NewEntry(type="message.sent", at=store.clock(), data={}))

    apply_change(store.log, conversation_id, prepare, store.sleep)


def due(store: Store) -> DynamoDueConversations:
    return DynamoDueConversations(store.client, store.table, store.log)


def watch_on(store: Store) -> WindowWatch:
    return WindowWatch(
        store.log, due(store), lambda channel: CHANNELS[channel].windows, store.clock, lambda seconds: None
    )


def sweep(store: Store) -> int:
    watch = watch_on(store)
    return sum(watch(conversation_id) for conversation_id in watch.due())


def announced(store: Store, conversation_id: str) -> list[Entry]:
    return [entry for entry in store.whole_log(conversation_id) if entry.type == "window.closing"]


def place(store: Store) -> tuple[str, str] | None:
    """Where the one conversation is in the index."""
    head = next(item for item in store.items() if item["SK"]["S"] == "HEAD")
    return (head["GSI2PK"]["S"], head["GSI2SK"]["S"]) if "GSI2PK" in head else None


def test_a_window_that_is_about_to_shut_is_announced_once(store: Store, clock: Clock) -> None:
    conversation_id = write(store).conversation_id
    clock.now = DUE_AT - 1
    early = sweep(store)
    clock.now = DUE_AT

    assert (early, sweep(store), sweep(store)) == (0, 1, 0)
    (entry,) = announced(store, conversation_id)
    assert entry.data["route"]["remaining"] == 2
    assert store.log.head(conversation_id) == replace(
        store.conversation_of("ada", "lounge"), due_at=None, sequence=entry.sequence
    )
    assert place(store) is None


def test_an_answered_conversation_costs_its_reading_and_no_writing(store: Store, clock: Clock) -> None:
    conversation_id = write(store).conversation_id
    answer(store, conversation_id)
    before = store.items()
    clock.now = DUE_AT

    assert sweep(store) == 0
    assert store.items() == before


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_every_size_join_to_the_whole_hour(store: Store, limit: int) -> None:
    expected = {write(store, f"sender-{number}").conversation_id for number in range(5)}

    found: list[str] = []
    after: str | None = None
    while True:
        heads, after = due(store).due(DUE_AT, after, limit)
        assert len(heads) <= limit
        found += [head.conversation_id for head in heads]
        if after is None:
            break

    assert len(found) == 5
    assert set(found) == expected


def test_an_hour_holds_its_own_conversations_alone(store: Store) -> None:
    write(store)

    assert due(store).due(DUE_AT - 3600, None, 10) == ([], None)
    assert due(store).due(DUE_AT + 3600, None, 10) == ([], None)
    assert len(due(store).due(DUE_AT, None, 10)[0]) == 1


def test_a_conversation_is_moved_to_a_later_hour_without_an_entry(store: Store) -> None:
    head = write(store)

    due(store).look_again(head, DUE_AT + 7200)

    moved = store.log.head(head.conversation_id)
    assert moved == replace(head, due_at=DUE_AT + 7200)
    assert place(store) == (keys.due_hour(DUE_AT + 7200), head.conversation_id)
    assert due(store).due(DUE_AT, None, 10) == ([], None)


def test_a_conversation_that_was_written_to_meanwhile_is_not_moved(store: Store, clock: Clock) -> None:
    before = write(store)
    clock.advance(60)
    after = write(store, name="2")

    due(store).look_again(before, DUE_AT + 7200)

    assert store.log.head(before.conversation_id) == after


def test_whoever_writes_all_the_time_moves_in_the_index_once_an_hour(store: Store, clock: Clock) -> None:
    places = set()
    for number in range(12):
        write(store, name=str(number))
        places.add(place(store))
        clock.advance(300)

    assert len(places) == 2


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_sweep_that_dies_anywhere_is_made_good_by_the_next(
    real_store: Store, dynamodb_local: Engine, clock: Clock, at: int, carried_out: bool
) -> None:
    # given
    conversation_id = write(real_store).conversation_id
    clock.now = DUE_AT
    # when
    with pytest.raises(Killed):
        sweep(real_store.on(MortalClient(dynamodb_local.endpoint, at, carried_out=carried_out)))
    sweep(real_store)
    # then
    assert len(announced(real_store, conversation_id)) == 1


@pytest.fixture(scope="module")
def waiting(dynamodb_local: Engine) -> tuple[Beginning, str]:
    """A customer who waits, and whose window is about to shut."""
    with store_on(dynamodb_local, Clock()) as store:
        conversation_id = write(store).conversation_id
        return Beginning.of(store), conversation_id


def sweeper(store: Store, client: AwsClient) -> None:
    sweep(store.on(client))


def customer(store: Store, client: AwsClient) -> None:
    write(store.on(client), name="2")


def agent(store: Store, conversation_id: str, client: AwsClient) -> None:
    answer(store.on(client), conversation_id)


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=st.lists(st.integers(0, 3), max_size=30), writers=st.sets(st.sampled_from(["agent", "customer"])))
def test_sweeps_a_reply_and_a_message_at_once(
    dynamodb_local: Engine, waiting: tuple[Beginning, str], turns: list[int], writers: set[str]
) -> None:
    """A window is announced at most once, while its customer waits; and if nobody writes, then once."""
    beginning, conversation_id = waiting
    with beginning.again(dynamodb_local) as store:
        # given
        store.sleep = lambda seconds: None
        assert isinstance(store.clock, Clock)
        store.clock.now = DUE_AT
        others: dict[str, Callable[[AwsClient], object]] = {
            "agent": partial(agent, store, conversation_id),
            "customer": partial(customer, store),
        }
        # when
        Schedule(turns).run(
            dynamodb_local.endpoint,
            [partial(sweeper, store), partial(sweeper, store), *(others[name] for name in sorted(writers))],
        )
        # then
        log = store.whole_log(conversation_id)
        said = [entry.sequence for entry in log if entry.type == "window.closing"]
        ended = [entry.sequence for entry in log if entry.type.startswith("message.") and entry.sequence > 2]
        assert [entry.sequence for entry in log] == list(range(1, len(log) + 1))
        assert len(said) <= 1
        assert all(sequence < min(ended, default=len(log) + 1) for sequence in said)
        assert said or writers
        # and a customer who wrote again is told of in time, or was answered
        store.clock.now = DUE_AT + WINDOW_SECONDS - LEAD
        again = sweep(store)
        last = max((entry.sequence, entry.type) for entry in log if entry.type.startswith("message."))[1]
        assert again == int("customer" in writers and last == "message.received")
