"""Given a reply with a route to fall back on, when sends, receipts and repeats meet in any order, then it goes on at
most once, every route is told, and nothing that was said of it is lost."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.client import AwsClient
from shared.aws.stream_records import publications
from shared.core.delivery_state import DeliveryState
from shared.core.later import TryLater
from shared.core.messages import read_message
from shared.errors import DeliveryError, WriteConflict
from shared.model.inbound import InboundReceipt
from shared.model.message import Attempt, Message, MessageError
from tests.support.channels import text_message, webhook
from tests.support.clients import InterruptedClient
from tests.support.engines import Engine
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import START, Clock, Store, store_on
from tests.support.streams import stream_records

Receipt = Literal["sent", "delivered", "read", "failed"]
REPLY = 4
EXAMPLES = 15
TURNS = st.lists(st.integers(0, 3), max_size=40)
LEFT = {"identity_id": "idn_1", "channel": "letters", "account": "main", "status": "failed", "reason": "r"}
TAKEN = {"identity_id": "idn_2", "channel": "booth", "account": "main", "at": START}


def replied(store: Store, **more: Any) -> str:
    """Entry 4 goes out by letter; the customer can also be reached in the booth."""
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    store.add_route(conversation_id, "ada", "booth")
    store.answer(conversation_id, "welcome", **{"fallback": ["booth"], **more})
    return conversation_id


def receipt(store: Store, status: Receipt, channel: str = "letters") -> None:
    error = MessageError(code="bounced", title="Nobody is there") if status == "failed" else None
    event = InboundReceipt(status=status, occurred_at=START, external_id="provider-1", error=error)
    store.ingest(webhook(event, channel))


def state(store: Store, conversation_id: str) -> DeliveryState:
    return store.deliveries.state(conversation_id, REPLY) or DeliveryState()


def message(store: Store, conversation_id: str) -> Message:
    entry = store.log.entry(conversation_id, REPLY)
    assert entry is not None
    return read_message(entry)


def story(store: Store, conversation_id: str) -> list[tuple[str, str, str | None]]:
    return [(each.channel, each.status, each.reason) for each in message(store, conversation_id).attempts]


def accepted(store: Store) -> tuple[int, int]:
    """How often the message was taken by letter, and in the booth."""
    return len(store.channels["letters"].provider.accepted), len(store.channels["booth"].provider.accepted)


def reservations(store: Store, conversation_id: str) -> int:
    return sum("message_id" in entry.data for entry in store.whole_log(conversation_id) if "changes" in entry.data)


def test_a_refused_reply_goes_on_and_its_window_is_counted_once_however_often_it_is_delivered(store: Store) -> None:
    conversation_id = replied(store)
    store.channels["letters"].provider.blocked_by.add("ada")

    outcomes = [store.another().deliver(conversation_id, REPLY) for _ in range(3)]

    assert outcomes == ["sent", "done", "done"]
    assert accepted(store) == (0, 1)
    assert story(store, conversation_id) == [("letters", "failed", "blocked_by_customer"), ("booth", "sent", None)]
    assert message(store, conversation_id).channel.type == "booth"
    assert reservations(store, conversation_id) == 1


def test_a_reply_that_bounces_goes_on_and_says_sent_all_the_while(store: Store) -> None:
    conversation_id = replied(store)
    store.deliver(conversation_id, REPLY)

    for _ in range(2):
        receipt(store, "failed")
    assert (state(store, conversation_id).status, state(store, conversation_id).wanted) == ("sent", 1)
    store.deliver(conversation_id, REPLY)
    receipt(store, "failed")

    assert accepted(store) == (1, 1)
    assert story(store, conversation_id) == [("letters", "failed", "bounced"), ("booth", "sent", None)]
    assert state(store, conversation_id).wanted == 1


def test_receipts_count_for_the_message_on_whichever_route_they_are_about(store: Store) -> None:
    conversation_id = replied(store)
    store.deliver(conversation_id, REPLY)
    receipt(store, "failed")
    store.deliver(conversation_id, REPLY)

    receipt(store, "delivered", "letters")
    assert state(store, conversation_id).status == "delivered"
    assert state(store, conversation_id).status_here == "sent"
    receipt(store, "read", "booth")
    assert state(store, conversation_id).status == "read"
    assert story(store, conversation_id)[-1] == ("booth", "read", None)


def test_an_unread_reply_takes_the_next_route_once_and_a_read_one_does_not(store: Store) -> None:
    conversation_id = replied(store, unread_after=60)
    store.deliver(conversation_id, REPLY)
    message_id = message(store, conversation_id).id

    assert store.deliveries.want_next(conversation_id, REPLY, message_id, 0, "unread")
    assert not store.deliveries.want_next(conversation_id, REPLY, message_id, 0, "unread")
    store.deliver(conversation_id, REPLY)
    assert story(store, conversation_id) == [("letters", "sent", "unread"), ("booth", "sent", None)]

    receipt(store, "read", "booth")
    assert not store.deliveries.want_next(conversation_id, REPLY, message_id, 1, "unread")
    assert not store.deliveries.want_next(conversation_id, REPLY, message_id, 0, "unread")


def test_a_busy_provider_counts_its_tries_for_each_route_anew(store: Store) -> None:
    conversation_id = replied(store)
    store.channels["letters"].provider.blocked_by.add("ada")
    store.channels["booth"].provider.plan = [DeliveryError("retry", "slow_down", "slow down")]
    with pytest.raises(TryLater):
        store.deliver(conversation_id, REPLY)
    assert (state(store, conversation_id).route, state(store, conversation_id).tries) == (1, 1)
    assert store.deliver(conversation_id, REPLY) == "sent"
    assert accepted(store) == (0, 1)


def test_a_sender_that_is_late_changes_nothing_of_a_route_that_the_message_has_left(store: Store) -> None:
    place = ("conv_1", 7)
    deliveries = store.deliveries
    deliveries.begin(*place, "msg_1", 0)
    assert deliveries.leave(*place, "msg_1", 0, {"reason": "r", "class": "permanent"})
    before = deliveries.state(*place)
    assert before is not None
    assert deliveries.turn(*place, before=before, route=1, attempts=(LEFT,), taken=TAKEN)
    after = deliveries.state(*place)

    assert deliveries.begin(*place, "msg_1", 0) is None
    assert deliveries.begin(*place, "msg_1", 1) is None
    deliveries.release(*place, 0)
    deliveries.postpone(*place, 0, 3)
    deliveries.progress(*place, 0, ("late",))
    assert not deliveries.leave(*place, "msg_1", 0, {"reason": "r"})
    assert not deliveries.want_next(*place, "msg_1", 0, "unread")
    assert not deliveries.raise_status(*place, "msg_1", "failed", START)
    assert not deliveries.turn(*place, before=before, route=1, attempts=(LEFT,), taken=TAKEN)

    assert deliveries.state(*place) == after
    assert deliveries.begin(*place, "msg_1", 0, 1) is not None


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_a_receipt_that_comes_while_the_message_is_moved_is_not_lost(store: Store, status: Receipt) -> None:
    conversation_id = replied(store)
    store.deliver(conversation_id, REPLY)
    receipt(store, "failed")
    client = InterruptedClient(store.client.endpoint_url or "")
    client.before("UpdateItem", partial(receipt, store.another(), status))

    store.on(client).deliver(conversation_id, REPLY)

    assert state(store, conversation_id).status == status
    assert accepted(store) == ((1, 1) if status == "sent" else (1, 0))
    assert reservations(store, conversation_id) == 1


@pytest.fixture(scope="module")
def before_sending(dynamodb_local: Engine) -> tuple[Beginning, str]:
    with store_on(dynamodb_local, Clock()) as store:
        conversation_id = replied(store)
        return Beginning.of(store), conversation_id


@pytest.fixture(scope="module")
def after_sending(dynamodb_local: Engine) -> tuple[Beginning, str]:
    with store_on(dynamodb_local, Clock()) as store:
        conversation_id = replied(store)
        store.deliver(conversation_id, REPLY)
        return Beginning.of(store), conversation_id


def sender(store: Store, conversation_id: str, client: AwsClient) -> None:
    worker = store.on(client)
    for _ in range(2):
        try:
            worker.deliver(conversation_id, REPLY)
        except WriteConflict:
            continue


def customer(store: Store, client: AwsClient) -> None:
    """Writes something, so that the window is counted down beside other changes of the conversation."""
    try:
        store.on(client).ingest(webhook(text_message("ada", "2")))
    except WriteConflict:
        return


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS)
def test_several_senders_of_one_message_send_it_on_once(
    dynamodb_local: Engine, before_sending: tuple[Beginning, str], turns: list[int]
) -> None:
    beginning, conversation_id = before_sending
    with beginning.again(dynamodb_local) as store:
        store.sleep = lambda seconds: None
        store.channels["letters"].provider.blocked_by.add("ada")

        one = partial(sender, store, conversation_id)
        Schedule(turns).run(dynamodb_local.endpoint, [one, one, partial(customer, store)])
        store.deliver(conversation_id, REPLY)

        assert accepted(store) == (0, 1)
        assert reservations(store, conversation_id) == 1
        assert state(store, conversation_id).status == "sent"
        assert story(store, conversation_id) == [("letters", "failed", "blocked_by_customer"), ("booth", "sent", None)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS, said=st.permutations(["failed", "delivered"]))
def test_a_bounce_its_correction_and_the_senders_meet(
    dynamodb_local: Engine, after_sending: tuple[Beginning, str], turns: list[int], said: list[Receipt]
) -> None:
    beginning, conversation_id = after_sending
    with beginning.again(dynamodb_local) as store:
        store.sleep = lambda seconds: None

        def provider(client: AwsClient) -> None:
            for status in (*said, *said):
                receipt(store.on(client), status)

        one = partial(sender, store, conversation_id)
        Schedule(turns).run(dynamodb_local.endpoint, [provider, one, one])
        store.deliver(conversation_id, REPLY)

        now = state(store, conversation_id)
        assert now.status == "delivered"
        assert accepted(store) == (1, now.route)
        assert reservations(store, conversation_id) <= 1
        assert now.wanted == now.route
        assert [each[:2] for each in story(store, conversation_id)] == (
            [("letters", "failed"), ("booth", "sent")] if now.route else []
        )


def test_the_stream_tells_every_attempt_and_asks_once_that_the_message_goes_on(streaming_store: Store) -> None:
    store = streaming_store
    conversation_id = replied(store)
    store.deliver(conversation_id, REPLY)
    receipt(store, "failed")
    store.deliver(conversation_id, REPLY)
    receipt(store, "read", "booth")

    found = [each for record in stream_records(store) for each in publications(record, "source")]
    told = [(json.loads(each.body), each.attributes) for each in found if "status_changed" in each.attributes["type"]]

    assert [body["id"].removeprefix(f"{conversation_id}:{REPLY}:") for body, _ in told] == [
        "sent",
        "wanted:1:bounced",
        "queued:1",
        "sent:1",
        "read:1",
    ]
    assert [attributes.get("tasks") for _, attributes in told] == [None, ["send", "fallback"], None, None, None]
    ranks = [body["data"]["rank"] for body, _ in told]
    assert ranks == sorted(ranks)
    assert [each["status"] for each in told[-1][0]["data"]["attempts"]] == ["failed", "read"]
    attempts = msgspec.convert(told[-1][0]["data"]["attempts"], list[Attempt])
    assert attempts == message(store, conversation_id).attempts
