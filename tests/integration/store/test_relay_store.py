"""Given subscriptions, lanes, health and attempts, when they are written and read, then they are found as they were,
each with the fewest calls, and whoever writes second is told so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws import keys
from shared.aws.active_conversations import DynamoActiveConversations
from shared.aws.attempts import KEEP_SECONDS, DynamoAttempts
from shared.aws.lanes import DynamoLanes
from shared.aws.skips import DynamoSkips
from shared.aws.subscriptions import DynamoSubscriptions
from shared.core.conversations import ConversationChange
from shared.core.relay.records import (
    Attempt,
    Health,
    HelpdeskName,
    Lane,
    Outcome,
    SecretVersion,
    Skipped,
    Subscription,
)
from shared.core.relay.storage import Situation
from tests.support.channels import text_message, webhook
from tests.support.stores import START, Clock, Store

PLAIN = Subscription(id="sub_1", created_at=START, url="https://desk.example/hook")
FULL = Subscription(
    id="sub_2",
    created_at=START + 0.125,
    helpdesk=HelpdeskName("generic", "main"),
    types=("message.received", "message.sent"),
    channels=("wechat",),
    status="paused",
    reason="failing",
    status_since=START + 60.25,
    signing="ed25519",
    secrets=(SecretVersion(1, until=START + 86_400), SecretVersion(2)),
    description="客服",
    metadata={"team": "一", "level": 1.0, "nested": {"empty": [], "nothing": None}},
)
FAILING = Health(
    failing_since=START + 1.5,
    recent=(START + 1.5, START + 2.25),
    open_since=START + 3,
    probe_at=START + 33.3,
    last_success_at=START - 1,
    last_failure={"code": "timeout", "at": START + 2.25},
    version=1,
)
LANE = Lane(
    subscription_id="sub_1",
    conversation_id="conv_1",
    cursor=7,
    owed=(3, 5),
    told=("conv_1:3:sent",),
    failures=2,
    failing_since=START,
    next_at=START + 30.5,
    pending=True,
    last={"event_id": "conv_1:7", "at": START, "status": 200},
)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The operations that are called inside."""
    calls: list[str] = []
    store.client.on_call = lambda record: calls.append(record.operation)
    try:
        yield calls
    finally:
        store.client.on_call = None


# --- subscriptions ---------------------------------------------------------------------------------------------------


def subscriptions(store: Store) -> DynamoSubscriptions:
    return DynamoSubscriptions(store.client, store.table)


def test_subscriptions_are_read_as_they_were_written_in_the_order_of_their_creation(store: Store) -> None:
    for each in (FULL, PLAIN):
        subscriptions(store).create(each)

    assert subscriptions(store).all() == [PLAIN, FULL]
    assert [subscriptions(store).get(each.id) for each in (PLAIN, FULL)] == [PLAIN, FULL]
    assert subscriptions(store).get("sub_nobody") is None


def test_all_subscriptions_cost_one_call(store: Store) -> None:
    for number in range(30):
        subscriptions(store).create(replace(PLAIN, id=f"sub_{number}"))

    with counted(store) as calls:
        assert len(subscriptions(store).all()) == 30
    assert calls == ["Query"]


def test_of_two_changes_of_the_same_subscription_one_is_refused(store: Store) -> None:
    subscriptions(store).create(FULL)
    first, second = replace(FULL, status="active", reason=None), replace(FULL, description="other")

    assert subscriptions(store).replace(FULL, first) is True
    assert subscriptions(store).replace(FULL, second) is False
    assert subscriptions(store).get(FULL.id) == first


def test_what_was_deleted_cannot_be_changed(store: Store) -> None:
    subscriptions(store).create(PLAIN)
    assert subscriptions(store).delete(PLAIN.id) is True

    assert subscriptions(store).delete(PLAIN.id) is False
    assert subscriptions(store).replace(PLAIN, replace(PLAIN, status="paused")) is False
    assert store.items() == []


def test_with_a_subscription_goes_what_hangs_on_it_and_nothing_else(store: Store) -> None:
    lanes = DynamoLanes(store.client, store.table)
    for each in (PLAIN, FULL):
        subscriptions(store).create(each)
        lanes.save_health(each.id, Health(), FAILING)
        DynamoAttempts(store.client, store.table).record(each.id, attempt(0))
        for number in range(30):
            lanes.save(Lane(each.id, f"conv_{number}", 1))

    subscriptions(store).delete(PLAIN.id)

    assert {item["PK"]["S"] for item in store.items()} == {"SUBS", "S#sub_2"}
    assert len(store.items()) == 33


