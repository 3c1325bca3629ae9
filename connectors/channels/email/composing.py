"""A mail in the form in which it travels: MIME of nothing but short 7-bit lines, whatever is in it.

Sources: RFC 5322 (the header), RFC 2045 to 2047 and 2231 (bodies, names beyond ASCII), RFC 2387 (pictures that the HTML
refers to), RFC 3834 section 5 (what automatic mail says of itself).
"""

from __future__ import annotations

import base64
import secrets
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from connectors.channels.email.attachments import UNKNOWN_TYPE
from connectors.channels.email.letter import Enclosure, Letter

_IDENTIFIERS = frozenset({"in-reply-to", "references", "message-id"})
_UNWRAPPABLE = ("message", "multipart")
"""Types that may not be in base64 (RFC 2046 section 5), and everything of ours is."""


class _MailPolicy(EmailPolicy):
    """Python folds a long message id into encoded words, which makes it another id; here each has a line of its own."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _IDENTIFIERS:
            return f"{name}: {'\r\n '.join(str(value).split())}\r\n"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _IDENTIFIERS:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _MailPolicy(linesep=SMTP.linesep, max_line_length=76, cte_type="7bit")


def compose(letter: Letter) -> bytes:
    """The whole mail. Raises ValueError when a header would have a line break."""
    mail = EmailMessage(policy=_POLICY)
    _write_header(mail, letter)
    mail.set_content(_well_formed(letter.text))
    mail.add_alternative(_well_formed(letter.html), subtype="html")
    _, page = mail.iter_parts()
    marks: dict[bytes, bytes] = {}
    for picture in (each for each in letter.enclosures if each.content_id):
        maintype, subtype = _types(picture)
        content = _marked(picture.body, marks)
        cid = f"<{picture.content_id}>"
        page.add_related(content, maintype, subtype, filename=picture.filename, disposition="inline", cid=cid)
    for file in (each for each in letter.enclosures if not each.content_id):
        maintype, subtype = _types(file)
        mail.add_attachment(_marked(file.body, marks), maintype, subtype, filename=file.filename)
    return _filled(mail.as_bytes(), marks)


def _marked(content: bytes, marks: dict[bytes, bytes]) -> bytes:
    """What stands for a file while Python writes the mail: line by line, it would need seconds for 25 MB."""
    mark = secrets.token_bytes(24)
    marks[base64.b64encode(mark)] = content
    return mark


def _filled(raw: bytes, marks: dict[bytes, bytes]) -> bytes:
    """The mail with its files in base64, as their parts say already."""
    pieces: list[bytes] = []
    for mark, content in marks.items():
        before, _, raw = raw.partition(mark)
        pieces += [before, base64.encodebytes(content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")]
    return b"".join([*pieces, raw])


def _write_header(mail: EmailMessage, letter: Letter) -> None:
    mail["From"] = _named(letter.from_name, letter.from_address)
    mail["To"] = letter.to
    if letter.cc:
        mail["Cc"] = ", ".join(letter.cc)
    mail["Reply-To"] = _named(letter.from_name, letter.reply_to)
    mail["Subject"] = _well_formed(letter.subject)
    mail["Date"] = letter.date
    mail["Message-ID"] = letter.own_id
    if letter.in_reply_to:
        mail["In-Reply-To"] = letter.in_reply_to
    if letter.references:
        mail["References"] = " ".join(letter.references)
    mail["X-Onethread-Message"] = letter.message_id
    if letter.loop_mark:
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["X-Loop"] = letter.loop_mark


def _named(name: str, address: str) -> Address:
    local_part, _, domain = address.rpartition("@")
    return Address(_well_formed(name), local_part, domain)


def _types(file: Enclosure) -> tuple[str, str]:
    """Type and subtype."""
    maintype, _, subtype = file.mime_type.partition(";")[0].strip().lower().partition("/")
    if not subtype or maintype in _UNWRAPPABLE or not f"{maintype}{subtype}".isascii():
        maintype, _, subtype = UNKNOWN_TYPE.partition("/")
    return maintype, subtype


def _well_formed(text: str) -> str:
    """Without NUL and halves of characters, which no mail can carry."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
