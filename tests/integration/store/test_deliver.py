"""Given a reply in the log, when it is sent, then the provider gets each part of it once, and the outcome is written
down whatever it is."""

from __future__ import annotations

from typing import Literal

import pytest

from shared.core.later import TryLater
from shared.errors import DeliveryError
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundReceipt
from tests.support.channels import LONGEST, AfterAccepting, Provider, text_message, webhook
from tests.support.stores import START, Store

Receipt = Literal["sent", "delivered", "read", "failed"]
LONG = "a" * LONGEST + "b" * LONGEST + "c"
PIECES = ["a" * LONGEST, "b" * LONGEST, "c"]


def replied(store: Store, text: str = "welcome", channel: str = "letters") -> tuple[str, int]:
    """A customer has written and an agent has replied: the conversation and the sequence of the reply."""
    store.ingest(webhook(text_message("ada", "1"), channel))
    conversation_id = store.conversation_of("ada", channel).conversation_id
    return conversation_id, store.answer(conversation_id, text)["sequence"]


def provider(store: Store, channel: str = "letters") -> Provider:
    return store.channels[channel].provider


def texts(store: Store, channel: str = "letters") -> list[str]:
    return [text for _, text in provider(store, channel).accepted]


def receipt(store: Store, external_id: str, status: Receipt, channel: str = "letters") -> None:
    event = InboundReceipt(status=status, occurred_at=START, external_id=external_id)
    store.ingest(webhook(event, channel))


def status_of(store: Store, place: tuple[str, int]) -> str:
    state = store.deliveries.state(*place)
    return "queued" if state is None else state.status


def test_a_reply_is_sent_once_however_often_it_is_delivered_to_the_sender(store: Store) -> None:
    place = replied(store)

    outcomes = [store.deliver(*place) for _ in range(3)]

    assert provider(store).accepted == [("ada", "welcome")]
    assert outcomes == ["sent", "done", "done"]
    assert status_of(store, place) == "sent"


def test_a_long_reply_is_sent_in_order_and_all_its_ids_are_kept(store: Store) -> None:
    place = replied(store, LONG)

    store.deliver(*place)

    state = store.deliveries.state(*place)
    assert texts(store) == PIECES
    assert state is not None
    assert (state.done, len(state.external_ids)) == (3, 3)
    for external_id in state.external_ids:
        receipt(store, external_id, "read")
    assert status_of(store, place) == "read"


def test_after_a_pause_a_long_reply_goes_on_where_it_stopped(store: Store) -> None:
    place = replied(store, LONG)
    provider(store).plan = ["sent", DeliveryError("retry", "slow_down", "slow down", 30)]

    with pytest.raises(TryLater) as pause:
        store.deliver(*place)
    assert pause.value.delay == 30
    assert texts(store) == PIECES[:1]

    assert store.deliver(*place, attempt=2) == "sent"
    assert texts(store) == PIECES


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
@pytest.mark.parametrize("channel", ["letters", "register"])
def test_a_receipt_for_the_first_part_does_not_stop_the_parts_that_follow(
    store: Store, status: Receipt, channel: str
) -> None:
    place = replied(store, LONG, channel)
    provider(store, channel).plan = ["sent", DeliveryError("retry", "slow_down", "slow down")]
    with pytest.raises(TryLater):
        store.deliver(*place)
    state = store.deliveries.state(*place)
    assert state is not None

    receipt(store, state.external_ids[0], status, channel)
    store.deliver(*place, attempt=2)

    assert texts(store, channel) == PIECES
    assert status_of(store, place) in ("sent", status)


def test_nothing_follows_a_part_that_was_refused_for_good(store: Store) -> None:
    place = replied(store, LONG)
    provider(store).plan = ["sent", DeliveryError("permanent", "refused", "no")]

    outcomes = [store.deliver(*place) for _ in range(3)]

    assert outcomes[0] == "failed"
    assert texts(store) == PIECES[:1]
    assert status_of(store, place) == "failed"


def test_nothing_follows_a_part_whose_outcome_is_unknown(store: Store) -> None:
    place = replied(store, LONG)
    provider(store).plan = [AfterAccepting(DeliveryError("unknown", "provider_timeout", "no answer"))]

    outcomes = [store.deliver(*place) for _ in range(3)]

    assert outcomes[0] == "unknown"
    assert texts(store) == PIECES[:1]
    assert status_of(store, place) == "unknown"


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed"])
def test_a_receipt_that_comes_before_the_answer_to_the_send_is_not_lost(store: Store, status: Receipt) -> None:
    place = replied(store)

    receipt(store, "provider-1", status)
    store.deliver(*place)

    state = store.deliveries.state(*place)
    assert state is not None
    assert state.status == status
    assert state.external_ids == ("provider-1",)
    assert store.deliver(*place) in ("done", "failed")
    assert len(texts(store)) == 1


def test_a_message_that_fails_marks_what_is_at_fault(store: Store) -> None:
    place = replied(store)
    provider(store).plan = [DeliveryError("blocked", "blocked_by_customer", "blocked")]

    store.deliver(*place)

    state = store.deliveries.state(*place)
    assert state is not None
    assert state.error == {"code": "blocked_by_customer", "title": "blocked", "retryable": False}
    stored = store.people.identity(identity_id("letters", "main", "ada"))
    assert stored is not None
    assert stored.identity.status == "blocked"


def test_a_failing_account_is_noted_and_so_is_its_recovery(store: Store) -> None:
    place = replied(store)
    provider(store).plan = [DeliveryError("account", "suspended", "suspended")]
    store.deliver(*place)
    assert store.health.of("letters", "main")["status"] == "failing"

    sequence = store.answer(place[0], "again")["sequence"]
    store.deliver(place[0], sequence)

    assert store.health.of("letters", "main")["status"] == "ok"
