"""Mail as bytes: header fields and body, touched without reading the mail anew."""

from __future__ import annotations

import re
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import formatdate, getaddresses
from typing import NamedTuple

_FIELD = re.compile(rb"[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")


class Field(NamedTuple):
    """One header field as it stands: ``name`` in its own case, ``text`` with folds and the last line break."""

    name: str
    text: bytes

    @property
    def value(self) -> str:
        """Unfolded, as it was encoded."""
        value = self.text.partition(b":")[2]
        return re.sub(rb"\r\n(?=[ \t])", b"", value).strip().decode("utf-8", "replace")


def split(raw: bytes) -> tuple[list[Field], bytes | None]:
    """The header fields and the body of a mail with CRLF line ends; the body is None when no empty line is there."""
    if raw.startswith(b"\r\n"):
        return [], raw[2:]
    head, gap, body = raw.partition(b"\r\n\r\n")
    fields = [
        Field(text.partition(b":")[0].strip().decode("ascii", "replace"), text)
        for text in _FIELD.findall(head.removesuffix(b"\r\n") + b"\r\n")
    ]
    return fields, body if gap else None


def with_line_ends(raw: bytes) -> bytes:
    """Every line break as CRLF."""
    return re.sub(rb"\r?\n", b"\r\n", raw)


def addresses(raw: bytes, *names: str) -> list[str]:
    """The mail addresses in the named header fields, in order."""
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    message = BytesHeaderParser(policy=compat32).parsebytes(head)
    values = [str(value) for name in names for value in message.get_all(name, [])]
    return [address for _, address in getaddresses(values) if "@" in address]


def date(at: float) -> str:
    """Unix seconds as a Date header has them, in UTC."""
    return formatdate(at).replace("-0000", "+0000")
