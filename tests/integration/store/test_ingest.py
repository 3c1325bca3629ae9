"""Given customers who write on two channels, when their webhooks are ingested, then every message is in one
conversation, once."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import pytest

from shared.core.conversations import ConversationChange
from shared.core.messages import is_message, read_message
from shared.core.records import Reference
from shared.errors import Conflict
from shared.model.identifiers import identity_id
from shared.model.inbound import AccountNotice, InboundMessage, InboundReceipt, InboundTyping, MediaSource
from shared.model.media import Media
from shared.model.parts import FilePart, TextPart
from tests.support.channels import WINDOW_SENDS, sender, text_message, webhook
from tests.support.clients import InterruptedClient
from tests.support.stores import START, Clock, Store


def texts(store: Store, conversation_id: str) -> list[str]:
    return [read_message(entry).text for entry in store.whole_log(conversation_id) if is_message(entry)]


def types(store: Store, conversation_id: str) -> list[str]:
    return [entry.type for entry in store.whole_log(conversation_id)]


def conversations(store: Store) -> list[str]:
    return [item["PK"]["S"] for item in store.items() if item["SK"]["S"] == "HEAD"]


def close(store: Store, conversation_id: str) -> None:
    store.change(conversation_id, ConversationChange(status="closed"))


def link(store: Store, name: str, channel: str, to: str) -> None:
    """Makes a sender another identity of the customer who writes as ``to`` on ``letters``."""
    customer_id = store.conversation_of(to).customer_id
    request = {
        "TableName": store.table,
        "Key": {"PK": {"S": f"I#{identity_id(channel, 'main', name)}"}, "SK": {"S": "ID"}},
        "UpdateExpression": "SET customer_id = :customer",
        "ExpressionAttributeValues": {":customer": {"S": customer_id}},
    }
    store.client.call("dynamodb", "UpdateItem", request)


def test_a_first_message_makes_a_customer_an_identity_and_an_open_conversation(store: Store) -> None:
    outcome = store.ingest(webhook(text_message("ada", "1", "good morning")))

    head = store.conversation_of("ada")
    found = store.people.customer(head.customer_id)
    assert outcome == Counter(received=1, stored=1)
    assert (head.status, head.sequence, head.active_identity) == ("open", 2, identity_id("letters", "main", "ada"))
    assert types(store, head.conversation_id) == ["conversation.opened", "message.received"]
    assert texts(store, head.conversation_id) == ["good morning"]
    assert found is not None
    assert [identity.external_id for identity in found[0].identities] == ["ada"]
    assert found[1] == head.conversation_id
    assert store.people.open_conversation(head.customer_id) == head.conversation_id


def test_messages_of_one_webhook_are_stored_in_its_order(store: Store) -> None:
    outcome = store.ingest(webhook([text_message("ada", str(number), f"{number}.") for number in range(4)]))

    assert outcome == Counter(received=4, stored=4)
    assert texts(store, store.conversation_of("ada").conversation_id) == ["0.", "1.", "2.", "3."]


def test_a_message_that_is_delivered_again_changes_nothing(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    before = store.items()

    for worker in (store, store.another()):
        worker.ingest.start_batch()
        assert worker.ingest(webhook(text_message("ada", "1"))) == Counter(received=1, duplicate=1)

    assert store.items() == before


def test_two_senders_with_the_same_message_id_on_two_accounts_are_two_messages(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    assert store.ingest(webhook(text_message("ada", "1"), "lounge")) == Counter(received=1, stored=1)


def test_a_message_after_the_conversation_was_closed_opens_a_new_one(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    first = store.conversation_of("ada")
    close(store, first.conversation_id)

    store.ingest.start_batch()
    store.ingest(webhook(text_message("ada", "2")))

    second = store.conversation_of("ada")
    assert second.conversation_id != first.conversation_id
    assert second.customer_id == first.customer_id
    assert types(store, second.conversation_id) == ["conversation.opened", "message.received"]


def test_a_duplicate_that_comes_after_the_conversation_was_closed_opens_nothing(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    close(store, store.conversation_of("ada").conversation_id)
    before = store.items()

    for worker in (store, store.another()):
        worker.ingest.start_batch()
        assert worker.ingest(webhook(text_message("ada", "1"))) == Counter(received=1, duplicate=1)

    assert store.items() == before


def test_another_identity_of_the_customer_follows_to_the_conversation_that_is_open(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    store.ingest(webhook(text_message("ada@lounge", "1"), "lounge"))
    link(store, "ada@lounge", "lounge", to="ada")
    close(store, store.conversation_of("ada@lounge", "lounge").conversation_id)

    worker = store.another()
    worker.ingest(webhook(text_message("ada@lounge", "2"), "lounge"))

    head = store.conversation_of("ada")
    assert store.conversation_of("ada@lounge", "lounge") == head
    assert [route.channel for route in head.routes.values()] == ["letters", "lounge"]
    assert head.active_identity == identity_id("lounge", "main", "ada@lounge")


def test_a_reply_falls_back_on_the_identity_that_wrote_last(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    for name, channel in (("zoe", "lounge"), ("bob", "register")):
        store.ingest(webhook(text_message(name, "1"), channel))
        link(store, name, channel, to="ada")
        close(store, store.conversation_of(name, channel).conversation_id)
        store.another().ingest(webhook(text_message(name, "2"), channel))
    written = ["letters", "lounge", "register"]
    assert [route.channel for route in store.conversation_of("ada").routes.values()] == written
    store.another().ingest(webhook(text_message("ada", "2", sender_status="blocked")))

    answer = store.answer(conversation_id, "hello", fallback="auto")

    assert answer["route"]["channel"] == "register"
    assert [route.channel for route in store.conversation_of("ada").routes.values()] == [
        "lounge",
        "register",
        "letters",
    ]


def test_a_conversation_is_opened_again_only_while_it_is_the_customers_last(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    first = store.conversation_of("ada").conversation_id
    close(store, first)
    assert store.change(first, ConversationChange(status="open")).status == "open"
    close(store, first)
    store.ingest.start_batch()
    store.ingest(webhook(text_message("ada", "2")))

    with pytest.raises(Conflict) as refusal:
        store.change(first, ConversationChange(status="open"))
    assert refusal.value.code == "another_conversation_open"


def test_an_agent_who_opens_a_conversation_again_loses_against_a_message_that_opened_a_later_one(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    first = store.conversation_of("ada").conversation_id
    close(store, first)
    agent = InterruptedClient(store.client.endpoint_url or "")
    agent.before("TransactWriteItems", lambda: store.another().ingest(webhook(text_message("ada", "2"))))

    with pytest.raises(Conflict):
        store.on(agent).change(first, ConversationChange(status="open"))


def test_a_message_joins_the_conversation_that_an_agent_opened_again_at_the_same_moment(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    first = store.conversation_of("ada").conversation_id
    close(store, first)
    customer = InterruptedClient(store.client.endpoint_url or "")
    customer.before("TransactWriteItems", lambda: store.another().change(first, ConversationChange(status="open")))

    store.on(customer).ingest(webhook(text_message("ada", "2")))

    assert conversations(store) == [f"C#{first}"]
    assert len(texts(store, first)) == 2


def test_a_webhook_can_carry_everything_at_once_and_each_is_counted(store: Store) -> None:
    outcome = store.ingest(
        webhook(
            [
                text_message("ada", "1"),
                InboundTyping(sender=sender("ada")),
                AccountNotice(provider_id="n1", name="broadcast_finished", occurred_at=START),
                InboundReceipt(status="read", occurred_at=START, external_id="nobody knows"),
                text_message("ada", "1"),
            ]
        )
    )

    assert outcome == Counter(received=5, stored=1, typing=1, notice=1, receipt_unmatched=1, duplicate=1)


def test_a_receipt_for_all_messages_up_to_a_place_reaches_each_of_ours_and_nothing_else(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    places = [store.answer(conversation_id, f"reply {number}")["sequence"] for number in range(3)]
    store.deliveries.raise_status(conversation_id, places[1], "msg", "read", START)

    store.ingest(
        webhook(InboundReceipt(status="read", occurred_at=START, sender=sender("ada"), up_to_sequence=places[1]))
    )

    statuses = [entry.delivery.status if entry.delivery else None for entry in store.whole_log(conversation_id)]
    assert statuses == [None, None, "read", "read", None]


SenderStatus = Literal["active", "blocked", "inactive"]


@pytest.mark.parametrize("status", ["blocked", "inactive"])
def test_a_sender_who_leaves_cannot_be_written_to_until_they_are_back(store: Store, status: SenderStatus) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id

    store.ingest(webhook(text_message("ada", "2", sender_status=status, wants_answer=False)))
    with pytest.raises(Conflict):
        store.answer(conversation_id, "are you there?")
    assert identity_status(store) == status

    store.ingest(webhook(text_message("ada", "3", sender_status="active")))
    store.answer(conversation_id, "welcome back")
    assert identity_status(store) == "active"


def test_an_old_goodbye_that_is_delivered_again_does_not_undo_the_return(store: Store) -> None:
    goodbye = webhook(text_message("ada", "1", sender_status="blocked"))
    store.ingest(goodbye)
    store.ingest(webhook(text_message("ada", "2", sender_status="active")))

    store.ingest.start_batch()
    store.ingest(goodbye)

    assert identity_status(store) == "active"


def identity_status(store: Store) -> str:
    stored = store.people.identity(identity_id("letters", "main", "ada"))
    assert stored is not None
    return stored.identity.status


def test_messages_of_a_conversation_with_a_live_channel_are_to_be_pushed(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1"), "lounge"))
    store.ingest(webhook(text_message("ben", "1"), "letters"))

    for name, channel, tasks in (("ada", "lounge", ("push",)), ("ben", "letters", ())):
        entry = store.log.entry(store.conversation_of(name, channel).conversation_id, 2)
        assert entry is not None
        assert entry.tasks == tasks


def test_files_are_named_and_where_they_come_from_stays_internal(store: Store) -> None:
    message = InboundMessage(
        provider_id="1",
        sender=sender("ada"),
        occurred_at=START,
        parts=[TextPart(text="look"), FilePart(media=Media(filename="a.pdf")), FilePart(media=Media())],
        media=[MediaSource(index=1, reference={"id": "second"}), MediaSource(index=0, reference={"id": "first"})],
    )
    store.ingest(webhook(message))

    entry = store.log.entry(store.conversation_of("ada").conversation_id, 2)
    assert entry is not None
    files = [part.media for part in read_message(entry).parts if isinstance(part, FilePart)]
    assert [entry.media_sources[each.media_id or ""]["id"] for each in files] == ["first", "second"]
    assert entry.tasks == ("media",)
    assert "second" not in str(entry.data)


def test_an_echo_of_our_own_message_is_a_duplicate_and_another_echo_is_a_message_sent(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    sequence = store.answer(conversation_id, "ours")["sequence"]
    store.deliver(conversation_id, sequence)
    state = store.deliveries.state(conversation_id, sequence)
    assert state is not None

    ours = store.ingest(webhook(text_message("ada", state.external_ids[0], "ours", origin="echo", opens=None)))
    typed = store.ingest(webhook(text_message("ada", "typed", "from the app", origin="echo", opens=None)))

    last = store.whole_log(conversation_id)[-1]
    assert (ours["duplicate"], typed["stored"]) == (1, 1)
    assert (last.type, last.origin, last.tasks) == ("message.sent", "echo", ())


def test_a_reply_may_be_repeated_under_its_key_after_it_used_up_the_window_or_the_conversation_was_closed(
    store: Store,
) -> None:
    store.ingest(webhook(text_message("ada", "1"), "lounge"))
    conversation_id = store.conversation_of("ada", "lounge").conversation_id
    answers = [store.answer(conversation_id, str(number), key=str(number)) for number in range(WINDOW_SENDS)]
    with pytest.raises(Conflict):
        store.answer(conversation_id, "one too many", key="new")

    assert [store.answer(conversation_id, str(number), key=str(number)) for number in range(WINDOW_SENDS)] == answers
    close(store, conversation_id)
    assert store.answer(conversation_id, "0", key="0") == answers[0]


def test_a_message_that_comes_late_does_not_open_a_used_window_again(store: Store, clock: Clock) -> None:
    clock.advance(600)
    store.ingest(webhook(text_message("ada", "2", occurred_at=clock.now), "lounge"))
    conversation_id = store.conversation_of("ada", "lounge").conversation_id
    store.answer(conversation_id, "reply")

    store.ingest.start_batch()
    store.ingest(webhook(text_message("ada", "1", occurred_at=START), "lounge"))

    (route,) = store.conversation_of("ada", "lounge").routes.values()
    assert route.windows["message"].used == 1
    assert route.windows["message"].opened_at == clock.now


def test_a_lost_race_is_run_again_from_a_fresh_head(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    conversation_id = store.conversation_of("ada").conversation_id
    agent = store.another()
    agent.answer(conversation_id, "in between")

    # The worker remembers the head from its own batch, and that is old now.
    assert store.ingest(webhook(text_message("ada", "2", "after"))) == Counter(received=1, stored=1)

    assert texts(store, conversation_id) == ["hello", "in between", "after"]


def test_the_reference_of_a_message_is_found_on_every_worker(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))

    located = store.another().log.find(Reference("letters", "main", "1"))

    assert located is not None
    assert located.sequence == 2
