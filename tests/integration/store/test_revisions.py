"""Given a message in the log, when it is edited or taken back, then its entry says so from then on, whatever races."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shared.core.messages import read_message
from shared.errors import WriteConflict
from shared.model.inbound import InboundDeletion, InboundEdit, InboundMessage, MediaSource
from shared.model.media import Media
from shared.model.parts import FilePart, TextPart
from tests.support.channels import sender, text_message, webhook
from tests.support.stores import START, Store
from tests.support.threads import together


def edit(text: str, provider_id: str) -> InboundEdit:
    return InboundEdit(provider_id=provider_id, external_id="1", parts=[TextPart(text=text)], occurred_at=START)


def test_an_edit_changes_the_entry_and_adds_one(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1", "helo")))
    conversation = store.conversation_of("ada").conversation_id

    store.ingest(webhook([edit("hello", "e1"), edit("hello", "e1")]))

    opened, message, edited = store.whole_log(conversation)
    assert (opened.type, message.type, edited.type) == ("conversation.opened", "message.received", "message.edited")
    assert read_message(message).text == "hello"
    assert edited.data["text"] == "hello"


def test_taking_a_message_back_removes_what_it_said_from_the_table(store: Store) -> None:
    file = FilePart(media=Media(filename="passport.pdf"))
    message = InboundMessage(
        provider_id="1",
        sender=sender("ada"),
        parts=[TextPart(text="my secret"), file],
        occurred_at=START,
        media=[MediaSource(index=0, reference={"url": "https://files.example/passport"})],
    )
    store.ingest(webhook(message))

    store.ingest(webhook(InboundDeletion(provider_id="d", external_id="1", occurred_at=START)))

    kept = str(store.items())
    assert "my secret" not in kept
    assert "passport" not in kept
    assert store.whole_log(store.conversation_of("ada").conversation_id)[1].media_sources == {}


def test_racing_edits_and_messages_lose_nothing_and_leave_no_gap(real_store: Store) -> None:
    real_store.ingest(webhook(text_message("ada", "1", "first")))
    conversation = real_store.conversation_of("ada").conversation_id

    def write(number: int) -> None:
        mine = real_store.another()
        persistently(lambda: mine.ingest(webhook(edit(f"edit {number}", f"e{number}"))))
        persistently(lambda: mine.ingest(webhook(text_message("ada", f"m{number}", f"message {number}"))))

    together([partial(write, number) for number in range(4)])

    log = real_store.whole_log(conversation)
    edits = [entry for entry in log if entry.type == "message.edited"]
    assert [entry.sequence for entry in log] == list(range(1, len(log) + 1))
    assert len(edits) == 4
    assert read_message(log[1]).text == edits[-1].data["text"]


def persistently(act: Callable[[], object]) -> None:
    """As a queue would: what failed because too many wrote at once comes again."""
    while True:
        try:
            act()
        except WriteConflict:
            continue
        return
