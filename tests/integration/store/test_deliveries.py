"""Given an outbound message, when sends and receipts are noted in any order, then its state only ever moves up, and no
provider call is begun twice."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from shared.core.delivery_state import DeliveryState, EarlyReceipt
from shared.core.records import Located, Reference
from shared.model.message import STATUS_RANK
from tests.support.stores import START, Store

HERE = ("conv_1", 7)
MESSAGE = Located("conv_1", 7, "msg_1")
REFERENCE = Reference("letters", "main", "provider-1")
REFUSED = {"code": "refused", "title": "no", "retryable": False}
RECEIPTS = ("sent", "delivered", "read", "failed")


def error_of(status: str) -> dict[str, Any] | None:
    return REFUSED if status == "failed" else None


def state(store: Store) -> DeliveryState:
    found = store.deliveries.state(*HERE)
    assert found is not None
    return found


@pytest.mark.parametrize("order", list(permutations(RECEIPTS)), ids="-".join)
def test_receipts_in_every_order_and_doubled_end_in_the_same_state(real_store: Store, order: tuple[str, ...]) -> None:
    highest = 0
    for status in (*order, *order):
        at = START + STATUS_RANK[status]
        raised = real_store.deliveries.raise_status(*HERE, "msg_1", status, at, error=error_of(status))
        assert raised == (STATUS_RANK[status] > highest)
        assert state(real_store).rank >= highest
        highest = state(real_store).rank

    assert state(real_store) == DeliveryState(status="read", rank=STATUS_RANK["read"], at=START + STATUS_RANK["read"])


@pytest.mark.parametrize("first", RECEIPTS)
@pytest.mark.parametrize("second", RECEIPTS)
def test_of_two_receipts_the_higher_one_counts_with_its_own_error(store: Store, first: str, second: str) -> None:
    for status in (first, second):
        store.deliveries.raise_status(*HERE, "msg_1", status, START, error=error_of(status))

    winner = max(first, second, key=STATUS_RANK.__getitem__)
    assert state(store).status == winner
    assert state(store).error == error_of(winner)


def test_a_call_is_begun_once(store: Store) -> None:
    assert store.deliveries.begin(*HERE, "msg_1", 0) == DeliveryState()
    assert store.deliveries.begin(*HERE, "msg_1", 0) is None
    assert store.deliveries.begin(*HERE, "msg_1", 1) is not None
    assert store.deliveries.begin(*HERE, "msg_1", 0) is None


def test_a_call_that_was_certainly_not_accepted_may_be_begun_again(store: Store) -> None:
    store.deliveries.begin(*HERE, "msg_1", 0)

    store.deliveries.release(*HERE, 0)

    assert store.deliveries.begin(*HERE, "msg_1", 0) is not None


def test_progress_adds_the_ids_of_each_call_once_and_in_order(store: Store) -> None:
    for index in (0, 0, 1):
        store.deliveries.progress(*HERE, index, (f"id-{index}",))
    store.deliveries.progress(*HERE, 0, ("id-0",))

    assert state(store).external_ids == ("id-0", "id-1")
    assert state(store).done == 2


def test_confirming_the_last_call_notes_its_ids_and_what_it_proves(store: Store) -> None:
    store.deliveries.begin(*HERE, "msg_1", 0)

    store.deliveries.confirm(MESSAGE, 0, "sent", START, ("id-0",))

    assert state(store) == DeliveryState(
        status="sent", rank=STATUS_RANK["sent"], started=1, done=1, external_ids=("id-0",), at=START
    )


@pytest.mark.parametrize("faster", ["delivered", "read", "failed"])
def test_a_receipt_that_is_faster_than_the_answer_keeps_its_status_and_the_ids_are_kept_too(
    store: Store, faster: str
) -> None:
    store.deliveries.raise_status(*HERE, "msg_1", faster, START, error=error_of(faster))

    for _ in range(2):
        store.deliveries.confirm(MESSAGE, 0, "sent", START + 1, ("id-0",))

    assert state(store).status == faster
    assert (state(store).done, state(store).external_ids) == (1, ("id-0",))
    assert state(store).error == error_of(faster)


def test_an_id_that_is_filed_finds_its_message(store: Store) -> None:
    assert store.deliveries.remember(REFERENCE, MESSAGE) is None

    assert store.log.find(REFERENCE) == MESSAGE


def test_the_highest_receipt_that_comes_before_its_message_is_kept_for_it(store: Store) -> None:
    for status in ("failed", "delivered", "sent"):
        assert store.deliveries.set_aside(REFERENCE, EarlyReceipt(status, START, error_of(status))) is None
    assert store.log.find(REFERENCE) is None

    assert store.deliveries.remember(REFERENCE, MESSAGE) == EarlyReceipt("delivered", START)
    assert store.log.find(REFERENCE) == MESSAGE


@pytest.mark.parametrize("order", [("delivered", "failed"), ("failed", "delivered")])
def test_that_the_recipient_takes_no_more_is_kept_whatever_else_was_said(store: Store, order: tuple[str, str]) -> None:
    """A complaint, or a bounce of yesterday's mail, comes after "delivered" and is no higher than that."""
    for status in order:
        store.deliveries.set_aside(REFERENCE, EarlyReceipt(status, START, error_of(status), status == "failed"))

    assert store.deliveries.remember(REFERENCE, MESSAGE) == EarlyReceipt("delivered", START, None, blocks=True)


def test_a_receipt_that_blocks_is_not_set_aside_once_its_message_is_filed(store: Store) -> None:
    store.deliveries.remember(REFERENCE, MESSAGE)
    before = store.items()

    assert store.deliveries.set_aside(REFERENCE, EarlyReceipt("failed", START, REFUSED, blocks=True)) == MESSAGE
    assert store.items() == before


def test_filing_an_id_again_gives_the_early_receipt_again(store: Store) -> None:
    store.deliveries.set_aside(REFERENCE, EarlyReceipt("failed", START, REFUSED))
    store.deliveries.remember(REFERENCE, MESSAGE)

    assert store.deliveries.remember(REFERENCE, MESSAGE) == EarlyReceipt("failed", START, REFUSED)


def test_a_receipt_is_not_set_aside_once_its_message_is_filed(store: Store) -> None:
    store.deliveries.remember(REFERENCE, MESSAGE)
    before = store.items()

    assert store.deliveries.set_aside(REFERENCE, EarlyReceipt("read", START)) == MESSAGE
    assert store.items() == before


def test_a_receipt_that_was_set_aside_expires(store: Store) -> None:
    store.deliveries.set_aside(REFERENCE, EarlyReceipt("read", START))

    (item,) = store.items()
    assert item["ttl"]["N"] == str(int(START) + 86400)
