"""What a mail says, as parts of a message: the words its writer wrote now, then its files, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from connectors.channels.email.body import visible_html, visible_text
from shared.model.capabilities import TextLimit
from shared.model.inbound import MediaSource
from shared.model.media import Media
from shared.model.parts import AudioPart, FilePart, ImagePart, Part, TextPart, UnsupportedPart, VideoPart
from shared.model.text import split_text

if TYPE_CHECKING:
    from connectors.channels.email.body import Visible
    from connectors.channels.email.mime.mail import Mail, MailFile

TEXT_LIMIT = TextLimit(maximum=60_000, unit="bytes")
_MOST_FILES = 50
_END = TextLimit(maximum=2_000, unit="bytes")
"""The stretch in which a text that is too long ends: to look for the best place in all of it would take long."""

_PICTURES = frozenset(
    ("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/heic", "image/heif")
)
_INVISIBLE = bytes(code for code in (*range(32), 0x7F) if code not in b"\t\n")
"""Control characters, which UTF-8 uses for nothing else."""


class Content(Struct):
    """``text`` is the whole of the body as plain text, quotes and all; ``content_ids`` says which part a picture inside
    the HTML is, by its Content-ID."""

    parts: list[Part]
    media: list[MediaSource]
    text: str
    flags: list[str]
    content_ids: dict[str, int]


def read_content(mail: Mail, stored: str, infected: bool) -> Content:
    """The parts of a mail. Of an infected one no file is ever fetched; of more than 50 files the first 50 are."""
    visible = _visible(mail)
    flags: list[str] = []
    shown = _limited(visible.text, flags)
    content = Content([], [], shown if visible.full == visible.text else _limited(visible.full, flags), flags, {})
    if shown.strip():
        content.parts.append(TextPart(text=shown))
    _add_files(content, mail.files, stored, infected)
    if not content.parts:
        content.parts.append(bare_part(mail))
    return content


def _visible(mail: Mail) -> Visible:
    """What the writer wrote now. The text alternative is asked first; where it shows no quote, an answer's HTML may
    still mark one."""
    if not mail.text or not mail.text.strip():
        return visible_html(mail.html or "")
    visible = visible_text(mail.text)
    if not visible.cut and mail.html and (mail.in_reply_to or mail.references):
        marked = visible_html(mail.html)
        return marked if marked.cut else visible
    return visible


def _limited(text: str, flags: list[str]) -> str:
    """At most 60,000 bytes, cut at the end of a line or of a sentence; nothing in it that has no form to be shown."""
    data = text.encode("utf-8", "replace").translate(None, _INVISIBLE)
    if len(data) <= TEXT_LIMIT.maximum:
        return data.decode()
    if "text_truncated" not in flags:
        flags.append("text_truncated")
    kept = data[: TEXT_LIMIT.maximum - _END.maximum].decode("utf-8", "ignore")
    rest = data[len(kept.encode()) : TEXT_LIMIT.maximum + _END.maximum].decode("utf-8", "ignore")
    return kept + split_text(rest, _END)[0]


def _add_files(content: Content, files: Sequence[MailFile], stored: str, infected: bool) -> None:
    for file in files[:_MOST_FILES]:
        media = Media(declared_mime_type=file.mime_type, filename=file.filename, size=file.size)
        if infected:
            media.state, media.reason = "withheld", "virus"
        else:
            source = {"stored": stored, "file": str(file.index)}
            content.media.append(MediaSource(index=len(content.media), reference=source))
        if file.content_id:
            content.content_ids.setdefault(file.content_id[:200], len(content.parts))
        content.parts.append(_file_part(file.mime_type, media))
    if len(files) > _MOST_FILES:
        content.flags.append(f"files_left_out:{len(files) - _MOST_FILES}")


def _file_part(mime_type: str, media: Media) -> Part:
    if mime_type in _PICTURES:
        return ImagePart(media=media)
    if mime_type.startswith("audio/"):
        return AudioPart(media=media)
    if mime_type.startswith("video/"):
        return VideoPart(media=media)
    return FilePart(media=media)


def bare_part(mail: Mail) -> Part:
    """For a mail without a word and without a file: some people write all they have to say into the subject."""
    subject = " ".join(_limited(mail.subject, []).split())
    if subject:
        return TextPart(text=subject)
    return UnsupportedPart(provider_type="empty_mail", reason="the mail has no text and no file")
