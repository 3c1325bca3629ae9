"""Which conversation a message continues, and what a reply is told of what was said before."""

from __future__ import annotations

import pytest

from shared.core.conversations import ConversationChange
from shared.core.records import Reference
from shared.model.inbound import Continues
from shared.model.value import replace
from tests.support.channels import text_message, webhook
from tests.unit.core.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def closed(desk: Desk, name: str) -> str:
    """A conversation of somebody that has been closed; its id."""
    desk.write(name, "first", channel="post", provider_id=f"first-of-{name}")
    conversation = desk.conversation(name, "post").conversation_id
    desk.change(conversation, ConversationChange(status="closed"))
    return conversation


def test_an_answer_to_a_closed_conversation_opens_it_again(desk: Desk) -> None:
    conversation = closed(desk, "ann")
    desk.write("ann", "one more thing", channel="post", continues=Continues(conversation_id=conversation))
    head = desk.conversation("ann", "post")
    assert (head.conversation_id, head.status) == (conversation, "open")
    reopened, message = desk.store.logs[conversation][-2:]
    assert (reopened.type, reopened.data["changes"]) == ("conversation.updated", {"status": "open"})
    assert message.type == "message.received"


def test_it_is_found_by_an_id_of_one_of_its_messages_as_well(desk: Desk) -> None:
    conversation = closed(desk, "ann")
    continues = Continues(external_ids=["unknown", "first-of-ann"])
    desk.write("ann", "one more thing", channel="post", continues=continues)
    assert desk.conversation("ann", "post").conversation_id == conversation


def test_without_a_reference_a_new_conversation_is_opened(desk: Desk) -> None:
    conversation = closed(desk, "ann")
    desk.write("ann", "something else", channel="post")
    assert desk.conversation("ann", "post").conversation_id != conversation


def test_a_stranger_who_names_a_conversation_gets_one_of_his_own(desk: Desk) -> None:
    for conversation in (closed(desk, "ann"),):
        continues = Continues(conversation_id=conversation, external_ids=["first-of-ann"])
        desk.write("mallory", "let me in", channel="post", continues=continues)
        desk.write("mallory", "let me in", channel="post", continues=continues)
    assert desk.conversation("mallory", "post").conversation_id != conversation
    assert desk.store.heads[conversation].status == "closed"


def test_a_stranger_with_a_closed_conversation_of_his_own_is_no_participant_either(desk: Desk) -> None:
    of_ann, of_mallory = closed(desk, "ann"), closed(desk, "mallory")
    desk.write("mallory", "let me in", channel="post", continues=Continues(conversation_id=of_ann))
    assert desk.store.heads[of_ann].status == "closed"
    assert desk.conversation("mallory", "post").conversation_id not in (of_ann, of_mallory)


def test_an_old_conversation_stays_closed_when_there_is_a_later_one(desk: Desk) -> None:
    first = closed(desk, "ann")
    desk.write("ann", "something else", channel="post")
    second = desk.conversation("ann", "post").conversation_id
    desk.write("ann", "about the first", channel="post", continues=Continues(conversation_id=first))
    assert desk.store.heads[first].status == "closed"
    assert desk.conversation("ann", "post").conversation_id == second


def test_a_machines_answer_joins_a_closed_conversation_and_leaves_it_closed(desk: Desk) -> None:
    conversation = closed(desk, "ann")
    continues = Continues(conversation_id=conversation)
    desk.write("ann", "I am out of office", channel="post", continues=continues, wants_answer=False)
    assert desk.store.heads[conversation].status == "closed"
    assert desk.entry(conversation, desk.store.heads[conversation].sequence).type == "message.received"


def test_a_channel_that_threads_by_message_is_told_what_was_said_before(desk: Desk) -> None:
    desk.write("ann", "first", channel="post")
    conversation = desk.conversation("ann", "post").conversation_id
    desk.answer(conversation, "answer one")
    desk.write("ann", "second", channel="post")
    answer = desk.answer(conversation, "answer two")
    desk.deliver(conversation, answer["sequence"])
    recipient = desk.channels["post"].recipients[-1]
    assert [message.text for message in recipient.earlier] == ["second", "answer one", "first"]


def test_what_was_said_on_other_channels_is_not_part_of_the_thread(desk: Desk) -> None:
    desk.write("ann", "by post", channel="post")
    conversation = desk.conversation("ann", "post").conversation_id
    desk.join(conversation, "ann", "letters")
    desk.ingest(webhook(text_message("ann", "letter-2", "by letter"), "letters"))
    answer = desk.answer(conversation, "answer", route={"channel": "post"})
    desk.deliver(conversation, answer["sequence"])
    assert [message.text for message in desk.channels["post"].recipients[-1].earlier] == ["by post"]


def test_other_channels_are_told_nothing(desk: Desk) -> None:
    desk.write("ann", "first")
    conversation = desk.conversation("ann").conversation_id
    desk.deliver(conversation, desk.answer(conversation, "answer")["sequence"])
    assert desk.channels["letters"].recipients[-1].earlier == ()


def test_an_original_is_read_from_where_it_lies(desk: Desk) -> None:
    envelope = webhook(text_message("ann", "1", "large"), "post")
    desk.originals.kept["mail/1"] = envelope.body
    desk.ingest(replace(envelope, body=b"", stored="mail/1"))
    assert desk.store.find(Reference("post", "main", "1")) is not None


def test_what_staff_write_into_a_thread_goes_to_its_customer_whoever_the_provider_names(desk: Desk) -> None:
    desk.write("ann", "question", channel="post", provider_id="root")
    conversation = desk.conversation("ann", "post").conversation_id
    continues = Continues(external_ids=["root"])
    desk.write("ann of another workspace", "answer", channel="post", origin="echo", continues=continues)
    head = desk.store.heads[conversation]
    entry = desk.entry(conversation, head.sequence)
    assert (entry.type, entry.origin) == ("message.sent", "echo")
    assert entry.data["message"]["identity_id"] == head.active_identity
    assert len(desk.store.heads) == 1


def test_what_staff_write_into_a_thread_that_nobody_knows_is_nobodys_conversation(desk: Desk) -> None:
    outcome = desk.write("ann", "answer", channel="post", origin="echo", continues=Continues(external_ids=["root"]))
    assert outcome["echo_unmatched"] == 1
    assert desk.store.heads == {}
