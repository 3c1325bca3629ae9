"""HTTP to AWS: kept-alive connections, one per thread and origin, with limits on time and size."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.errors import InfrastructureError

CONNECT_TIMEOUT = 2.0
READ_TIMEOUT = 5.0
# DynamoDB answers with at most 16 MB, SQS and Secrets Manager with far less.
BODY_LIMIT = 20 * 1024 * 1024

# What a kept-alive connection fails with when the server closed it while it lay idle.
_STALE = (RemoteDisconnected, ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)

TRANSPORT_ERRORS = (OSError, HTTPException)
"""What :meth:`Connections.exchange` raises when there is no (whole) answer."""


class ResponseTooLarge(InfrastructureError):
    """The answer is over the limit in bytes; the rest of it was not read."""


class Response(NamedTuple):
    """An answer. Header names are in lower case; of a repeated header the last one counts."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Request(NamedTuple):
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    read_timeout: float


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
    ) -> Response:
        """One request, one answer. ``origin`` is ``https://host[:port]``, ``target`` is path and query.

        Connecting (TLS included) and each wait for bytes have their own limit, in seconds; ``limit`` is the largest
        answer in bytes. Raises TRANSPORT_ERRORS, ResponseTooLarge.
        """
        request = _Request(method, target, headers, body, read_timeout)
        kept: dict[str, HTTPConnection] = self._local.__dict__
        connection = kept.pop(origin, None)
        answer: HTTPResponse | None = None
        if connection is not None:
            answer = _try_kept(connection, request)
        if connection is None or answer is None:
            connection = self._connect(origin)
            try:
                answer = _send(connection, request)
            except TRANSPORT_ERRORS:
                connection.close()
                raise
        try:
            content = _read(answer, limit)
        except (*TRANSPORT_ERRORS, ResponseTooLarge):
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            kept[origin] = connection
        return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def _connect(self, origin: str) -> HTTPConnection:
        scheme, authority = urlsplit(origin)[:2]
        if scheme == "https":
            connection: HTTPConnection = HTTPSConnection(
                authority, timeout=self._connect_timeout, context=_tls_context()
            )
        else:
            connection = HTTPConnection(authority, timeout=self._connect_timeout)
        connection.connect()
        return connection


@cache
def _tls_context() -> ssl.SSLContext:
    # Reading the certificate store takes milliseconds: once, and not before something needs it.
    return ssl.create_default_context()


def _try_kept(connection: HTTPConnection, request: _Request) -> HTTPResponse | None:
    """The answer over a kept connection, or None when the server had closed it: then the request goes out once more.

    A server that closes an idle connection has not looked at the request; AWS's own clients repeat it likewise.
    """
    try:
        return _send(connection, request)
    except _STALE:
        connection.close()
        return None
    except TRANSPORT_ERRORS:
        connection.close()
        raise


def _send(connection: HTTPConnection, request: _Request) -> HTTPResponse:
    connection.sock.settimeout(request.read_timeout)
    connection.request(request.method, request.target, body=request.body or None, headers=request.headers)
    return connection.getresponse()


def _read(answer: HTTPResponse, limit: int) -> bytes:
    # read() notices an answer cut short, read(n) does not: so read(n) is for answers that do not declare their length.
    if answer.length is not None and answer.length > limit:
        raise ResponseTooLarge(f"an answer of {answer.length} bytes is over the limit of {limit}")
    content = answer.read() if answer.length is not None else answer.read(limit + 1)
    if len(content) > limit:
        raise ResponseTooLarge(f"an answer is over the limit of {limit} bytes")
    return content
