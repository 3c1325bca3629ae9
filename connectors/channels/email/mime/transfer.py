"""Content-Transfer-Encoding: bytes as they were before the journey, as far as they can be had."""

from __future__ import annotations

import binascii
import re

_WHITE = b" \t\r\n\x0b\x0c"
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_PADDING = re.compile(rb"=+")
_BAD_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:\r?\n|\Z))")
_PADDED_BREAK = re.compile(rb"=[ \t]++(?=\r?\n|\Z)")
_BARE_BREAK = re.compile(rb"=\r(?!\n)")

_QUOTED = frozenset({"quoted-printable", "quotedprintable", "quoted_printable"})
_UU = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})


def decode_transfer(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """The decoded bytes, and whether something in them was broken. An unknown encoding leaves them as they are."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding in _QUOTED:
        return decode_quoted(data)
    if encoding in _UU:
        return _decode_uu(data)
    return data, False


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Base64 with any white space. What is broken: foreign characters are left out, blocks padded one by one are read
    one after the other, and reading ends where what follows padding is no base64 (a mailing list's footer)."""
    dense = data.translate(None, _WHITE)
    try:
        return binascii.a2b_base64(dense, strict_mode=True), False
    except binascii.Error:
        pass
    pieces: list[bytes] = []
    position = 0
    for padding in _PADDING.finditer(dense):
        pieces.append(_base64_block(dense[position : padding.start()]))
        position = padding.end()
    rest = dense[position:]
    if position == 0 or not _NOT_BASE64.search(rest):
        pieces.append(_base64_block(rest))
    return b"".join(pieces), True


def _base64_block(block: bytes) -> bytes:
    """A run without padding; one character too many carries no whole byte."""
    block = _NOT_BASE64.sub(b"", block)
    if len(block) % 4 == 1:
        block = block[:-1]
    return binascii.a2b_base64(block + b"=" * (-len(block) % 4))


def decode_quoted(data: bytes) -> tuple[bytes, bool]:
    """Quoted-printable; "=" that begins nothing stays as it is."""
    if b"=" not in data:
        return data, False
    if b"= " in data or b"=\t" in data:
        data = _PADDED_BREAK.sub(b"=", data)
    if data.count(b"=\r") != data.count(b"=\r\n"):
        data = _BARE_BREAK.sub(b"=\n", data)
    broken = _BAD_QUOTED.search(data) is not None
    if broken:
        data = _BAD_QUOTED.sub(b"=3D", data)
    return binascii.a2b_qp(data), broken


def _decode_uu(data: bytes) -> tuple[bytes, bool]:
    """The lines between "begin" and "end"; a line that cannot be read is left out."""
    decoded: list[bytes] = []
    begun = broken = False
    for line in data.splitlines():
        if not begun:
            begun = line.startswith(b"begin ")
            continue
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                return b"".join(decoded), broken
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count the last line's bytes wrongly; as many as the line says are there.
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                decoded.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                broken = True
    return (b"".join(decoded), True) if begun else (data, True)
