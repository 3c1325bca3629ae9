"""From a verified event to the log: every event is accounted for, and each message is one entry."""

from __future__ import annotations

import pytest

from shared.core.changes import TRIES
from shared.errors import Conflict, InfrastructureError, WriteConflict
from shared.model.identifiers import identity_id
from shared.model.inbound import AccountNotice, InboundMessage, InboundReceipt, InboundTyping
from shared.model.message import MessageError
from shared.model.parts import TextPart
from tests.support.channels import sender, text_message, webhook
from tests.unit.core.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_everything_in_a_webhook_is_counted_once(desk: Desk) -> None:
    message = text_message("ann", "1")
    outcomes = desk.ingest(
        webhook(
            [
                message,
                message,
                text_message("bob", "1"),
                text_message("bob", "2"),
                InboundReceipt(status="read", occurred_at=0.0, external_id="nobody knows it"),
                InboundReceipt(status="read", occurred_at=0.0),
                InboundTyping(sender=sender("ann")),
                AccountNotice(provider_id="n1", name="quota", occurred_at=0.0),
            ]
        )
    )
    assert outcomes["received"] == 8
    assert outcomes.total() - outcomes["received"] == 8
    assert outcomes["notice"] == outcomes["typing"] == 1
    assert [notice.name for notice in desk.store.notices] == ["quota"]


def test_a_message_that_comes_again_is_stored_once(desk: Desk) -> None:
    assert desk.write("ann", provider_id="1") == {"received": 1, "stored": 1}
    assert desk.write("ann", provider_id="1") == {"received": 1, "duplicate": 1}
    assert desk.conversation("ann").sequence == 2