def test_no_secret_of_a_subscription_is_stored(store: Store) -> None:
    subscriptions(store).create(FULL)

    assert "whsec" not in json.dumps(store.items())


# --- lanes and health ------------------------------------------------------------------------------------------------


def lanes(store: Store) -> DynamoLanes:
    return DynamoLanes(store.client, store.table)


def test_all_that_a_worker_has_to_know_is_read_strongly_in_one_call(store: Store) -> None:
    subscriptions(store).create(PLAIN)
    lanes(store).save_health(PLAIN.id, Health(), FAILING)
    lanes(store).save(LANE)
    requests = []
    store.client.on_call = lambda record: requests.append((record.operation, record.request))

    found = lanes(store).situation("sub_1", "conv_1")

    assert found == Situation(PLAIN, FAILING, LANE)
    ((operation, request),) = requests
    assert operation == "BatchGetItem"
    assert request["RequestItems"][store.table]["ConsistentRead"] is True


def test_an_endpoint_that_never_failed_and_a_conversation_never_heard_of_have_nothing_stored(store: Store) -> None:
    assert lanes(store).situation("sub_1", "conv_1") == Situation(None, Health(), None)
    assert lanes(store).health("sub_1") == Health()


@pytest.mark.parametrize("lane", [LANE, Lane("sub_1", "conv_1", 0), replace(LANE, pending=False), Lane("s", "c", 3)])
def test_a_lane_is_read_as_it_was_written(store: Store, lane: Lane) -> None:
    lanes(store).save(LANE)
    lanes(store).save(lane)

    assert lanes(store).situation(lane.subscription_id, lane.conversation_id).lane == lane


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_of_every_size_join_to_the_lanes_that_wait(store: Store, limit: int) -> None:
    for number in range(5):
        lanes(store).save(replace(LANE, conversation_id=f"conv_{number}"))
    lanes(store).save(replace(LANE, conversation_id="conv_2", pending=False))
    lanes(store).save(replace(LANE, subscription_id="sub_2", conversation_id="conv_9"))

    found: list[str] = []
    after: str | None = None
    while True:
        page, after = lanes(store).pending("sub_1", after, limit)
        assert len(page) <= limit
        found += page
        if after is None:
            break

    assert found == ["conv_0", "conv_1", "conv_3", "conv_4"]


def test_lanes_that_wait_are_not_taken_for_conversations_that_somebody_has_to_look_at(store: Store) -> None:
    lanes(store).save(LANE)

    (item,) = store.items()
    assert item["GSI2PK"] == {"S": "LANE#sub_1"}
    assert not item["GSI2PK"]["S"].startswith(keys.due_hour(START)[:4])


def test_of_two_who_write_health_at_once_the_second_is_refused(store: Store) -> None:
    assert lanes(store).save_health("sub_1", Health(), FAILING) is True
    assert lanes(store).save_health("sub_1", Health(), FAILING) is False
    stored = lanes(store).health("sub_1")
    assert stored == FAILING

    well = Health(last_success_at=START + 60, version=stored.version + 1)
    assert lanes(store).save_health("sub_1", stored, well) is True
    assert lanes(store).save_health("sub_1", stored, replace(stored, version=2)) is False
    assert lanes(store).health("sub_1") == well


# --- attempts --------------------------------------------------------------------------------------------------------


def attempt(number: int, at: float = START) -> Attempt:
    outcome = Outcome("retry", 20_000, status=None, code="timeout", retry_after=1.5)
    return Attempt(at, f"conv_1:{number}", "message.received", outcome, "conv_1", number, 1, next_at=at + 5)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_the_attempt_log_is_listed_latest_first(store: Store, limit: int) -> None:
    log = DynamoAttempts(store.client, store.table)
    written = [attempt(number, START + number / 1000) for number in range(5)]
    for each in written:
        log.record("sub_1", each)
    lanes(store).save(LANE)

    found: list[Attempt] = []
    before: str | None = None
    while True:
        page, before = log.of("sub_1", before, limit)
        assert len(page) <= limit
        found += page
        if before is None:
            break

    assert found == written[::-1]


def test_two_attempts_within_a_millisecond_are_two(store: Store) -> None:
    log = DynamoAttempts(store.client, store.table)
    for number in range(2):
        log.record("sub_1", attempt(1, START + number / 1_000_000))
        log.record("sub_1", attempt(2, START))

    assert len(log.of("sub_1", None, 10)[0]) == 3


