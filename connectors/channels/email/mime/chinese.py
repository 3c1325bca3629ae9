"""Chinese in seven bits: HZ (RFC 1843), which Python knows as long as it is flawless, and ISO-2022-CN (RFC 1922), which
it does not know."""

from __future__ import annotations

import re

_HZ_RUN = re.compile(rb"~\{([^\n]*?)(?:~\}|(?=\n)|\Z)")
_ISO_2022_CN = re.compile(
    rb"\x1b\$\)(?P<named>[AEG])|(?P<shift>[\x0e\x0f])|(?P<single>\x1b[NO]..)|\x1b\$[*+][H-M]"
    rb"|(?P<end>\r?\n)|(?P<words>[^\x0e\x0f\x1b\r\n]+|.)",
    re.DOTALL,
)
_SHIFT_OUT = b"\x0e"


def from_hz(data: bytes) -> str:
    """A line's end goes back to ASCII, whether it says so or not; what has eight bits is GB 18030."""
    try:
        return data.decode("hz")
    except UnicodeDecodeError:
        pieces = _HZ_RUN.split(data.replace(b"~\r\n", b"").replace(b"~\n", b""))
    return "".join([_pairs(piece) if number % 2 else _plain(piece) for number, piece in enumerate(pieces)])


def from_iso_2022_cn(data: bytes) -> str:
    """GB 2312 and ASCII. Characters of the other sets that may be named (CNS 11643, ISO-IR-165), of which Python has no
    table, become U+FFFD each."""
    text: list[str] = []
    named, shifted = b"", False
    for found in _ISO_2022_CN.finditer(data):
        if found["named"]:
            named = found["named"]
        elif found["shift"]:
            shifted = found["shift"] == _SHIFT_OUT
        elif found["single"]:
            text.append("\ufffd")
        elif found["end"]:
            text.append("\n")
            named, shifted = b"", False
        elif found["words"]:
            text.append(_shown(found["words"], named) if shifted else found["words"].decode("gb18030", "replace"))
    return "".join(text)


def _shown(run: bytes, named: bytes) -> str:
    return _pairs(run) if named == b"A" else "\ufffd" * ((len(run) + 1) // 2)


def _pairs(run: bytes) -> str:
    """Pairs of GB 2312, written in seven bits."""
    return bytes([byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in run]).decode("gb18030", "replace")


def _plain(run: bytes) -> str:
    return run.replace(b"~~", b"~").decode("gb18030", "replace")
