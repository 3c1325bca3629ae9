"""The two HTTP clients that call the outside world; both implement :class:`shared.ports.http.HttpClient`.

:class:`ProviderClient` goes where the deployer said. :class:`GuardedClient` goes where a stranger said, and so looks
first: at the spelling of the address, then at every IP address that the name resolves to, and it connects to one of
those it looked at, so a name that changes its answer afterwards changes nothing. Neither follows redirects, keeps
cookies or reads proxies from the environment.

Answers are asked for unpacked; one that comes packed all the same is unpacked within the cap. Connections are kept
alive for the next call. Everything heavy (urllib3, TLS) is imported by the first call.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from shared.errors import DeliveryError
from shared.http.addresses import Origin, Target, guarded_target, is_public, provider_target, refused
from shared.ports.http import HttpResponse

if TYPE_CHECKING:
    import ssl

    from shared.http.exchange import Call, Connect, Wire

IDLE_SECONDS: Final = 20.0
"""How long a connection may rest and still be used: load balancers commonly drop idle ones after 60 s, some after 30
s."""

IDLE_WIRES: Final = 8
"""How many connections a client keeps, over all origins."""

Resolver = Callable[[str], Sequence[str]]
"""All IP addresses of a host name, as text. Raises OSError when there are none."""


def system_addresses(host: str) -> list[str]:
    """What the system's resolver says, in the order it recommends. Raises OSError."""
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def system_connect(address: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection to an IP address. Raises OSError."""
    return socket.create_connection((address, port), timeout=seconds)


class _IdleWires:
    """Connections at rest. The oldest is closed when there are too many."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._wires: list[Wire] = []
        self._lock = threading.Lock()

    def take(self, origin: Origin) -> Wire | None:
        """The most recently used connection to the origin, if one is still open."""
        while True:
            with self._lock:
                wire = next((wire for wire in reversed(self._wires) if wire.origin == origin), None)
                if wire is None:
                    return None
                self._wires.remove(wire)
            if self._rested(wire) <= self._seconds and wire.connection.is_connected:
                return wire
            wire.close()

    def put(self, wire: Wire) -> None:
        wire.rested_at = (time.monotonic(), time.time())
        with self._lock:
            self._wires.append(wire)
            oldest = self._wires.pop(0) if len(self._wires) > IDLE_WIRES else None
        if oldest is not None:
            oldest.close()

    @staticmethod
    def _rested(wire: Wire) -> float:
        # Between two invocations Lambda freezes the function. The monotonic clock may stand still then, the clock on
        # the wall may be set back, so the longer of the two counts.
        monotonic, wall = wire.rested_at
        return max(time.monotonic() - monotonic, time.time() - wall)


class OutgoingClient(ABC):
    """What all clients do; they differ in the two questions at the end."""

    def __init__(
        self,
        *,
        resolver: Resolver = system_addresses,
        connect: Connect = system_connect,
        tls: ssl.SSLContext | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """``tls`` is for deployers (and tests) with authorities of their own; without it the system's are trusted."""
        self._resolver = resolver
        self._connect = connect
        self._tls = tls
        self._idle = _IdleWires(idle_seconds)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        """One call; ``timeout`` covers all of it, from looking up the name to the last byte of the answer.

        Raises DeliveryError as :class:`shared.ports.http.HttpClient` says, except that a GET or HEAD whose answer was
        lost is ``retry`` instead of ``unknown``: making it again does no harm.
        """
        from shared.http.exchange import Call, StaleWireError, open_wire

        deadline = time.monotonic() + timeout
        target = self._target(url)
        sent = _headers(target.origin, headers or {})
        call = Call(method.upper(), target, sent, body, deadline, maximum_bytes)
        rested = self._idle.take(target.origin)
        if rested is not None:
            with contextlib.suppress(StaleWireError):
                return self._carry(rested, call)
        addresses = self._admit(self._resolve(target.origin.host, deadline))
        return self._carry(open_wire(target.origin, addresses, self._connect, self._tls, deadline), call)

    def _carry(self, wire: Wire, call: Call) -> HttpResponse:
        from shared.http.exchange import exchange

        answer = exchange(wire, call)
        if wire.connection.sock is not None:
            self._idle.put(wire)
        return answer

    def _resolve(self, host: str, deadline: float) -> Sequence[str]:
        """Asks the resolver once, and no longer than until the deadline: the system's own patience can be half a
        minute."""
        with contextlib.suppress(ValueError):
            return [str(ip_address(host))]
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(host))
            except Exception as error:  # it is raised again below, in the thread that asked
                answers.put(error)

        threading.Thread(target=look_up, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty as error:
            raise DeliveryError("retry", "provider_unreachable", "the name was not resolved in time") from error
        if isinstance(answer, (OSError, UnicodeError)):
            raise DeliveryError("retry", "provider_unreachable", "the name cannot be resolved") from answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    @abstractmethod
    def _target(self, url: str) -> Target:
        """Where the address leads. Raises DeliveryError when it may not be called."""

    @abstractmethod
    def _admit(self, addresses: Sequence[str]) -> Sequence[str]:
        """Those of the name's IP addresses that may be connected to. Raises DeliveryError when it may not be called."""


class ProviderClient(OutgoingClient):
    """For a provider's API: any address that the deployer configured, http or https."""

    def _target(self, url: str) -> Target:
        return provider_target(url)

    def _admit(self, addresses: Sequence[str]) -> Sequence[str]:
        return addresses


class GuardedClient(OutgoingClient):
    """For addresses out of messages, media and subscriptions: https on port 443, to hosts whose every address is
    public."""

    def _target(self, url: str) -> Target:
        return guarded_target(url)

    def _admit(self, addresses: Sequence[str]) -> Sequence[str]:
        if not all(is_public(address) for address in addresses):
            raise refused("the name leads to an address that is not public")
        return addresses


def _headers(origin: Origin, given: Mapping[str, str]) -> dict[str, str]:
    """The given headers, with the Host that the connection is for and a name for ourselves."""
    kept = {name: value for name, value in given.items() if name.lower() != "host"}
    if not any(name.lower() == "user-agent" for name in kept):
        kept["User-Agent"] = "onethread"
    return {"Host": origin.host_header, **kept}