def test_what_somebody_says_of_themselves_is_noted_even_if_the_first_delivery_died_before_that(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    message = text_message("ann", "1")
    message.sender.claims = {"email": "ann@shop.example"}

    def down(*_: object) -> None:
        raise InfrastructureError("down")

    with monkeypatch.context() as broken:
        broken.setattr(desk.links, "note", down)
        with pytest.raises(InfrastructureError):
            desk.ingest(webhook(message))
    # When
    desk.ingest.start_batch()
    outcomes = desk.ingest(webhook(message))
    # Then
    claims = desk.links.claims(desk.conversation("ann").customer_id)
    assert [(claim.kind, claim.value) for claim in claims] == [("email", "ann@shop.example")]
    assert outcomes["duplicate"] == 1


def test_a_first_message_opens_a_conversation_and_is_its_second_entry(desk: Desk) -> None:
    desk.write("ann", "hello there")
    head = desk.conversation("ann")
    first, second = desk.store.logs[head.conversation_id]
    assert (first.type, second.type) == ("conversation.opened", "message.received")
    assert (head.status, head.sequence, head.active_identity) == ("open", 2, identity_id("letters", "main", "ann"))
    message = second.data["message"]
    assert (message["direction"], message["origin"]) == ("inbound", "customer")
    assert message["author"] == {"type": "customer", "customer_id": head.customer_id}


def test_what_nobody_waits_for_leaves_the_conversation_pending(desk: Desk) -> None:
    desk.write("ann", wants_answer=False)
    assert desk.conversation("ann").status == "pending"
    desk.write("ann")
    assert desk.conversation("ann").status == "open"
    desk.write("ann", wants_answer=False)
    assert desk.conversation("ann").status == "open"


def test_a_reply_typed_in_the_providers_app_is_ours_and_is_not_sent(desk: Desk) -> None:
    desk.write("ann")
    desk.write("ann", "from the phone", origin="echo")
    head = desk.conversation("ann")
    entry = desk.entry(head.conversation_id, head.sequence)
    assert (entry.type, entry.origin, "send" in entry.tasks) == ("message.sent", "echo", False)
    assert entry.data["message"]["direction"] == "outbound"


def test_a_customer_who_leaves_cannot_be_answered_until_they_come_back(desk: Desk) -> None:
    identity = identity_id("letters", "main", "ann")
    for status, blocked in (("inactive", "inactive"), ("active", None)):
        desk.write("ann", sender_status=status)
        assert desk.conversation("ann").routes[identity].blocked == blocked
        assert desk.store.identities[identity].identity.status == status


def test_a_late_message_opens_no_window_that_is_older_than_the_open_one(desk: Desk) -> None:
    desk.write("ann", channel="lounge")
    conversation_id = desk.conversation("ann", "lounge").conversation_id
    for _ in range(2):
        desk.answer(conversation_id)
    desk.write("ann", channel="lounge", occurred_at=desk.clock() - 60)
    [route] = desk.store.heads[conversation_id].routes.values()
    assert (route.windows["message"].opened_at, route.windows["message"].used) == (desk.clock(), 2)


def test_a_message_that_was_written_before_replies_and_arrives_after_them_gives_none_of_them_back(desk: Desk) -> None:
    desk.write("ann", channel="lounge")
    conversation_id = desk.conversation("ann", "lounge").conversation_id
    desk.clock.advance(60)
    for _ in range(2):
        desk.answer(conversation_id)
    desk.write("ann", channel="lounge", occurred_at=desk.clock() - 30)
    [route] = desk.store.heads[conversation_id].routes.values()
    assert (route.windows["message"].opened_at, route.windows["message"].used) == (desk.clock() - 30, 2)


def test_a_message_from_the_future_opens_its_window_now(desk: Desk) -> None:
    desk.write("ann", channel="lounge", occurred_at=desk.clock() + 9999)
    [route] = desk.conversation("ann", "lounge").routes.values()
    assert route.windows["message"].opened_at == desk.clock()


def test_a_receipt_raises_the_status_of_the_message_it_names(desk: Desk) -> None:
    desk.write("ann")
    conversation_id = desk.conversation("ann").conversation_id
    answer = desk.answer(conversation_id)
    desk.deliver(conversation_id, answer["sequence"])
    [external_id] = desk.state(conversation_id, answer["sequence"]).external_ids
    error = MessageError(code="c", title="t")
    receipts = [
        InboundReceipt(status="failed", occurred_at=0.0, external_id=external_id, error=error),
        InboundReceipt(status="delivered", occurred_at=0.0, external_id=external_id),
        InboundReceipt(status="sent", occurred_at=0.0, external_id=external_id),
        InboundReceipt(status="read", occurred_at=0.0, external_id=external_id),
    ]
    shown = []
    for receipt in receipts:
        desk.ingest(webhook(receipt))
        shown.append(desk.state(conversation_id, answer["sequence"]).status)
    assert shown == ["failed", "delivered", "delivered", "read"]


def test_read_up_to_here_is_about_our_messages_only(desk: Desk) -> None:
    desk.write("ann")
    conversation_id = desk.conversation("ann").conversation_id
    sequences = [desk.answer(conversation_id)["sequence"] for _ in range(3)]
    receipt = InboundReceipt(status="read", occurred_at=0.0, sender=sender("ann"), up_to_sequence=sequences[1])
    assert desk.ingest(webhook(receipt)) == {"received": 1, "receipt": 1}
    assert {sequence for _, sequence in desk.store.states} == set(sequences[:2])


def test_read_up_to_here_from_a_stranger_matches_nothing_and_opens_nothing(desk: Desk) -> None:
    receipt = InboundReceipt(status="read", occurred_at=0.0, sender=sender("nobody"), up_to_sequence=9)
    assert desk.ingest(webhook(receipt)) == {"received": 1, "receipt_unmatched": 1}
    assert desk.store.heads == {}


def test_a_lost_race_is_tried_again_a_few_times(desk: Desk) -> None:
    desk.write("ann")
    desk.store.races = TRIES - 1
    assert desk.write("ann") == {"received": 1, "stored": 1}
    desk.store.races = TRIES
    with pytest.raises(WriteConflict):
        desk.write("ann")


def test_a_live_route_in_the_conversation_gets_the_message_pushed(desk: Desk) -> None:
    desk.write("ann")
    conversation_id = desk.conversation("ann").conversation_id
    assert desk.entry(conversation_id, 2).tasks == ()
    desk.join(conversation_id, "ann", "lounge")
    desk.write("ann")
    assert desk.entry(conversation_id, 3).tasks == ("push",)


def test_two_customers_share_no_conversation(desk: Desk) -> None:
    events: list[InboundMessage] = [
        InboundMessage(provider_id="1", sender=sender(name, scope), parts=[TextPart(text="hi")], occurred_at=0.0)
        for name, scope in (("ann", "main"), ("bob", "main"), ("ann", "other"))
    ]
    for number, event in enumerate(events):
        event.provider_id = str(number)
    desk.ingest(webhook(events))
    assert len(desk.store.heads) == len(desk.store.customers) == 3


def test_a_recipient_who_takes_no_more_messages_is_not_written_to_until_they_write(desk: Desk) -> None:
    desk.write("ann")
    conversation = desk.conversation("ann").conversation_id
    sent = desk.answer(conversation, "hello")
    desk.deliver(conversation, sent["sequence"])
    gone = InboundReceipt(status="failed", occurred_at=1.0, external_id="provider-1", blocks=True)
    desk.ingest(webhook(gone))
    head, identity = desk.conversation("ann"), identity_id("letters", "main", "ann")
    assert (head.routes[identity].blocked, desk.entry(conversation, head.sequence).type) == (
        "blocked",
        "conversation.updated",
    )
    assert desk.store.identities[identity].identity.status == "blocked"
    with pytest.raises(Conflict) as refused:
        desk.answer(conversation, "hello?")
    assert refused.value.code == "route_closed"

    desk.write("ann", "I am back")

    assert desk.conversation("ann").routes[identity].blocked is None
    assert desk.store.identities[identity].identity.status == "active"
    desk.answer(conversation, "welcome")
