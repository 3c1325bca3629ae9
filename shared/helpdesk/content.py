"""What a message of ours says to agents: its words, and its files. A part that has no form there is said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.model.media import Media
from shared.model.parts import EventPart, TextPart, UnsupportedPart
from shared.model.plain import html_to_text
from shared.model.plain_parts import file_and_words, worded

if TYPE_CHECKING:
    from shared.model.message import Message
    from shared.model.parts import Part

LOST = ("expired", "rejected", "withheld")


def text_of(message: Message) -> str:
    """Everything but the files; a file that nobody will ever get is a line. May be empty."""
    return "\n\n".join(piece for piece in map(_words, message.parts) if piece)


def subject_of(message: Message) -> str:
    """That of a mail, on one line; empty when there is none."""
    given = (message.email or {}).get("subject")
    return " ".join(given.split()) if isinstance(given, str) else ""


def files_of(message: Message) -> list[Media]:
    """The files that are a part of their own, in order, whatever has become of them."""
    found = [file_and_words(part) for part in message.parts]
    return [file[0] for file in found if file is not None]


def is_there(media: Media) -> bool:
    """Whether a file can be read: what customers send is fetched first, what agents send is there from the
    beginning."""
    return media.state == "stored" or (media.state is None and bool(media.media_id or media.url))


def is_lost(media: Media) -> bool:
    """Whether nobody will ever get the file."""
    return media.state in LOST or (media.state is None and not media.media_id and not media.url)


def missing_line(media: Media) -> str:
    """What stands in the place of a file that cannot be had."""
    return f"[{media.filename or 'file'}: {media.reason or media.state or 'not available'}]"


def filename_of(media: Media) -> str:
    if media.filename:
        return media.filename
    kind, _, extension = (media.mime_type or "").partition("/")
    return f"{kind or 'file'}.{extension}" if extension.isalnum() else kind or "file"


def _words(part: Part) -> str:
    file = file_and_words(part)
    if file is not None:
        media, words = file
        return "\n".join(line for line in (words, missing_line(media) if is_lost(media) else "") if line)
    match part:
        case TextPart():
            return html_to_text(part.text) if part.format == "html" else part.text
        case EventPart():
            return f"[{part.name}]"
        case UnsupportedPart():
            return f"[{part.provider_type}]"
        case _:
            return worded(part)[0]
