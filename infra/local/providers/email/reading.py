"""Kept mail, read for showing it: headers, texts and attachments."""

from __future__ import annotations

import base64
import re
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any, NamedTuple

import msgspec


class Attachment(msgspec.Struct, kw_only=True):
    index: int
    filename: str
    mime_type: str
    size: int
    content_id: str | None = None


class Opened(msgspec.Struct, kw_only=True):
    """``headers`` are in their order, with encoded words read."""

    headers: list[tuple[str, str]]
    subject: str = ""
    text: str | None = None
    html: str | None = None
    attachments: list[Attachment] = []

    def header(self, name: str) -> str:
        """The first header field of this name, or ``""``."""
        return next((value for given, value in self.headers if given.lower() == name.lower()), "")


class _Leaf(NamedTuple):
    part: Message
    data: bytes


def open_mail(raw: bytes) -> Opened:
    message = _parsed(raw)
    headers = [(name, _readable(value)) for name, value in message.items()]
    opened = Opened(headers=headers, subject=_readable(message.get("Subject", "")))
    for index, leaf in enumerate(_leaves(message)):
        kind = leaf.part.get_content_type()
        if not _is_attachment(leaf.part):
            if kind == "text/plain" and opened.text is None:
                opened.text = _text(leaf)
                continue
            if kind == "text/html" and opened.html is None:
                opened.html = _text(leaf)
                continue
        opened.attachments.append(_attachment(index, leaf))
    return opened


def summary(raw: bytes) -> dict[str, Any]:
    """What a list of mails tells about one."""
    opened = open_mail(raw)
    return {
        "subject": opened.subject,
        "from": opened.header("From"),
        "to": opened.header("To"),
        "message_id": opened.header("Message-ID"),
        "has_html": opened.html is not None,
        "files": len(opened.attachments),
    }


def attachment(raw: bytes, index: int) -> tuple[Attachment, bytes] | None:
    """One attachment with its bytes; ``index`` as in :class:`Attachment`."""
    leaves = _leaves(_parsed(raw))
    if not 0 <= index < len(leaves):
        return None
    return _attachment(index, leaves[index]), leaves[index].data


def html_with_pictures(raw: bytes) -> str | None:
    """The HTML with the mail's own pictures in it: a page that may load nothing can still show them."""
    opened = open_mail(raw)
    if opened.html is None:
        return None
    pictures = {found.content_id: found.index for found in opened.attachments if found.content_id}

    def embedded(match: re.Match[str]) -> str:
        found = attachment(raw, pictures[match[1]]) if match[1] in pictures else None
        if found is None or not found[0].mime_type.startswith("image/"):
            return match[0]
        return f"data:{found[0].mime_type};base64,{base64.b64encode(found[1]).decode()}"

    return re.sub(r"cid:([^\"'\s>)]+)", embedded, opened.html)


def _parsed(raw: bytes) -> Message:
    return BytesParser(policy=compat32).parsebytes(raw)


def _leaves(message: Message) -> list[_Leaf]:
    """Everything that is not a container; an attached mail is one file."""
    found: list[_Leaf] = []

    def walk(part: Message) -> None:
        content = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(content, list):
            found.append(_Leaf(part, b"".join(each.as_bytes() for each in content if isinstance(each, Message))))
        elif isinstance(content, list):
            for each in content:
                if isinstance(each, Message):
                    walk(each)
        else:
            data = part.get_payload(decode=True)
            found.append(_Leaf(part, data if isinstance(data, bytes) else b""))

    walk(message)
    return found


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _attachment(index: int, leaf: _Leaf) -> Attachment:
    content_id = str(leaf.part.get("Content-ID", "")).strip().strip("<>")
    return Attachment(
        index=index,
        filename=_readable(leaf.part.get_filename() or f"part-{index}"),
        mime_type=leaf.part.get_content_type(),
        size=len(leaf.data),
        content_id=content_id or None,
    )


def _text(leaf: _Leaf) -> str:
    charset = leaf.part.get_content_charset() or "utf-8"
    try:
        return leaf.data.decode(charset, "replace").replace("\r\n", "\n")
    except LookupError:
        return leaf.data.decode("utf-8", "replace").replace("\r\n", "\n")


def _readable(value: object) -> str:
    text = re.sub(r"\r?\n(?=[ \t])", "", str(value))
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError):
        return text
