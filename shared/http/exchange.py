"""One HTTP/1.1 exchange on one connection: every wait ends, the body is capped, and every failure says what it proves.

The sockets here count what went through them and look at the deadline before each wait, so a peer that drips a byte
at a time, in the headers or in the body, cannot hold a call beyond its deadline. The counts tell a request of which
nothing left us from one that may have arrived: the difference between sending a customer's message again and sending
it twice.
"""

from __future__ import annotations

import functools
import http.client
import logging
import socket
import ssl
import time
from collections.abc import Buffer, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import urllib3
from urllib3.connection import HTTPConnection

from shared.errors import DeliveryError, ErrorClass, Redirected
from shared.http.addresses import Origin, Target
from shared.ports.http import HttpResponse

CONNECT_SECONDS: Final = 4.0
"""How long one address may take to answer, so that a dead first address leaves time for the second."""

SILENCE_SECONDS: Final = 20.0
"""How long a peer may say nothing, when the call as a whole has longer."""

CHUNK_BYTES: Final = 65_536
IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD"})

# urllib3 warns about malformed answers with the full address, and addresses of providers carry tokens.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

Connect = Callable[[str, int, float], socket.socket]
"""Opens a TCP connection to (IP address, port) within so many seconds. Raises OSError."""


class StaleWireError(Exception):
    """A kept-alive connection turned out dead, and it is safe to make the same request again on a fresh one."""


def seconds_left(deadline: float) -> float:
    """What remains until ``deadline`` (monotonic), and no more than one silence. Raises TimeoutError when it has
    passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return min(left, SILENCE_SECONDS)


class Meter:
    """The count of bytes since :meth:`begin`, and the deadline of the exchange they belong to (monotonic)."""

    deadline = 0.0
    sent = 0
    received = 0

    def begin(self, deadline: float) -> None:
        self.deadline, self.sent, self.received = deadline, 0, 0


class TimedSocket(Meter, socket.socket):
    """A TCP socket that counts its bytes and waits no longer than until the deadline."""

    def send(self, data: Buffer, flags: int = 0) -> int:
        self.settimeout(seconds_left(self.deadline))
        count = super().send(data, flags)
        self.sent += count
        return count

    def sendall(self, data: Buffer, flags: int = 0) -> None:
        with memoryview(data).cast("B") as view:
            done = 0
            while done < len(view):
                done += self.send(view[done:], flags)

    def recv_into(self, buffer: Buffer, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(seconds_left(self.deadline))
        count = super().recv_into(buffer, nbytes, flags)
        self.received += count
        return count


class TimedTlsSocket(Meter, ssl.SSLSocket):
    """The same for TLS; the counts are of what is inside the encryption. ``sendall`` of the base goes through
    ``send``."""

    def send(self, data: Buffer, flags: int = 0) -> int:
        self.settimeout(seconds_left(self.deadline))
        count = super().send(data, flags)
        self.sent += count
        return count

    def recv_into(self, buffer: Buffer, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(seconds_left(self.deadline))
        count = super().recv_into(buffer, nbytes, flags)
        self.received += count
        return count


@functools.cache
def trusted_authorities() -> ssl.SSLContext:
    """TLS 1.2 or later, certificates checked against the system's authorities. Made once: reading them takes
    milliseconds."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(slots=True)
class Wire:
    """An open connection to an origin. ``used`` is true once it has carried an exchange."""

    origin: Origin
    socket: TimedSocket | TimedTlsSocket
    connection: HTTPConnection
    used: bool = False
    rested_at: tuple[float, float] = field(default=(0.0, 0.0))

    def close(self) -> None:
        self.connection.close()
        self.socket.close()


@dataclass(frozen=True, slots=True)
class Call:
    """One request: ``deadline`` is monotonic, ``maximum_bytes`` caps the decoded body of the answer."""

    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes | None
    deadline: float
    maximum_bytes: int


