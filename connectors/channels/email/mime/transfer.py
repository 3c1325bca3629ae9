"""Content-Transfer-Encoding: bytes as they were before the journey, as far as they can be had."""

from __future__ import annotations

import binascii
import re

_WHITE = b" \t\r\n\x0b\x0c"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET) - set(b"="))
_PADDED_BREAK = re.compile(rb"=[ \t]++(?=\r?\n|\Z)")

# A mail of 40 MB whose every line was padded or written by itself has this many; what is beyond them is dropped.
_MAXIMUM_BLOCKS = 700_000
# Lines that cannot be read before the rest of them is taken for the same.
_MAXIMUM_BROKEN_LINES = 1000
_MAXIMUM_PADDED_BREAKS = 100_000

_QUOTED_PRINTABLE = frozenset({"quoted-printable", "quotedprintable", "quoted_printable"})
_UU = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})


def decode_transfer(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """The decoded bytes, and whether something in them was broken. An unknown encoding leaves them as they are."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding in _QUOTED_PRINTABLE:
        return decode_quoted(data)
    if encoding in _UU:
        return _decode_uu(data)
    return data, False


def decoded_size(data: bytes, encoding: str) -> tuple[int, bool]:
    """The length of what ``decode_transfer`` gives, and whether something was broken. Sound base64, as files mostly
    are, is only counted."""
    if encoding == "base64":
        others = data.translate(None, _ALPHABET)
        padding = others.translate(None, _WHITE)
        symbols = len(data) - len(others) + len(padding)
        if padding in (b"", b"=", b"==") and symbols % 4 == 0 and data.rstrip(_WHITE).endswith(padding):
            return symbols // 4 * 3 - len(padding), False
    decoded, broken = decode_transfer(data, encoding)
    return len(decoded), broken


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Base64 with any white space. What is broken: foreign characters are left out, blocks padded one by one are read
    one after the other, and reading ends where what follows padding is no base64 (a mailing list's footer)."""
    dense = data.translate(None, _WHITE)
    try:
        return binascii.a2b_base64(dense, strict_mode=True), False
    except binascii.Error:
        pass
    last = dense.rfind(b"=")
    if last > 0 and dense[last:].translate(None, _ALPHABET + b"="):
        dense = dense[: last + 1]
    blocks = dense.translate(None, _FOREIGN).split(b"=", _MAXIMUM_BLOCKS)
    return b"".join([_base64_block(block) for block in blocks[:_MAXIMUM_BLOCKS] if block]), True


def _base64_block(block: bytes) -> bytes:
    """A run without padding; one character too many carries no whole byte."""
    if len(block) % 4 == 1:
        block = block[:-1]
    return binascii.a2b_base64(block + b"=" * (-len(block) % 4))


def decode_quoted(data: bytes) -> tuple[bytes, bool]:
    """Quoted-printable; "=" that begins nothing stays as it is."""
    marks = data.count(b"=")
    if not marks:
        return data, False
    decoded = binascii.a2b_qp(data)
    # Each "=XX" is two bytes shorter decoded, a soft line break goes whole; "=" that is neither shortens nothing.
    breaks = data.count(b"\n") - decoded.count(b"\n")
    shorter = 2 * marks + (breaks if b"\r" in data else 0)
    plain = b"==" not in data and b"=0" not in data and data.count(b"\r") == data.count(b"\r\n")
    if plain and len(data) - len(decoded) == shorter:
        return decoded, False
    return _decode_odd_quoted(data)


def _decode_odd_quoted(data: bytes) -> tuple[bytes, bool]:
    """The same with everything that a2b_qp reads otherwise than it was meant put right first."""
    if b"= " in data or b"=\t" in data:
        data = _PADDED_BREAK.sub(b"=", data, count=_MAXIMUM_PADDED_BREAKS)
    if data.count(b"=\r") != data.count(b"=\r\n"):
        data = data.replace(b"=\r\n", b"=\n").replace(b"=\r", b"=\n")
    data = data.removesuffix(b"=")
    decoded = binascii.a2b_qp(data)
    long_breaks, short_breaks = data.count(b"=\r\n"), data.count(b"=\n")
    escapes = data.count(b"=") - long_breaks - short_breaks
    if len(decoded) == len(data) - 2 * escapes - 3 * long_breaks - 2 * short_breaks:
        return decoded, False
    # a2b_qp takes "==" for one.
    return binascii.a2b_qp(data.replace(b"==", b"=3D=").replace(b"==", b"=3D=")), True


def _decode_uu(data: bytes) -> tuple[bytes, bool]:
    """The lines between "begin" and "end"; a line that cannot be read is left out."""
    lines = data.split(b"\n", _MAXIMUM_BLOCKS)[:_MAXIMUM_BLOCKS]
    begin = next((number for number, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if begin is None:
        return data, True
    decoded: list[bytes] = []
    broken = 0
    for line in lines[begin + 1 :]:
        content = line.rstrip(b"\r\n")
        if content == b"end":
            return b"".join(decoded), broken > 0
        piece = _uu_line(content)
        if piece is not None:
            decoded.append(piece)
            continue
        broken += 1
        if broken > _MAXIMUM_BROKEN_LINES:
            break
    return b"".join(decoded), True


def _uu_line(line: bytes) -> bytes | None:
    if line in (b"", b"`", b" "):
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders write more characters than the length that the line begins with says; that many count.
        length = 1 + (((line[0] - 32) & 63) + 2) // 3 * 4
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return None
