"""What happens to a message after it was written is an entry of its own, and nobody reads the old words any more."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.messages import read_message
from shared.core.publishing import entry_event
from shared.model.inbound import InboundDeletion, InboundEdit, InboundMessage, InboundReaction, MediaSource
from shared.model.media import Media
from shared.model.message import Message
from shared.model.parts import FilePart, Part, TextPart
from tests.support.channels import sender, webhook
from tests.unit.core.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def written(desk: Desk, *parts: Part) -> str:
    """Ann writes message ``m1``; the id of its conversation."""
    sources = [MediaSource(index=0, reference={"url": "u"})] if len(parts) > 1 else []
    message = InboundMessage(
        provider_id="m1", sender=sender("ann"), parts=list(parts), occurred_at=1.0, opens="message", media=sources
    )
    desk.ingest(webhook(message))
    return desk.conversation("ann").conversation_id


def edit(text: str, provider_id: str = "e1", **more: Any) -> InboundEdit:
    parts = more.pop("parts", [TextPart(text=text)])
    return InboundEdit(provider_id=provider_id, external_id="m1", parts=parts, occurred_at=2.0, **more)


def deletion(provider_id: str = "d1") -> InboundDeletion:
    return InboundDeletion(provider_id=provider_id, external_id="m1", occurred_at=3.0)


def first_message(desk: Desk, conversation_id: str) -> Message:
    return read_message(desk.entry(conversation_id, 2))


def test_an_edited_message_says_what_it_says_now_and_the_edit_is_an_entry(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="helo"))
    assert desk.ingest(webhook(edit("hello")))["revised"] == 1
    message = first_message(desk, conversation)
    assert (message.text, message.edited_at) == ("hello", "1970-01-01T00:00:02.000Z")
    event = entry_event(desk.entry(conversation, 3), "urn:test")
    assert (event.type, event.sequence, event.previous_sequence) == ("message.edited", 3, 2)
    assert event.data == {
        "message_id": message.id,
        "message_sequence": 2,
        "parts": [{"type": "text", "text": "hello"}],
        "text": "hello",
        "edited_at": "1970-01-01T00:00:02.000Z",
    }


def test_an_edit_that_comes_again_or_changes_nothing_writes_nothing(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="helo"))
    for _ in range(3):
        desk.ingest(webhook(edit("hello")))
    desk.ingest(webhook(edit("hello", "e2")))
    assert desk.store.heads[conversation].sequence == 3


def test_edits_follow_each_other(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="one"))
    desk.ingest(webhook([edit("two", "e1"), edit("three", "e2"), edit("two", "e1")]))
    assert first_message(desk, conversation).text == "three"
    assert [entry.type for entry in desk.store.logs[conversation][2:]] == ["message.edited"] * 2


def test_an_edit_keeps_the_files_that_are_still_there(desk: Desk) -> None:
    file = FilePart(media=Media(filename="a.pdf"))
    conversation = written(desk, TextPart(text="see"), file)
    before = first_message(desk, conversation).parts[1]
    changed = [TextPart(text="see this"), FilePart(media=Media(filename="a.pdf"))]
    desk.ingest(webhook(edit("", parts=changed)))
    assert first_message(desk, conversation).parts == [TextPart(text="see this"), before]


def test_a_deleted_message_has_no_content_and_its_files_are_to_go(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="my card is 4111"), FilePart(media=Media(filename="a.pdf")))
    [media_id] = [part.media.media_id for part in first_message(desk, conversation).parts if isinstance(part, FilePart)]
    desk.ingest(webhook(deletion()))
    entry = desk.entry(conversation, 2)
    message = read_message(entry)
    assert (message.parts, message.text, message.deleted_at) == ([], "", "1970-01-01T00:00:03.000Z")
    assert "4111" not in str(entry.data)
    assert entry.media_sources == {}
    gone = desk.entry(conversation, 3)
    assert (gone.type, gone.tasks, gone.data["media_ids"]) == ("message.deleted", ("media",), [media_id])


def test_nothing_more_happens_to_a_deleted_message(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="one"))
    desk.ingest(webhook([deletion(), edit("back again"), deletion("d2")]))
    assert desk.store.heads[conversation].sequence == 3
    assert first_message(desk, conversation).parts == []


def test_reactions_are_entries_and_leave_the_message_alone(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="one"))
    thumb = InboundReaction(provider_id="r1", external_id="m1", reaction="thumbsup", occurred_at=2.0)
    gone = InboundReaction(provider_id="r2", external_id="m1", reaction="thumbsup", occurred_at=3.0, removed=True)
    desk.ingest(webhook([thumb, thumb, gone]))
    added, removed = desk.store.logs[conversation][2:]
    assert (added.type, removed.type) == ("reaction.added", "reaction.removed")
    assert added.data["reaction"] == "thumbsup"
    assert added.data["message_sequence"] == 2
    assert added.data["author"] == {"type": "customer"}
    assert first_message(desk, conversation).text == "one"


def test_what_is_about_a_message_that_nobody_knows_changes_nothing(desk: Desk) -> None:
    outcomes = desk.ingest(webhook([edit("x"), deletion()]))
    assert outcomes["revision_unmatched"] == 2
    assert desk.store.logs == {}


def test_a_revision_waits_for_other_writers_and_is_prepared_anew(desk: Desk) -> None:
    conversation = written(desk, TextPart(text="one"))
    desk.store.races = 2
    desk.ingest(webhook(edit("two")))
    assert first_message(desk, conversation).text == "two"
    assert desk.store.heads[conversation].sequence == 3