def test_an_attempt_is_kept_for_a_week(store: Store) -> None:
    DynamoAttempts(store.client, store.table).record("sub_1", attempt(1))

    (item,) = store.items()
    assert item["ttl"] == {"N": str(int(START) + KEEP_SECONDS)}
    assert KEEP_SECONDS == 7 * 86_400


def test_a_cursor_that_was_never_given_out_shows_nothing_but_attempts(store: Store) -> None:
    lanes(store).save(LANE)
    DynamoAttempts(store.client, store.table).record("sub_1", attempt(1))

    for cursor in ("C#conv_1", "HEALTH", "~"):
        assert len(DynamoAttempts(store.client, store.table).of("sub_1", cursor, 10)[0]) == 1


# --- what was passed over ---------------------------------------------------------------------------------------------


def skipped(number: int) -> Skipped:
    return Skipped(
        "conv_1", number, f"conv_1:{number}", "3f2a90c1d4e5", START + number / 1000, 9, START, 422, "http_422"
    )


def test_what_was_passed_over_is_listed_latest_first_and_nothing_else(store: Store) -> None:
    skips = DynamoSkips(store.client, store.table)
    bare = Skipped("conv_1", 4, "conv_1:4:sent", "3f2a90c1d4e5", START + 1, 1)
    for each in (skipped(1), skipped(2), skipped(3), bare):
        skips.keep("sub_1", each)
    lanes(store).save(LANE)
    DynamoAttempts(store.client, store.table).record("sub_1", attempt(1))

    assert skips.latest("sub_1", 10) == [bare, skipped(3), skipped(2), skipped(1)]
    assert skips.latest("sub_1", 2) == [bare, skipped(3)]
    assert skips.latest("sub_2", 10) == []


def test_what_is_kept_twice_is_kept_once_and_for_good(store: Store) -> None:
    for _ in range(2):
        DynamoSkips(store.client, store.table).keep("sub_1", skipped(1))

    (item,) = store.items()
    assert "ttl" not in item


# --- active conversations --------------------------------------------------------------------------------------------


def active(store: Store) -> DynamoActiveConversations:
    return DynamoActiveConversations(store.client, store.table, store.log)


def write(store: Store, sender: str) -> str:
    store.ingest.start_batch()
    store.ingest(webhook(text_message(sender, f"{sender}-{store.clock()}")))
    return store.conversation_of(sender).conversation_id


def walked(store: Store, at: float, limit: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    position: str | None = None
    while True:
        page, position = active(store).since(at, position, limit)
        assert len(page) <= limit
        found += page
        if position is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_conversations_of_every_status_are_found_by_their_latest_write_the_earliest_first(
    store: Store, clock: Clock, limit: int
) -> None:
    ids = []
    for sender in ("ada", "ben", "cleo", "dan"):
        ids.append(write(store, sender))
        clock.advance(61)
    store.change(ids[1], ConversationChange(status="pending"))
    clock.advance(61)
    store.change(ids[0], ConversationChange(status="closed"))

    assert walked(store, START, limit) == [(ids[2], 2), (ids[3], 2), (ids[1], 3), (ids[0], 3)]
    assert walked(store, START + 3 * 61, limit) == [(ids[3], 2), (ids[1], 3), (ids[0], 3)]
    assert walked(store, clock() + 60, limit) == []


@settings(max_examples=15, deadline=None)
@given(
    minutes=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 59)), min_size=1, max_size=12),
    since=st.integers(0, 300),
    limit=st.integers(1, 5),
)
def test_none_that_was_written_to_since_is_missed(
    store_of_examples: Store, minutes: list[tuple[int, int]], since: int, limit: int
) -> None:
    store = store_of_examples
    assert isinstance(store.clock, Clock)
    begun = store.clock.now
    last: dict[str, float] = {}
    for sender, second in sorted(minutes, key=lambda each: each[1]):
        store.clock.now = begun + 5 * second
        last[write(store, f"sender-{sender}")] = store.clock.now
    store.clock.now = begun + 3600

    found = [conversation_id for conversation_id, _ in walked(store, begun + since, limit)]

    assert {each for each, at in last.items() if at >= begun + since} <= set(found)
    assert len(set(found)) == len(found)


@pytest.fixture(scope="module")
def store_of_examples(dynamodb_local: object) -> Iterator[Store]:
    from tests.support.engines import Engine
    from tests.support.stores import store_on

    assert isinstance(dynamodb_local, Engine)
    with store_on(dynamodb_local, Clock(START + 30)) as found:
        yield found
