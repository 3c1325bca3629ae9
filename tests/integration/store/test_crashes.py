"""Given a process that dies before or after any of its calls, when the same work comes again, then the table is as if
nothing had happened.

Likewise when an answer is lost on the way: then the call is repeated within the same process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.aws.client import AwsClient
from shared.core.conversations import ConversationChange
from shared.errors import DeliveryError
from shared.model.identifiers import identity_id
from shared.model.inbound import AccountNotice, InboundReceipt
from tests.support.channels import LONGEST, AfterAccepting, sender, text_message, webhook
from tests.support.clients import CREDENTIALS, REGION, Killed, LossyConnections, MortalClient
from tests.support.engines import Engine
from tests.support.snapshots import snapshot
from tests.support.stores import START, Clock, Store, store_on

Act = Callable[[Store], object]
LONG = "a" * LONGEST + "b" * LONGEST + "c"


@dataclass(frozen=True)
class Story:
    """What went before, and the work that dies and comes again."""

    before: Act
    work: Act


def nothing(store: Store) -> None:
    return None


def written(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "before")))


def closed(store: Store) -> None:
    written(store)
    store.change(store.conversation_of("ada").conversation_id, ConversationChange(status="closed"))


def linked(store: Store) -> None:
    """The customer has an open conversation, and another identity whose own one is closed."""
    store.ingest(webhook(text_message("zoe", "before"), "lounge"))
    closed_one = store.conversation_of("zoe", "lounge").conversation_id
    store.change(closed_one, ConversationChange(status="closed"))
    written(store)
    request = {
        "TableName": store.table,
        "Key": {"PK": {"S": f"I#{identity_id('lounge', 'main', 'zoe')}"}, "SK": {"S": "ID"}},
        "UpdateExpression": "SET customer_id = :customer",
        "ExpressionAttributeValues": {":customer": {"S": store.conversation_of("ada").customer_id}},
    }
    store.client.call("dynamodb", "UpdateItem", request)


def replied(store: Store, text: str = "reply", channel: str = "register") -> None:
    store.ingest(webhook(text_message("ada", "before"), channel))
    store.answer(store.conversation_of("ada", channel).conversation_id, text)


def sent(store: Store) -> None:
    for number in range(3):
        replied(store, f"reply {number}")
        conversation_id = store.conversation_of("ada", "register").conversation_id
        store.deliver(conversation_id, store.log.entries(conversation_id, 0, 100)[-1].sequence)


def deliver_all(store: Store, channel: str = "register") -> None:
    conversation_id = store.conversation_of("ada", channel).conversation_id
    for entry in store.log.entries(conversation_id, 0, 100):
        if "send" in entry.tasks:
            store.deliver(conversation_id, entry.sequence)


STORIES = {
    "a new customer writes": Story(nothing, lambda store: store.ingest(webhook(text_message("ada", "1")))),
    "a customer writes again": Story(written, lambda store: store.ingest(webhook(text_message("ada", "1")))),
    "a customer writes after the conversation was closed": Story(
        closed, lambda store: store.ingest(webhook(text_message("ada", "1")))
    ),
    "a customer goes on elsewhere": Story(
        linked, lambda store: store.ingest(webhook(text_message("zoe", "1"), "lounge"))
    ),
    "a new customer leaves at once": Story(
        nothing, lambda store: store.ingest(webhook(text_message("ada", "1", sender_status="blocked")))
    ),
    "a webhook brings several things": Story(
        sent,
        lambda store: store.ingest(
            webhook(
                [
                    text_message("ada", "1"),
                    InboundReceipt(status="delivered", occurred_at=START, external_id="provider-1"),
                    InboundReceipt(status="read", occurred_at=START, external_id="not ours yet"),
                    AccountNotice(provider_id="n", name="finished", occurred_at=START),
                    text_message("ada", "2"),
                ],
                "register",
            )
        ),
    ),
    "a customer has read everything": Story(
        sent,
        lambda store: store.ingest(
            webhook(
                InboundReceipt(status="read", occurred_at=START, sender=sender("ada"), up_to_sequence=9), "register"
            )
        ),
    ),
    "an agent replies": Story(
        written,
        lambda store: store.answer(store.conversation_of("ada").conversation_id, "reply", key="k"),
    ),
    "an agent closes the conversation": Story(
        written,
        lambda store: store.change(
            store.conversation_of("ada").conversation_id, ConversationChange(status="closed", tags=["done"])
        ),
    ),
    "a reply is sent": Story(replied, deliver_all),
    "a long reply is sent": Story(lambda store: replied(store, LONG), deliver_all),
    "a reply is sent after its receipt": Story(
        lambda store: (
            replied(store),
            store.ingest(
                webhook(InboundReceipt(status="delivered", occurred_at=START, external_id="provider-1"), "register")
            ),
        ),
        deliver_all,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_work_that_dies_at_any_call_and_comes_again_ends_as_if_it_had_not_died(
    dynamodb_local: Engine, name: str
) -> None:
    story = STORIES[name]
    expected, calls = undisturbed(dynamodb_local, story)
    assert calls > 0

    for at in range(1, calls + 1):
        for carried_out in (False, True):
            with store_on(dynamodb_local, Clock()) as store:
                story.before(store)
                dying = MortalClient(dynamodb_local.endpoint, at, carried_out=carried_out)
                with pytest.raises(Killed):
                    story.work(store.on(dying))

                story.work(store.another())

                assert snapshot(store) == expected, f"died {'after' if carried_out else 'before'} call {at} of {calls}"
                story.work(store.another())
                assert snapshot(store) == expected, "a further repeat changed something"


@pytest.mark.parametrize("name", STORIES)
def test_work_that_loses_the_answer_to_any_call_ends_as_if_it_had_not(dynamodb_local: Engine, name: str) -> None:
    story = STORIES[name]
    expected, calls = undisturbed(dynamodb_local, story)

    for at in range(1, calls + 1):
        with store_on(dynamodb_local, Clock()) as store:
            story.before(store)
            lossy = LossyConnections(at)

            story.work(store.on(AwsClient(REGION, CREDENTIALS, dynamodb_local.endpoint, connections=lossy)))

            assert lossy.requests == calls + 1
            assert snapshot(store) == expected, f"lost the answer to call {at} of {calls}"


def undisturbed(engine: Engine, story: Story) -> tuple[list[str], int]:
    """The table after the work, and how many calls the work makes."""
    with store_on(engine, Clock()) as store:
        story.before(store)
        counting = MortalClient(engine.endpoint, 0, carried_out=False)
        story.work(store.on(counting))
        return snapshot(store), counting.calls


@pytest.mark.parametrize("text", ["short", LONG], ids=["one call", "three calls"])
def test_where_a_repeat_would_show_a_message_twice_it_is_sent_at_most_once_and_never_called_sent_in_doubt(
    dynamodb_local: Engine, text: str
) -> None:
    story = Story(lambda store: replied(store, text, "letters"), lambda store: deliver_all(store, "letters"))
    _, calls = undisturbed(dynamodb_local, story)
    whole = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
    ended = set()

    for at in range(1, calls + 1):
        for carried_out in (False, True):
            with store_on(dynamodb_local, Clock()) as store:
                story.before(store)
                with pytest.raises(Killed):
                    story.work(store.on(MortalClient(dynamodb_local.endpoint, at, carried_out=carried_out)))
                for _ in range(2):
                    story.work(store.another())

                shown = [piece for _, piece in store.channels["letters"].provider.accepted]
                state = store.deliveries.state(store.conversation_of("ada").conversation_id, 3)
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
    replied(store, "reply", channel)
    provider = store.channels[channel].provider
    provider.plan = [AfterAccepting(Killed()) if accepted else Killed()]
    with pytest.raises(Killed):
        deliver_all(store, channel)

    for _ in range(2):
        deliver_all(store.another(), channel)

    state = store.deliveries.state(store.conversation_of("ada", channel).conversation_id, 3)
    assert state is not None
    if channel == "register":
        assert (state.status, len(provider.accepted)) == ("sent", 1)
    else:
        assert (state.status, len(provider.accepted)) == ("unknown", int(accepted))
        assert state.error == {
            "code": "outcome_unknown",
            "title": DeliveryError("unknown", "", "a sender stopped between the call and its answer").title,
            "retryable": False,
        }
