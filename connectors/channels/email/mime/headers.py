"""The fields of a header block, and the encoded words (RFC 2047) in their values.

Needs nothing beyond ``re`` and ``binascii``: the intake reads every mail's head with this before anything else.
"""

from __future__ import annotations

import binascii
import re

from connectors.channels.email.mime.charsets import decode_text, guess
from connectors.channels.email.mime.transfer import decode_base64

# SES takes mails of 40 MB with headers of any length; no real one comes near this.
MAXIMUM_HEADER_BYTES = 256 * 1024
_CHARSET_WITHIN = 64 * 1024

_BLANK_LINE = re.compile(rb"\n\r?\n")
_NAME = re.compile("[!-9;-~]++")
_FIELD = re.compile(r"^([!-9;-~]++):[ \t]*+(.*)$", re.MULTILINE)
# Of an encoded word, all but its text: RFC 2047 allows 75 characters for the whole, and mailers take more.
_WORD_START = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CHARSET = re.compile(rb"charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9._-]{2,40})", re.IGNORECASE)


def header_block(head: bytes) -> list[tuple[str, str]]:
    """The header fields in a mail's first bytes: lower-case name and value, in order, topmost first.

    Folded lines are one line; 8-bit bytes are read as UTF-8 or what they look like; encoded words are left as they are
    (``decode_words`` reads them). Reads 256 KB at most, to the first blank line or line that is no field.
    """
    return read_fields(unified(head)).fields


class Fields:
    """The fields of a block, where the body begins, and what was odd."""

    __slots__ = ("body", "fields", "flags")

    def __init__(self, fields: list[tuple[str, str]], body: int, flags: list[str]) -> None:
        self.fields = fields
        self.body = body
        self.flags = flags


def unified(raw: bytes) -> bytes:
    """The mail without a byte order mark, and with LF for CR when it has no other line ends."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return raw


def read_fields(raw: bytes, start: int = 0, end: int | None = None) -> Fields:
    """The fields of the part between start and end.

    Only LF and CRLF end a line, as for the servers that checked the mail: a lone CR makes no field of its own.
    """
    end = len(raw) if end is None else end
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return Fields([], start + (1 if raw[start] == 0x0A else 2), [])
    flags: list[str] = []
    blank = _BLANK_LINE.search(raw, start, end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    limit = start + MAXIMUM_HEADER_BYTES
    if stop > limit:
        stop = raw.rfind(b"\n", start, limit) + 1 or limit
        flags.append("headers_truncated")
    block = raw[start:stop]
    if b"\r" in block:
        length = len(block)
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block or block.count(b"\n") != length - len(block):
            flags.append("mixed_line_ends")
            block = block.replace(b"\r", b" ")
    fields: list[tuple[str, str]] = []
    odd = _collect(block, raw, fields)
    if odd is not None:
        flags = [*(each for each in flags if each != "headers_truncated"), *(["malformed_header"] if fields else [])]
        body = _line_at(raw, start, block.count(b"\n", 0, odd))
    return Fields(fields, body, flags)


def _collect(block: bytes, raw: bytes, fields: list[tuple[str, str]]) -> int | None:
    """Adds the block's fields; gives the offset of the line that is none, where the body begins, or None."""
    # Latin-1 keeps every byte until its field is known to hold more than ASCII.
    text = block.decode("latin-1")
    lines = text.replace("\n ", " ").replace("\n\t", " ")
    found = _FIELD.findall(lines)
    odd = None
    if len(found) != lines.count("\n") + (not lines.endswith("\n")):
        found, odd = _collect_odd(text)
    if block.isascii():
        fields.extend([(name.lower(), value.rstrip(" \t")) for name, value in found])
        return odd
    named = None
    for name, value in found:
        if not value.isascii():
            named = charset_named(raw) if named is None else named
            fields.append((name.lower(), eight_bit_text(value.encode("latin-1"), named).strip(" \t")))
        else:
            fields.append((name.lower(), value.rstrip(" \t")))
    return odd


def _collect_odd(text: str) -> tuple[list[tuple[str, str]], int | None]:
    """The fields of a block that has other lines too, and the offset of the line that ends them, or None."""
    found: list[tuple[str, str]] = []
    offset = 0
    # Of the same length as before, so that offsets hold.
    for line in text.replace("\n ", "\r ").replace("\n\t", "\r ").split("\n"):
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or (name and not _NAME.fullmatch(name)):
            if line and not (offset == 0 and line.startswith(("From ", ">From ", " ", "\t"))):
                return found, offset
            name = ""
        offset += len(line) + 1
        if name:
            found.append((name, value.replace("\r", "").strip(" \t")))
    return found, None


def _line_at(raw: bytes, start: int, number: int) -> int:
    """Where the line of this number, counted from 0 at start, begins."""
    for _ in range(number):
        start = raw.index(b"\n", start) + 1
    return start


def charset_named(raw: bytes) -> str:
    """The first charset that the mail itself names, in its head or that of a part; empty when there is none."""
    found = _CHARSET.search(raw, 0, _CHARSET_WITHIN)
    return found[1].decode("ascii") if found else ""


def eight_bit_text(data: bytes, charset: str) -> str:
    """The text of a raw 8-bit header value: UTF-8, else the charset that the mail names elsewhere, else a guess."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        told = charset.lower() not in ("", "utf-8", "us-ascii")
    return decode_text(data, charset) if told else guess(data)


def shown(value: str) -> str:
    """The value as it is shown: encoded words decoded, each run of control characters one space, no surrogates."""
    if "=?" in value:
        value = decode_words(value)
    return value if value.isprintable() else _CONTROL.sub(" ", value).strip()


def decode_words(value: str) -> str:
    """The value with its encoded words decoded.

    Neighbours of one charset are decoded together: writers split words in the middle of a character. White space
    between neighbours does not count. What is no encoded word stays.
    """
    text: list[str] = []
    run: list[bytes] = []
    charset = ""
    position = 0
    search = value.find("=?")
    while search >= 0:
        start = _WORD_START.match(value, search)
        if not start:
            search = value.find("=?", search + 2)
            continue
        stop = value.find("?=", start.end())
        if stop < 0:
            break
        between = value[position:search]
        named = start[1].partition("*")[0].lower()
        if not run or between.strip(" \t\r\n") or named != charset:
            if run:
                text.append(decode_text(b"".join(run), charset))
            if between.strip(" \t\r\n") or not run:
                text.append(between)
            run, charset = [], named
        run.append(_word_bytes(value[start.end() : stop], start[2]))
        position = stop + 2
        search = value.find("=?", position)
    if run:
        text.append(decode_text(b"".join(run), charset))
    text.append(value[position:])
    return "".join(text)


def _word_bytes(word: str, encoding: str) -> bytes:
    data = word.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_base64(data)[0]
    return binascii.a2b_qp(data, header=True)
