"""The log entry of a message that came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.core.messages import stored_form
from shared.core.records import NewEntry
from shared.model import identifiers
from shared.model.message import Author, Channel, Message
from shared.model.parts import media_of
from shared.model.text import flatten
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.records import Head
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundMessage


def received_entry(
    head: Head, event: InboundMessage, envelope: Envelope, identity_id: str, *, now: float, late: bool, live: bool
) -> NewEntry:
    """The entry of a message that came in; ``head`` is the conversation's state after it. ``live``: somebody may be
    looking at the conversation in a web chat. Gives the message's files their ids."""
    sources = _name_media(event, now)
    echo = event.origin == "echo"
    message = Message(
        id=identifiers.message_id(now),
        conversation_id=head.conversation_id,
        sequence=head.sequence,
        direction="outbound" if echo else "inbound",
        origin=event.origin,
        author=_author(event, head),
        channel=Channel(type=envelope.channel, account=envelope.account, thread_id=event.thread_id),
        identity_id=identity_id,
        external_ids=event.external_ids,
        reply_to=event.reply_to,
        parts=event.parts,
        text=flatten(event.parts),
        language=event.sender.language,
        email=event.email,
        metadata=event.metadata,
        occurred_at=rfc3339(event.occurred_at),
        received_at=rfc3339(envelope.received_at),
        late=late,
    )
    return NewEntry(
        type="message.sent" if echo else "message.received",
        at=head.updated_at,
        data={"message": stored_form(message)},
        message_id=message.id,
        channel=envelope.channel,
        account=envelope.account,
        origin=event.origin,
        tasks=(*(("push",) if live else ()), *(("media",) if sources else ())),
        media_sources=sources,
        traceparent=envelope.traceparent,
    )


def _author(event: InboundMessage, head: Head) -> Author:
    if event.origin == "echo":
        return event.author or Author(type="agent")
    return Author(type="customer", customer_id=head.customer_id, name=event.sender.name)


def _name_media(event: InboundMessage, now: float) -> dict[str, dict[str, str]]:
    """Gives every media of the message its id, and returns where each can be fetched from, by that id."""
    media = [each for part in event.parts for each in media_of(part)]
    for each in media:
        each.media_id = each.media_id or identifiers.media_id(now)
        each.state = each.state or "pending"
    return {media[source.index].media_id or "": source.reference for source in event.media if source.index < len(media)}
