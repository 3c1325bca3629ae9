"""A mail's bytes as a ``Mail``, and one of its files. Never raises on any bytes; what was odd is a flag."""

from __future__ import annotations

import re

from connectors.channels.email.mime.addresses import read_addresses
from connectors.channels.email.mime.body_text import flag, read_body
from connectors.channels.email.mime.dates import read_date
from connectors.channels.email.mime.headers import Fields, header_block, read_fields, shown, unified
from connectors.channels.email.mime.mail import Address, Mail, MailFile
from connectors.channels.email.mime.parameters import safe_filename
from connectors.channels.email.mime.structure import Part, Structure, read_structure
from connectors.channels.email.mime.transfer import decode_transfer, decoded_size

__all__ = ["header_block", "read_file", "read_mail"]

_MAXIMUM_IDS = 200

_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")
_CONTENT_REFERENCE = re.compile(r"""cid:([^"'\s<>)]{1,500})""", re.IGNORECASE)
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")


def read_mail(raw: bytes) -> Mail:
    """The mail in these bytes, of any size, age and brokenness."""
    return read_both(raw)[0]


def read_both(raw: bytes) -> tuple[Mail, Fields]:
    """The mail, and its undecoded header fields."""
    raw = unified(bytes(raw))
    top = read_fields(raw)
    return _mail(raw, top), top


def _mail(raw: bytes, top: Fields) -> Mail:
    raw, fields, structure, flags = _read(raw, top)
    text, html = read_body(raw, structure.pieces, flags)
    references = _references(html, structure.files)
    files = [_file(raw, part, index, references, flags) for index, part in enumerate(structure.files)]
    by_name: dict[str, list[str]] = {}
    for name, value in fields:
        by_name.setdefault(name, []).append(value)
    senders, sender = _senders(by_name.get("from", []), flags)
    return Mail(
        fields=fields,
        subject=shown(by_name.get("subject", [""])[0]),
        sender=sender,
        senders=senders,
        to=_addresses(by_name.get("to", [])),
        cc=_addresses(by_name.get("cc", [])),
        reply_to=_addresses(by_name.get("reply-to", [])),
        date=read_date(by_name.get("date", [""])[0]),
        message_id=_message_id(by_name.get("message-id", [])),
        in_reply_to=_message_ids(by_name.get("in-reply-to", [])),
        references=_message_ids(by_name.get("references", [])),
        content_type=structure.root.kind,
        report_type=_report_type(structure.root),
        text=text,
        html=html,
        files=files,
        flags=flags,
        part_count=structure.count,
    )


def read_file(raw: bytes, index: int) -> tuple[bytes, MailFile]:
    """The bytes and description of the file that ``read_mail`` lists under this index. Raises IndexError for others."""
    raw = unified(bytes(raw))
    raw, _fields, structure, flags = _read(raw, read_fields(raw))
    if not 0 <= index < len(structure.files):
        raise IndexError(f"the mail has {len(structure.files)} files")
    part = structure.files[index]
    references: set[str] = set()
    if part.content_id:
        _text, html = read_body(raw, structure.pieces, flags)
        references = _references(html, [part])
    data, _broken = decode_transfer(raw[part.start : part.end], part.encoding)
    return data, _file(raw, part, index, references, flags)


def _read(raw: bytes, top: Fields) -> tuple[bytes, list[tuple[str, str]], Structure, list[str]]:
    structure = read_structure(raw, top.fields, top.body)
    if structure.lone_cr:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        top = read_fields(raw)
        structure = read_structure(raw, top.fields, top.body)
    return raw, top.fields, structure, [*top.flags, *structure.flags]


def _senders(values: list[str], flags: list[str]) -> tuple[list[Address], Address | None]:
    """All addresses of From, and the one sender if there is exactly one, written in one way only."""
    found = [read_addresses(value) for value in values]
    senders = [address for each in found for address in each.addresses]
    if len(values) > 1 or len(senders) > 1:
        flag(flags, "several_senders")
    elif not senders:
        flag(flags, "no_sender")
    elif not found[0].sound:
        flag(flags, "malformed_sender")
    else:
        return senders, senders[0]
    return senders, None


def _addresses(values: list[str]) -> list[Address]:
    return [address for value in values for address in read_addresses(value).addresses]


def _message_id(values: list[str]) -> str | None:
    """The Message-ID with its brackets, which some writers leave out."""
    found = _message_ids(values)
    if found:
        return found[0]
    bare = "".join(shown(values[0]).split()).strip("<>")[:998] if values else ""
    return f"<{bare}>" if bare else None


def _message_ids(values: list[str]) -> list[str]:
    """The ids in all these values; of very many, the last."""
    found = [each for value in values for each in _MESSAGE_ID.findall(value)]
    ids = ["".join(shown(each).split()) for each in found[-_MAXIMUM_IDS:]]
    return [f"<{each}>" for each in ids if each]


def _report_type(root: Part) -> str | None:
    if root.kind != "multipart/report":
        return None
    return shown(root.parameters.get("report-type", "")).lower() or None


def _references(html: str | None, files: list[Part]) -> set[str]:
    """The content ids that the HTML shows."""
    if not html or not any(part.content_id for part in files):
        return set()
    found = set(_CONTENT_REFERENCE.findall(html))
    return found | {_PERCENT.sub(lambda code: chr(int(code[1], 16)), each) for each in found if "%" in each}


def _file(raw: bytes, part: Part, index: int, references: set[str], flags: list[str]) -> MailFile:
    data = raw[part.start : part.end]
    size, broken = decoded_size(data, part.encoding)
    if broken:
        flag(flags, "broken_encoding")
    content_id = shown(part.content_id)[:500] if part.content_id else None
    charset = part.parameters.get("charset")
    return MailFile(
        index=index,
        filename=safe_filename(part.filename) or _usual_name(part, data),
        mime_type=part.kind,
        content_id=content_id or None,
        inline=part.content_id in references,
        size=size,
        charset=shown(charset)[:60].lower() if charset else None,
    )


def _usual_name(part: Part, data: bytes) -> str | None:
    """What to call a file that has no name of its own: a mail by its subject, an invitation as programs name it.

    ``data`` is as it was sent.
    """
    if part.kind == "text/calendar":
        return "invite.ics"
    if part.kind != "message/rfc822":
        return None
    decoded, _broken = decode_transfer(data, part.encoding)
    fields = dict(reversed(read_fields(unified(decoded[:65536])).fields))
    subject = safe_filename(shown(fields.get("subject", ""))[:60].replace("/", "-").replace("\\", "-"))
    return f"{subject}.eml" if subject else "message.eml"
