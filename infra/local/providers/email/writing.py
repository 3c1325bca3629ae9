"""Mail that made-up customers write, as their mail programs and mail servers would."""

from __future__ import annotations

import html
import re
import uuid
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from typing import Literal, NamedTuple

import msgspec

from infra.local.providers.email.fields import date
from infra.local.providers.email.reading import Opened, open_mail

MAXIMUM_REFERENCES = 20


class Attached(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``data`` in base64. With ``content_id`` it is a picture of the HTML."""

    filename: str
    data: bytes
    mime_type: str = "application/octet-stream"
    content_id: str | None = None


class Writing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"author": "from"}):
    """What a customer writes.

    ``author`` and ``to`` may be ``Name <address>``. ``in_reply_to_message`` is the id of a mail in the customer's
    mailbox: recipient, subject, threading headers and the quoted text come from it where nothing else is said.
    ``headers`` are added as they are; ``envelope_sender`` None is the author, ``""`` is ``<>``.
    """

    author: str
    to: list[str] = []
    cc: list[str] = []
    subject: str | None = None
    text: str = ""
    html: str | None = None
    attachments: list[Attached] = []
    in_reply_to_message: str | None = None
    quote: bool = True
    language: Literal["en", "zh"] = "en"
    headers: dict[str, str] = {}
    envelope_sender: str | None = None


class Written(NamedTuple):
    """A mail ready to be handed over. ``sender`` is the envelope's."""

    sender: str
    recipients: list[str]
    raw: bytes


def compose(writing: Writing, original: bytes | None, at: float, default_recipient: str) -> Written:
    """The whole mail. ``original`` is the mail that is answered. Raises ValueError for what no header can hold."""
    answered = open_mail(original) if original is not None else None
    recipients = writing.to or [_answer_address(answered) if answered else default_recipient]
    message = EmailMessage(policy=SMTP)
    message["From"] = writing.author
    message["To"] = ", ".join(recipients)
    if writing.cc:
        message["Cc"] = ", ".join(writing.cc)
    message["Subject"] = writing.subject if writing.subject is not None else _answer_subject(answered)
    message["Date"] = date(at)
    message["Message-ID"] = f"<{uuid.uuid4()}@{parseaddr(writing.author)[1].rpartition('@')[2] or 'localhost'}>"
    for name, value in writing.headers.items():
        del message[name]
        message[name] = value
    _fill(message, writing, answered)
    sender = parseaddr(writing.author)[1] if writing.envelope_sender is None else writing.envelope_sender
    addressed = [address for _, address in getaddresses([*recipients, *writing.cc]) if address]
    thread = b"" if answered is None else _thread_fields(answered)
    return Written(sender, addressed, thread + message.as_bytes())


def out_of_office(recipient: str, original: bytes, at: float) -> Written:
    """The answer of an absent person's mail server (RFC 3834), to where answers are asked for."""
    answered = open_mail(original)
    message = EmailMessage(policy=SMTP)
    message["From"] = recipient
    message["To"] = _answer_address(answered)
    message["Subject"] = f"Automatic reply: {answered.subject}"
    message["Date"] = date(at)
    message["Message-ID"] = f"<{uuid.uuid4()}@{recipient.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content("I am out of the office and will answer when I am back.\n")
    raw = _thread_fields(answered) + message.as_bytes()
    return Written("", [parseaddr(_answer_address(answered))[1]], raw)


def _answer_address(answered: Opened) -> str:
    return answered.header("Reply-To") or answered.header("From")


def _answer_subject(answered: Opened | None) -> str:
    if answered is None:
        return ""
    return answered.subject if re.match(r"re:", answered.subject, re.IGNORECASE) else f"Re: {answered.subject}"


def _thread_fields(answered: Opened) -> bytes:
    """In-Reply-To and References, folded between ids: a message with a policy would encode an id that is longer than a
    line."""
    message_id = answered.header("Message-ID").strip()
    earlier = re.findall(r"<[^<>\s]+>", answered.header("References") or answered.header("In-Reply-To"))
    references = "\r\n ".join([*earlier, message_id][-MAXIMUM_REFERENCES:])
    return f"In-Reply-To: {message_id}\r\nReferences: {references}\r\n".encode("ascii", "replace")


def _fill(message: EmailMessage, writing: Writing, answered: Opened | None) -> None:
    quoted = answered if answered is not None and writing.quote else None
    text, markup = writing.text, writing.html
    if quoted is not None:
        head = _attribution(quoted, writing.language)
        markup = _quoted_html(markup or _as_html(text), head, quoted)
        lines = (quoted.text or "").rstrip("\n").split("\n")
        text = f"{text.rstrip()}\n\n{head}\n\n" + "".join(f"> {line}\n" for line in lines)
    message.set_content(text if text.endswith("\n") or not text else f"{text}\n")
    if markup is not None:
        message.add_alternative(markup, subtype="html")
    page = message.get_body(("html",))
    for attached in writing.attachments:
        kind, _, subtype = attached.mime_type.partition("/")
        subtype = subtype or "octet-stream"
        if attached.content_id and page is not None:
            identifier = f"<{attached.content_id}>"
            page.add_related(attached.data, kind, subtype, cid=identifier, filename=attached.filename)
        else:
            message.add_attachment(attached.data, maintype=kind, subtype=subtype, filename=attached.filename)


def _attribution(quoted: Opened, language: str) -> str:
    """The line before a quoted mail, in Gmail's words."""
    name, address = parseaddr(quoted.header("From"))
    author = f"{name} <{address}>" if name else f"<{address}>"
    at = parsedate_to_datetime(quoted.header("Date"))
    clock = f"{at:%H:%M}"
    if language == "zh":
        return f"{author} 于{at.year}年{at.month}月{at.day}日周{'一二三四五六日'[at.weekday()]} {clock}写道："
    return f"On {quoted.header('Date')[:3]}, {at.day} {at:%b} {at.year} at {clock}, {author} wrote:"


def _as_html(text: str) -> str:
    return f'<div dir="ltr">{html.escape(text).replace(chr(10), "<br>")}</div>'


def _quoted_html(markup: str, head: str, quoted: Opened) -> str:
    original = quoted.html or _as_html(quoted.text or "")
    style = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"
    return (
        f'{markup}<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(head)}<br></div>'
        f'<blockquote class="gmail_quote" style="{style}">{original}</blockquote></div>\n'
    )