def open_wire(
    origin: Origin, addresses: Sequence[str], connect: Connect, tls: ssl.SSLContext | None, deadline: float
) -> Wire:
    """A connection to the first of the addresses that answers; over https the certificate must be for the origin's
    host.

    Raises DeliveryError(retry, ``provider_unreachable``): nothing was sent.
    """
    failure: Exception | None = None
    for address in addresses:
        try:
            raw = connect(address, origin.port, min(CONNECT_SECONDS, seconds_left(deadline)))
            ready = _prepare(raw, origin, tls, deadline)
        except (OSError, ValueError) as error:  # ValueError: TLS knows no such host name
            failure = error
            continue
        connection = HTTPConnection(origin.host, origin.port, timeout=None)
        connection.auto_open = 0  # it must never look up and dial the name by itself
        connection.sock = ready
        return Wire(origin, ready, connection)
    why = type(failure).__name__ if failure else "no address"
    raise DeliveryError("retry", "provider_unreachable", f"no connection could be made ({why})") from failure


def _prepare(
    raw: socket.socket, origin: Origin, tls: ssl.SSLContext | None, deadline: float
) -> TimedSocket | TimedTlsSocket:
    timed = TimedSocket(raw.family, raw.type, raw.proto, fileno=raw.detach())
    try:
        timed.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timed.settimeout(seconds_left(deadline))
        if origin.scheme != "https":
            return timed
        context = tls or trusted_authorities()
        context.sslsocket_class = TimedTlsSocket
        secured = context.wrap_socket(timed, server_hostname=origin.host)
    except BaseException:
        timed.close()
        raise
    if not isinstance(secured, TimedTlsSocket):  # wrap_socket promises only an SSLSocket
        raise ssl.SSLError("the TLS context makes sockets of its own")
    return secured


def exchange(wire: Wire, call: Call) -> HttpResponse:
    """Sends the request and reads the answer; the wire is closed unless it can carry another exchange.

    Raises StaleWireError, or DeliveryError: ``provider_unreachable`` (retry), ``provider_timeout`` and
    ``provider_reset`` (unknown; retry when the method is idempotent), ``provider_redirected`` and
    ``response_too_large`` (permanent).
    """
    reused, wire.used = wire.used, True
    wire.socket.begin(call.deadline)
    finished = False
    try:
        answer = _converse(wire, call)
        finished = True
    except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
        raise _meaning(error, wire, call, reused) from error
    finally:
        if not finished or wire.connection.sock is None:
            wire.close()
    return answer


def _meaning(error: Exception, wire: Wire, call: Call, reused: bool) -> StaleWireError | DeliveryError:
    """What a failed exchange proves. The bytes that went through the socket decide, not the name of the error."""
    late = isinstance(error, (TimeoutError, urllib3.exceptions.TimeoutError))
    idempotent = call.method in IDEMPOTENT_METHODS
    unsent = wire.socket.sent == 0
    if reused and not late and (unsent or (idempotent and wire.socket.received == 0)):
        return StaleWireError()
    if unsent:
        return DeliveryError("retry", "provider_unreachable", f"nothing could be sent ({type(error).__name__})")
    # An idempotent request may simply be made again; of any other, nobody knows what it did.
    error_class: ErrorClass = "retry" if idempotent else "unknown"
    if late:
        return DeliveryError(error_class, "provider_timeout", "the provider did not answer in time")
    return DeliveryError(error_class, "provider_reset", f"the provider broke off ({type(error).__name__})")


def _converse(wire: Wire, call: Call) -> HttpResponse:
    connection = wire.connection
    try:
        connection.request(call.method, call.target.path, body=call.body, headers=call.headers, preload_content=False)
    except (BrokenPipeError, ConnectionResetError):
        # A provider that refuses a large body may answer and close before it has read all of it: that answer counts.
        if wire.socket.sent == 0:
            raise
    response = connection.getresponse()
    if 300 <= response.status < 400:
        raise Redirected(response.status, response.headers.get("location", ""))
    body = _capped_body(response, call.maximum_bytes)
    return HttpResponse(response.status, {name.lower(): value for name, value in response.headers.items()}, body)


def _capped_body(response: urllib3.HTTPResponse, maximum: int) -> bytes:
    """The decoded body. Decoding goes on in steps, so a small answer that unpacks into a large one is stopped like a
    large one."""
    if response.length_remaining is not None and response.length_remaining > maximum:
        raise _too_large(maximum)
    pieces: list[bytes] = []
    size = 0
    while piece := response.read(min(CHUNK_BYTES, maximum + 1 - size), decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > maximum:
            raise _too_large(maximum)
    return b"".join(pieces)


def _too_large(maximum: int) -> DeliveryError:
    return DeliveryError("permanent", "response_too_large", f"the answer is larger than {maximum} bytes")
