"""Just enough HTTP/1.1 to serve kept-alive connections quickly."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Protocol, cast


class Received(NamedTuple):
    """A request; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Given(NamedTuple):
    """An answer."""

    status: int
    content_type: str
    body: bytes


class Answering(Protocol):
    def __call__(self, request: Received) -> Given: ...


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._received = b""
        self._head: tuple[str, str, dict[str, str]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._request()) is not None:
            given = self._answering(request)
            body = b"" if request.method == "HEAD" else given.body
            head = f"HTTP/1.1 {given.status} OK\r\ncontent-type: {given.content_type}\r\nx-amzn-requestid: 0\r\n"
            self._transport.write(f"{head}content-length: {len(given.body)}\r\n\r\n".encode() + body)

    def _request(self) -> Received | None:
        if self._head is None:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return None
            first, *lines = head.decode("latin-1").split("\r\n")
            method, target, _ = first.split(" ")
            pairs = (line.partition(":") for line in lines)
            self._head = method, target, {name.lower(): value.strip() for name, _, value in pairs}
            self._received = rest
            if self._head[2].get("expect") == "100-continue":
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(self._head[2].get("content-length", "0"))
        if len(self._received) < length:
            return None
        body, self._received = self._received[:length], self._received[length:]
        request = Received(*self._head, body)
        self._head = None
        return request
