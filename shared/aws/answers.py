"""HTTP/1.1 answers, read from a socket (RFC 9112).

By hand, because importing http.client (it brings the email package) takes longer than importing the rest of this
client, and reading an answer with it costs several times the CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from shared.errors import InfrastructureError

RECEIVED_AT_ONCE = 65_536
_LONGEST_HEAD = 65_536
_LONGEST_LINE = 4_096

type Receive = Callable[[int], bytes]
"""A socket's recv: at most so many bytes, at least one, or none when the other end has closed."""


class MalformedAnswer(Exception):
    """What came is not HTTP, or it ended before it was whole."""


class ResponseTooLarge(InfrastructureError):
    """The answer is over the limit in bytes; the rest of it was not read."""


class Response(NamedTuple):
    """An answer. Header names are in lower case; of a repeated header the last one counts."""

    status: int
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """An answer, and whether its connection can be used for another request."""

    response: Response
    keeps: bool


class _Head(NamedTuple):
    version: str
    status: int
    headers: dict[str, str]


def read_answer(beginning: bytes, receive: Receive, method: str, limit: int) -> Answer:
    """The answer that starts with ``beginning``, which is not empty. ``limit`` is the largest body in bytes.

    Raises MalformedAnswer, ResponseTooLarge, and what ``receive`` raises.
    """
    source = _Source(beginning, receive)
    head = _read_head(source)
    while head.status < 200:  # "100 Continue" and its like announce the answer
        head = _read_head(source)
    keeps = _keeps(head)
    if method == "HEAD" or head.status in (204, 304):
        body = b""
    elif "chunked" in head.headers.get("transfer-encoding", "").lower():
        body = _chunks(source, limit)
    elif "content-length" in head.headers:
        body = _sized(source, head.headers["content-length"], limit)
    else:
        body, keeps = source.everything(limit), False
    # Bytes after the answer belong to no request of ours: who knows what the next answer would begin with.
    return Answer(Response(head.status, head.headers, body), keeps and source.is_empty())


class _Source:
    """Bytes that have come and those that will. Raises MalformedAnswer where they end too early."""

    def __init__(self, beginning: bytes, receive: Receive) -> None:
        self._received = beginning
        self._receive = receive

    def is_empty(self) -> bool:
        return not self._received

    def until(self, end: bytes, longest: int) -> bytes:
        """Up to ``end``, which is taken and left out."""
        while (position := self._received.find(end)) < 0:
            if len(self._received) > longest:
                raise MalformedAnswer("a line or a head is too long")
            self._received += self._more()
        found = self._received[:position]
        self._received = self._received[position + len(end) :]
        return found

    def exactly(self, count: int) -> bytes:
        if len(self._received) >= count:
            found, self._received = self._received[:count], self._received[count:]
            return found
        pieces, missing = [self._received], count - len(self._received)
        self._received = b""
        while missing:
            # Never more than is missing, so that nothing is left over.
            pieces.append(self._more(min(missing, RECEIVED_AT_ONCE)))
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def everything(self, limit: int) -> bytes:
        """All until the other end closes."""
        content = bytearray(self._received)
        self._received = b""
        while len(content) <= limit:
            more = self._receive(RECEIVED_AT_ONCE)
            if not more:
                return bytes(content)
            content += more
        raise _too_large(limit)

    def _more(self, count: int = RECEIVED_AT_ONCE) -> bytes:
        more = self._receive(count)
        if not more:
            raise MalformedAnswer("the connection was closed before the answer was whole")
        return more


def _read_head(source: _Source) -> _Head:
    status_line, *lines = source.until(b"\r\n\r\n", _LONGEST_HEAD).decode("latin-1").split("\r\n")
    version, _, rest = status_line.partition(" ")
    status = rest[:3]
    if not version.startswith("HTTP/1.") or len(status) != 3 or not status.isdecimal() or not status.isascii():
        raise MalformedAnswer("the answer is not HTTP/1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedAnswer("a header without a colon")
        headers[name.lower()] = value.strip()
    return _Head(version, int(status), headers)


def _keeps(head: _Head) -> bool:
    wish = head.headers.get("connection", "").lower()
    return "keep-alive" in wish if head.version == "HTTP/1.0" else "close" not in wish


def _sized(source: _Source, length: str, limit: int) -> bytes:
    if not (length.isascii() and length.isdecimal()):
        raise MalformedAnswer("content-length is not a number")
    if int(length) > limit:
        raise _too_large(limit)
    return source.exactly(int(length))


def _chunks(source: _Source, limit: int) -> bytes:
    content = bytearray()
    while size := _chunk_size(source.until(b"\r\n", _LONGEST_LINE)):
        if len(content) + size > limit:
            raise _too_large(limit)
        content += source.exactly(size)
        if source.until(b"\r\n", _LONGEST_LINE):
            raise MalformedAnswer("a chunk is longer than it says")
    while source.until(b"\r\n", _LONGEST_LINE):
        pass  # trailers say nothing that we ask
    return bytes(content)


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    try:
        size = int(digits, 16)
    except ValueError:
        size = -1
    if size < 0:
        raise MalformedAnswer("the size of a chunk is not a number")
    return size


def _too_large(limit: int) -> ResponseTooLarge:
    return ResponseTooLarge(f"an answer is over the limit of {limit} bytes")
