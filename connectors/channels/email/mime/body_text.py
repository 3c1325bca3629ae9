"""The body's words: its parts decoded and put together."""

from __future__ import annotations

import re

from connectors.channels.email.mime.charsets import ISO_2022_CN, codec_of, decode_text
from connectors.channels.email.mime.flowed import is_flowed, unflowed
from connectors.channels.email.mime.structure import Part, Piece
from connectors.channels.email.mime.transfer import decode_transfer

MAXIMUM_TEXT = 1_000_000
# Of all text parts together, encoded and decoded: enough for that many characters in any charset.
_MAXIMUM_ENCODED = 16_000_000
_MAXIMUM_DECODED = 4_000_000

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,4}=\s{0,4}[\"']?\s{0,4}([A-Za-z0-9._:-]{2,40})", re.IGNORECASE
)


def flag(flags: list[str], name: str) -> None:
    """Adds the flag once."""
    if name not in flags:
        flags.append(name)


def read_body(raw: bytes, pieces: list[Piece], flags: list[str]) -> tuple[str | None, str | None]:
    """The body's text and HTML, each of at most 1,000,000 characters.

    Each is whole or None, as far as the mail has it: where some words are HTML only and others text only, the text
    joins the HTML, for text alone would lose words. Empty text beside HTML, and the reverse, counts as none.
    """
    reader = _Reader(raw, flags)
    found = [(reader.joined(piece.plain), reader.joined(piece.html), piece.guessed) for piece in pieces]
    if len(found) > 1:
        found = [each for each in found if _said(each[0]) or _said(each[1])] or found[:1]
    texts = [text for text, markup, _guessed in found if text is not None and (_said(text) or not _said(markup))]
    whole_text = len(texts) == len(found)
    html: list[str] = []
    for text, markup, guessed in found:
        if markup is not None and (_said(markup) or not _said(text)):
            html.append(f"{_as_html(text)}\n{markup}" if guessed and text and not whole_text else markup)
        else:
            html.append(_as_html(text or ""))
    has_html = any(_said(markup) for _text, markup, _guessed in found) or (not whole_text and len(found) > 0)
    return (
        reader.cut(_joined(texts)) if whole_text else None,
        reader.cut(_joined(html)) if has_html else None,
    )


def _as_html(text: str) -> str:
    return "<pre>" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</pre>"


def _said(words: str | None) -> bool:
    """Whether there is anything in these; programs put empty text around files and beside HTML."""
    return words is not None and words != "" and not words.isspace()


def _joined(texts: list[str]) -> str | None:
    """The texts one under the other; None for none."""
    if len(texts) < 2:
        return texts[0] if texts else None
    return "\n".join([text.removesuffix("\n") for text in texts[:-1]]) + "\n" + texts[-1]


class _Reader:
    """Decodes text parts until what they may hold together is reached."""

    def __init__(self, raw: bytes, flags: list[str]) -> None:
        self._raw = raw
        self._flags = flags
        self._encoded = _MAXIMUM_ENCODED
        self._decoded = _MAXIMUM_DECODED

    def joined(self, parts: list[Part]) -> str | None:
        return _joined([self._text(part) for part in parts])

    def cut(self, text: str | None) -> str | None:
        if text is None or len(text) <= MAXIMUM_TEXT:
            return text
        flag(self._flags, "text_truncated")
        return text[:MAXIMUM_TEXT]

    def _text(self, part: Part) -> str:
        end = min(part.end, part.start + self._encoded)
        data, broken = decode_transfer(self._raw[part.start : end], part.encoding)
        if broken and end == part.end:
            flag(self._flags, "broken_encoding")
        charset = part.parameters.get("charset")
        if not charset and part.kind == "text/html":
            declared = _META_CHARSET.search(data, 0, 2048)
            charset = declared[1].decode("ascii") if declared else None
        if charset and codec_of(charset) is None:
            flag(self._flags, "unknown_charset")
        if end < part.end or len(data) > self._decoded:
            flag(self._flags, "text_truncated")
            data = _shortened(data, self._decoded)
        self._encoded -= end - part.start
        self._decoded -= len(data)
        text = decode_text(data, charset)
        if charset and "\ufffd" in text and codec_of(charset) == ISO_2022_CN:
            flag(self._flags, "unknown_charset")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in text:
            text = text.replace("\0", "")
        text = text.removeprefix("\ufeff")
        return unflowed(text, part.parameters) if is_flowed(part.kind, part.parameters) else text


def _shortened(data: bytes, limit: int) -> bytes:
    """The first bytes, to a line end if there is one in their second half: no character of a charset that knows ASCII
    holds that byte. Else to the end of a UTF-8 character."""
    if len(data) <= limit:
        return data
    line = data.rfind(b"\n", limit // 2, limit)
    if line >= 0:
        return data[: line + 1]
    end = limit
    while end > max(limit - 4, 0) and data[end] & 0xC0 == 0x80:
        end -= 1
    return data[:end]
