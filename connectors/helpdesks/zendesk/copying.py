"""A message of the log as comments: one with its text and the files that are there, and one for each file that comes
later.

Which files go along with the text is noted before the call, as ``<message>/<media>`` in the place of their id: so a
file is posted once, whether or not the outcome of that call is ever known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.helpdesks.zendesk.comments import Draft, File
from connectors.helpdesks.zendesk.content import (
    filename_of,
    files_of,
    is_lost,
    is_there,
    missing_line,
    subject_of,
    text_of,
)
from connectors.helpdesks.zendesk.tickets import place
from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.helpdesk import DeskEvent, HelpdeskContext
    from shared.model.media import Media
    from shared.model.message import Message

MAXIMUM_BYTES = 52_428_800


def copy_message(message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """Raises DeliveryError."""
    files = files_of(message)
    there = [media for media in files if is_there(media)]
    if text_of(message) or there or not files:
        place("message", message.id, lambda: _draft(message, files, context), event, context)
    for media in there:
        _copy_late(media, message, event, context)


def copy_file(media_id: str, message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """A file that was pending when its message came. Raises DeliveryError."""
    for media in files_of(message):
        if media.media_id == media_id and (is_there(media) or is_lost(media)):
            _copy_late(media, message, event, context)


def _copy_late(media: Media, message: Message, event: DeskEvent, context: HelpdeskContext) -> None:
    """By itself, unless it went along with the text."""
    if media.media_id is not None:
        place("file", media.media_id, lambda: _with_files(message, "", [media], context), event, context)


def _draft(message: Message, files: list[Media], context: HelpdeskContext) -> Draft:
    along = [media for media in files if is_there(media) and _goes_along(media, message, context)]
    for media in files:
        if is_lost(media):
            _goes_along(media, message, context)  # the text says so
    return _with_files(message, text_of(message), along, context)


def _goes_along(media: Media, message: Message, context: HelpdeskContext) -> bool:
    """Notes that a file is told of along with the text. False when it was posted by itself."""
    if media.media_id is None:
        return True
    name = f"{message.id}/{media.media_id}"
    return context.memory.remember("file", media.media_id, name) == name


def _with_files(message: Message, text: str, files: list[Media], context: HelpdeskContext) -> Draft:
    """A file that cannot be read is a line of the text."""
    lines, read = [text] if text else [], []
    for media in files:
        if is_lost(media):
            lines.append(missing_line(media))
            continue
        try:
            body = context.files.read(media, MAXIMUM_BYTES)
        except DeliveryError as error:
            if error.error_class != "permanent":
                raise
            lines.append(missing_line(media))
            continue
        mime_type = media.mime_type or media.declared_mime_type or "application/octet-stream"
        read.append(File(filename_of(media), mime_type, body))
    is_customers = message.direction == "inbound"
    return Draft("\n\n".join(lines), tuple(read), by_customer=is_customers, subject=subject_of(message))
