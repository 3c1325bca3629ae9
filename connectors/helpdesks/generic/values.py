"""The values that templates can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.model.plain import html_to_text, markdown_to_text

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskEvent
    from shared.model.conversation import Customer
    from shared.model.media import Media
    from shared.model.message import Message

KNOWN_VALUES: frozenset[str] = frozenset(
    {
        "customer.id",
        "customer.name",
        "customer.email",
        "customer.phone",
        "customer.language",
        "conversation.id",
        "message.id",
        "message.text",
        "message.sequence",
        "message.author",
        "message.author_name",
        "message.direction",
        "message.channel",
        "message.account",
        "message.subject",
        "message.time",
        "desk.customer",
        "desk.ticket",
        "desk.message",
    }
)
"""``desk.`` are ids of the helpdesk. In a note, ``message.text`` is what the agents are told."""

FILE_VALUES: frozenset[str] = frozenset(
    {"file.id", "file.name", "file.type", "file.size", "file.content", "file.base64"}
)
"""In ``requests.file`` only; ``file.content`` stands alone, as a field of a multipart body."""


def event_values(event: DeskEvent) -> dict[str, Any]:
    """The values of an event, its message and its customer."""
    values: dict[str, Any] = {"conversation.id": event.event.subject, **customer_values(event.customer())}
    if event.message is None:
        return values
    values |= message_values(event.message)
    if event.message.author.type == "customer":
        values["message.author_name"] = values["message.author_name"] or values["customer.name"]
    return values


def customer_values(customer: Customer) -> dict[str, Any]:
    """What is known of the customer; ``email`` and ``phone`` are proven ones only."""
    values: dict[str, Any] = {
        "customer.id": customer.id,
        "customer.name": customer.name or next((each.name for each in customer.identities if each.name), None),
        "customer.language": customer.language,
    }
    for kind in ("email", "phone"):
        proven = (each.aliases.get(kind) for each in customer.identities if each.verification != "none")
        values[f"customer.{kind}"] = next((alias for alias in proven if alias), None)
    return values


def message_values(message: Message) -> dict[str, Any]:
    return {
        "message.id": message.id,
        "message.text": plain_text(message),
        "message.sequence": message.sequence,
        "message.author": message.author.type,
        "message.author_name": message.author.name,
        "message.direction": message.direction,
        "message.channel": message.channel.type,
        "message.account": message.channel.account,
        "message.subject": (message.email or {}).get("subject"),
        "message.time": message.occurred_at,
    }


def plain_text(message: Message) -> str:
    """The message in plain words: what is flattened already, unless an agent has written markup."""
    formats = {getattr(part, "format", "plain") for part in message.parts}
    if formats <= {"plain"}:
        return message.text
    return html_to_text(message.text) if "html" in formats else markdown_to_text(message.text)


def file_values(media: Media) -> dict[str, Any]:
    """All of a file but its content. A file without a name is called by its id."""
    return {
        "file.id": media.media_id,
        "file.name": media.filename or media.media_id or "file",
        "file.type": media.mime_type or media.declared_mime_type or "application/octet-stream",
        "file.size": media.size,
    }
