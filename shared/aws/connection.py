"""HTTP to AWS: kept-alive connections, one per thread and origin, with limits on time and size."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from shared.aws.answers import RECEIVED_AT_ONCE, MalformedAnswer, Response, ResponseTooLarge, read_answer

__all__ = [
    "BODY_LIMIT",
    "CONNECT_TIMEOUT",
    "READ_TIMEOUT",
    "TRANSPORT_ERRORS",
    "Connections",
    "MalformedAnswer",
    "NotConnected",
    "Response",
    "ResponseTooLarge",
]

CONNECT_TIMEOUT = 2.0
READ_TIMEOUT = 5.0
# DynamoDB answers with at most 16 MB, SQS and Secrets Manager with far less.
BODY_LIMIT = 20 * 1024 * 1024

# What a kept-alive connection fails with when the server closed it while it lay idle.
_STALE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class NotConnected(OSError):
    """No connection could be made, so nothing was sent. The cause is the system's error."""


TRANSPORT_ERRORS = (OSError, MalformedAnswer)
"""What :meth:`Connections.exchange` raises when there is no (whole) answer."""


class Connections:
    """Sends requests over connections that are kept between calls; each thread has its own."""

    def __init__(self, connect_timeout: float = CONNECT_TIMEOUT) -> None:
        self._connect_timeout = connect_timeout
        self._local = threading.local()

    def exchange(
        self,
        origin: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        read_timeout: float = READ_TIMEOUT,
        limit: int = BODY_LIMIT,
        fresh: bool = False,
    ) -> Response:
        """One request, one answer. ``origin`` is ``https://host[:port]``, ``target`` is path and query.

        Connecting (TLS included) and each wait for bytes have their own limit, in seconds; ``limit`` is the largest
        answer in bytes. ``fresh`` is for what must not be carried out twice: it goes out once, over a new connection.
        Raises TRANSPORT_ERRORS (NotConnected when nothing was sent), ResponseTooLarge, and ValueError for what no
        request can carry.
        """
        request = _request(origin, method, target, headers, body)
        kept: dict[str, socket.socket] = self._local.__dict__
        connection = None if fresh else kept.pop(origin, None)
        beginning = b"" if connection is None else _try_kept(connection, request, read_timeout)
        if connection is None or not beginning:
            connection = self._connect(origin)
        try:
            beginning = beginning or _ask(connection, request, read_timeout)
            if not beginning:
                raise ConnectionResetError("the connection was closed without an answer")
            answer = read_answer(beginning, connection.recv, method, limit)
        except (*TRANSPORT_ERRORS, ResponseTooLarge):
            connection.close()
            raise
        if answer.keeps and origin not in kept:
            kept[origin] = connection
        else:
            connection.close()
        return answer.response

    def _connect(self, origin: str) -> socket.socket:
        address = urlsplit(origin)
        host = address.hostname or ""
        context = _tls_context() if address.scheme == "https" else None
        port = address.port or (443 if context else 80)
        try:
            connection = socket.create_connection((host, port), self._connect_timeout)
            return _prepared(connection, context, host)
        except OSError as error:
            raise NotConnected(type(error).__name__) from error


def _prepared(connection: socket.socket, context: ssl.SSLContext | None, host: str) -> socket.socket:
    try:
        # A request is written at once and waited for: there is nothing to gather.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(connection, server_hostname=host) if context else connection
    except BaseException:
        connection.close()
        raise


@cache
def _tls_context() -> ssl.SSLContext:
    # Reading the certificate store takes milliseconds: once, and not before something needs it.
    return ssl.create_default_context()


def _request(origin: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of a request. Raises ValueError for a line break or a blank where it would start something else."""
    lines = [f"{method} {target} HTTP/1.1", f"host: {origin.partition('://')[2]}", "accept-encoding: identity"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method in ("POST", "PUT"):
        lines.append(f"content-length: {len(body)}")
    head = "\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks or lines[0].count(" ") != 2:
        raise ValueError("a line break in a header, or a blank in a path")
    return f"{head}\r\n\r\n".encode("latin-1") + body


def _try_kept(connection: socket.socket, request: bytes, read_timeout: float) -> bytes:
    """The first bytes of the answer over a kept connection; none when the server had closed it.

    Then the request goes out once more: a server that closes an idle connection has not looked at the request; AWS's
    own clients repeat it likewise.
    """
    try:
        beginning = _ask(connection, request, read_timeout)
    except _STALE:
        beginning = b""
    except OSError:
        connection.close()
        raise
    if not beginning:
        connection.close()
    return beginning


def _ask(connection: socket.socket, request: bytes, read_timeout: float) -> bytes:
    """The first bytes of the answer; none when there is none."""
    connection.settimeout(read_timeout)
    connection.sendall(request)
    return connection.recv(RECEIVED_AT_ONCE)
