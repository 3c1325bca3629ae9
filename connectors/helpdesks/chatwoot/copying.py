"""A message of the log as messages in Chatwoot, which shows text as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from connectors.helpdesks.chatwoot.messages import MOST_FILES, Draft, place
from shared.helpdesk.content import subject_of, text_of
from shared.helpdesk.copying import Copying, Piece

if TYPE_CHECKING:
    from shared.helpdesk.copying import PieceKind
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext
    from shared.model.message import Message

MAXIMUM_BYTES = 26_214_400
NOTHING = "[…]"
"""Chatwoot takes an empty message, and shows nothing at all."""


def copy_message(message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """Raises DeliveryError."""
    _copying(message, event, context).all()


def copy_file(media_id: str, message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """A file that was pending when its message came. Raises DeliveryError."""
    _copying(message, event, context).file(media_id)


def _copying(message: Message, event: DeskEvent, context: HelpdeskContext) -> Copying:
    def say(kind: PieceKind, ours: str, piece: Callable[[], Piece]) -> None:
        def draft() -> Draft:
            return _text(message, piece(), context) if kind == "message" else _late_file(message, piece(), event)

        place(kind, ours, draft, event, context)

    subject, text = subject_of(message), text_of(message)
    words = "\n\n".join(line for line in (f"**{subject}**" if subject else "", text) if line)
    return Copying(message, words, say, context, MAXIMUM_BYTES, MOST_FILES)


def _text(message: Message, piece: Piece, context: HelpdeskContext) -> Draft:
    quoted = message.reply_to.message_id if message.reply_to is not None else None
    in_reply_to = context.memory.theirs("message", quoted) if quoted is not None else None
    text = piece.text or ("" if piece.files else NOTHING)
    return Draft("incoming" if message.direction == "inbound" else "outgoing", text, piece.files, in_reply_to)


def _late_file(message: Message, piece: Piece, event: DeskEvent) -> Draft:
    """In a conversation that is closed it is a note: Chatwoot opens a conversation again when the customer writes."""
    if event.conversation().status == "closed":
        return Draft("note", piece.text, piece.files)
    return Draft("incoming" if message.direction == "inbound" else "outgoing", piece.text, piece.files)
