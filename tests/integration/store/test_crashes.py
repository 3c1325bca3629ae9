"""Given a process that dies before or after any of its calls, when the same work comes again, then the table is as if
nothing had happened.

Likewise when an answer is lost on the way: then the call is repeated within the same process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from shared.aws import keys
from shared.core.conversations import ConversationChange
from shared.model.identifiers import identity_id
from shared.model.inbound import (
    AccountNotice,
    Continues,
    InboundDeletion,
    InboundEdit,
    InboundEvent,
    InboundReaction,
    InboundReceipt,
)
from shared.model.message import MessageError
from shared.model.parts import TextPart
from tests.support.channels import LONGEST, AfterAccepting, sender, text_message, webhook
from tests.support.clients import Killed, MortalClient
from tests.support.crashes import Story, Undisturbed, assert_survives_death, assert_survives_lost_answers
from tests.support.engines import Engine
from tests.support.stores import START, Store

LONG = "a" * LONGEST + "b" * LONGEST + "c"


def nothing(store: Store) -> None:
    """The table is empty."""


def written(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "before")))


def closed(store: Store) -> None:
    written(store)
    store.change(store.conversation_of("ada").conversation_id, ConversationChange(status="closed"))


def linked(store: Store) -> None:
    """The customer has an open conversation, and another identity whose own one is closed."""
    store.ingest(webhook(text_message("zoe", "before"), "lounge"))
    store.change(store.conversation_of("zoe", "lounge").conversation_id, ConversationChange(status="closed"))
    written(store)
    request = {
        "TableName": store.table,
        "Key": keys.identity(identity_id("lounge", "main", "zoe")),
        "UpdateExpression": "SET customer_id = :customer",
        "ExpressionAttributeValues": {":customer": {"S": store.conversation_of("ada").customer_id}},
    }
    store.client.call("dynamodb", "UpdateItem", request)


def replied(store: Store, text: str = "reply", channel: str = "register") -> str:
    """Entry 3 is to be sent."""
    store.ingest(webhook(text_message("ada", "before"), channel))
    conversation_id = store.conversation_of("ada", channel).conversation_id
    store.answer(conversation_id, text)
    return conversation_id


def replied_and_read(store: Store) -> None:
    replied(store)
    store.ingest(webhook(receipt("provider-1"), "register"))


def sent(store: Store) -> None:
    """Entries 3, 4 and 5 have been sent as provider-1, -2 and -3."""
    conversation_id = replied(store)
    for sequence in (4, 5):
        store.answer(conversation_id, f"reply {sequence}")
    for sequence in (3, 4, 5):
        store.deliver(conversation_id, sequence)


def replied_with_fallback(store: Store) -> str:
    """Entry 4 is to be sent; the customer can also be reached in the booth, where it takes all sends of a window."""
    store.ingest(webhook(text_message("ada", "before"), "register"))
    conversation_id = store.conversation_of("ada", "register").conversation_id
    store.add_route(conversation_id, "ada", "booth")
    store.answer(conversation_id, "a" * LONGEST + "b", fallback=["booth"], unread_after=60)
    return conversation_id


def replied_to_who_blocks(store: Store) -> None:
    replied_with_fallback(store)
    store.channels["register"].provider.blocked_by.add("ada")


def replied_to_who_blocks_everywhere(store: Store) -> None:
    replied_to_who_blocks(store)
    store.channels["booth"].provider.blocked_by.add("ada")


def bounced(store: Store) -> None:
    """Entry 4 was sent as provider-1, which the provider then reports as lost."""
    store.deliver(replied_with_fallback(store), 4)
    store.ingest(webhook(BOUNCE, "register"))


def receipt(external_id: str) -> InboundReceipt:
    return InboundReceipt(status="delivered", occurred_at=START, external_id=external_id)


BOUNCE = InboundReceipt(
    status="failed",
    occurred_at=START,
    external_id="provider-1",
    error=MessageError(code="bounced", title="Nobody is there"),
)
READ = InboundReceipt(status="read", occurred_at=START, sender=sender("ada"), up_to_sequence=9)
EDIT = InboundEdit(provider_id="e", external_id="before", parts=[TextPart(text="better")], occurred_at=START)
DELETION = InboundDeletion(provider_id="d", external_id="before", occurred_at=START)
REACTION = InboundReaction(provider_id="r", external_id="before", reaction="+1", occurred_at=START)
SEVERAL: list[InboundEvent] = [
    text_message("ada", "1"),
    receipt("provider-1"),
    receipt("not ours yet"),
    AccountNotice(provider_id="n", name="finished", occurred_at=START),
    text_message("ada", "2"),
]


def ingested(events: InboundEvent | list[InboundEvent], channel: str = "letters") -> Callable[[Store, str], object]:
    return lambda store, _: store.ingest(webhook(events, channel))


def answered(store: Store, conversation_id: str) -> None:
    """A message that says which conversation it continues."""
    continues = Continues(conversation_id=conversation_id)
    store.ingest(webhook(text_message("ada", "1", continues=continues), "letters"))


STORIES = {
    "a new customer writes": Story(nothing, ingested(text_message("ada", "1"))),
    "a customer writes again": Story(written, ingested(text_message("ada", "1"))),
    "a customer writes after the end": Story(closed, ingested(text_message("ada", "1"))),
    "a customer goes on elsewhere": Story(linked, ingested(text_message("zoe", "1"), "lounge")),
    "a new customer leaves at once": Story(nothing, ingested(text_message("ada", "1", sender_status="blocked"))),
    "a webhook brings several things": Story(sent, ingested(SEVERAL, "register")),
    "a customer has read everything": Story(sent, ingested(READ, "register")),
    "a customer answers after the end": Story(closed, answered),
    "a customer edits a message": Story(written, ingested(EDIT)),
    "a customer takes a message back": Story(written, ingested(DELETION)),
    "a customer edits reacts and takes back": Story(written, ingested([EDIT, REACTION, DELETION])),
    "an agent replies": Story(written, lambda store, where: store.answer(where, "reply", key="k")),
    "an agent closes the conversation": Story(
        written, lambda store, where: store.change(where, ConversationChange(status="closed", tags=["done"]))
    ),
    "an agent opens it again": Story(
        closed, lambda store, where: store.change(where, ConversationChange(status="open"))
    ),
    "a reply is sent": Story(replied, lambda store, where: store.deliver(where, 3)),
    "a long reply is sent": Story(lambda store: replied(store, LONG), lambda store, where: store.deliver(where, 3)),
    "a reply goes on to its next route": Story(replied_to_who_blocks, lambda store, where: store.deliver(where, 4)),
    "a reply finds no route": Story(replied_to_who_blocks_everywhere, lambda store, where: store.deliver(where, 4)),
    "a reply bounces": Story(
        lambda store: store.deliver(replied_with_fallback(store), 4), ingested(BOUNCE, "register")
    ),
    "a reply that bounced goes on": Story(bounced, lambda store, where: store.deliver(where, 4)),
    "a reply is sent after its receipt": Story(replied_and_read, lambda store, where: store.deliver(where, 3)),
}


WHERE_A_REPEAT_SHOWS_TWICE = {
    f"{name} on a channel where a repeat shows twice": Story(
        partial(replied, text=text, channel="letters"), lambda store, where: store.deliver(where, 3)
    )
    for name, text in (("a reply is sent", "reply"), ("a long reply is sent", LONG))
}
"""A process that dies in the middle of these cannot know whether the customer has the message: see below."""


@pytest.mark.parametrize("name", STORIES)
def test_work_that_dies_at_any_call_and_comes_again_ends_as_if_it_had_not_died(
    dynamodb_local: Engine, name: str
) -> None:
    assert_survives_death(dynamodb_local, STORIES[name])


@pytest.mark.parametrize("name", STORIES | WHERE_A_REPEAT_SHOWS_TWICE)
def test_work_that_loses_the_answer_to_any_call_ends_as_if_it_had_not(dynamodb_local: Engine, name: str) -> None:
    assert_survives_lost_answers(dynamodb_local, (STORIES | WHERE_A_REPEAT_SHOWS_TWICE)[name])


@pytest.mark.parametrize("text", ["short", LONG], ids=["one call", "three calls"])
def test_where_a_repeat_would_show_a_message_twice_it_is_sent_at_most_once_and_never_called_sent_in_doubt(
    dynamodb_local: Engine, text: str
) -> None:
    story = Story(lambda store: replied(store, text, "letters"), lambda store, where: store.deliver(where, 3))
    expected = Undisturbed.of(dynamodb_local, story)
    whole = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
    ended = set()

    for at in range(1, expected.calls + 1):
        for carried_out in (False, True):
            with expected.beginning.again(dynamodb_local) as store:
                dying = store.on(MortalClient(dynamodb_local.endpoint, at, carried_out=carried_out))
                with pytest.raises(Killed):
                    story.work(dying, expected.conversation_id)
                story.work(store.another(), expected.conversation_id)

                shown = [piece for _, piece in store.channels["letters"].provider.accepted]
                state = store.deliveries.state(expected.conversation_id, 3)
                assert state is not None
                assert shown == whole[: len(shown)]
                assert state.status == "unknown" or (state.status == "sent" and shown == whole)
                ended.add(state.status)
    assert ended == {"sent", "unknown"}


@pytest.mark.parametrize("channel", ["letters", "register"])
@pytest.mark.parametrize("accepted", [False, True])
def test_a_sender_that_dies_while_the_provider_is_called_never_shows_a_message_twice(
    store: Store, channel: str, accepted: bool
) -> None:
    conversation_id = replied(store, "reply", channel)
    provider = store.channels[channel].provider
    provider.plan = [AfterAccepting(Killed()) if accepted else Killed()]
    with pytest.raises(Killed):
        store.deliver(conversation_id, 3)

    for _ in range(2):
        store.another().deliver(conversation_id, 3)

    state = store.deliveries.state(conversation_id, 3)
    assert state is not None
    if channel == "register":
        assert (state.status, len(provider.accepted)) == ("sent", 1)
    else:
        assert (state.status, len(provider.accepted)) == ("unknown", int(accepted))
        assert state.error is not None
        assert (state.error["code"], state.error["retryable"]) == ("outcome_unknown", False)
