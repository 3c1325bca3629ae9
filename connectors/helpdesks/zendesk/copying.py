"""A message of the log as comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from connectors.helpdesks.zendesk.comments import Draft
from connectors.helpdesks.zendesk.tickets import place
from shared.helpdesk.content import subject_of, text_of
from shared.helpdesk.copying import Copying, Piece

if TYPE_CHECKING:
    from shared.helpdesk.copying import PieceKind
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext
    from shared.model.message import Message

MAXIMUM_BYTES = 52_428_800
LONGEST_SUBJECT = 120


def copy_message(message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """Raises DeliveryError."""
    _copying(message, event, context).all()


def copy_file(media_id: str, message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """A file that was pending when its message came. Raises DeliveryError."""
    _copying(message, event, context).file(media_id)


def _copying(message: Message, event: DeskEvent, context: HelpdeskContext) -> Copying:
    def say(kind: PieceKind, ours: str, piece: Callable[[], Piece]) -> None:
        def draft() -> Draft:
            text, files = piece()
            return Draft(text, files, by_customer=message.direction == "inbound", subject=_subject(message))

        place(kind, ours, draft, event, context)

    return Copying(message, text_of(message), say, context, MAXIMUM_BYTES)


def _subject(message: Message) -> str:
    """The subject of a mail, else the beginning of what is said."""
    line = subject_of(message) or " ".join(text_of(message).split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[:LONGEST_SUBJECT]}…"
