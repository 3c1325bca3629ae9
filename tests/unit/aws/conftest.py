"""A real HTTP server on 127.0.0.1 that answers what a test tells it to, and clients that talk to it without waiting."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from shared.aws.client import AwsClient, Credentials

NOW = 1_790_000_000.0


class Received(NamedTuple):
    """A request as it came in; ``connection`` counts the connections from 1."""

    connection: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class _Step(NamedTuple):
    content: bytes
    close: bool
    hang: bool


class ScriptedServer:
    """Answers requests, over any number of connections, from one list of steps; with none left, with 200 and {}."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.closed = threading.Semaphore(0)
        self._steps: deque[_Step] = deque()
        self._released = threading.Event()
        self._accepted: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def answer(self, status: int, body: bytes = b"{}", headers: dict[str, str] | None = None) -> None:
        self.raw(_http(status, body, headers or {}), close=False)

    def answer_then_close(self, status: int, body: bytes = b"{}") -> None:
        """Answers as if the connection would be kept, then closes it silently."""
        self.raw(_http(status, body, {}), close=True)

    def drop(self) -> None:
        """Closes the connection instead of answering."""
        self.raw(b"", close=True)

    def hang(self) -> None:
        """Reads the request and never answers."""
        self._steps.append(_Step(b"", close=False, hang=True))

    def raw(self, content: bytes, *, close: bool) -> None:
        self._steps.append(_Step(content, close, hang=False))

    def stop(self) -> None:
        self._released.set()
        # Closing a listener does not wake a thread that waits in accept(); shutting it down does.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for accepted in self._accepted:
            accepted.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._accepted.append(connection)
            number = len(self._accepted)
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, connection.makefile("rb") as stream:
            while (line := stream.readline().decode("latin-1")).count(" ") == 2:
                method, target, _ = line.split(" ")
                headers: dict[str, str] = {}
                while (header := stream.readline().decode("latin-1").strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get("content-length", "0")))
                self.received.append(Received(number, method, target, headers, body))
                step = self._steps.popleft() if self._steps else _Step(_http(200, b"{}", {}), False, False)
                if step.hang:
                    self._released.wait()
                    break
                connection.sendall(step.content)
                if step.close:
                    break
        self.closed.release()


def _http(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.stop()


@pytest.fixture
def sleeps() -> list[float]:
    """How long the client waited before each repeat, in seconds."""
    return []


@pytest.fixture
def client(server: ScriptedServer, sleeps: list[float]) -> AwsClient:
    """A client of the scripted server whose clock stands still and whose waits are only noted, each at its longest."""
    return AwsClient(
        "eu-west-1",
        Credentials("AKIDEXAMPLE", "example-secret"),
        server.url,
        clock=lambda: NOW,
        sleep=sleeps.append,
        random=lambda: 1.0,
    )


@pytest.fixture
def unused_url() -> Iterator[str]:
    """An address on this machine at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def run_in_thread() -> Callable[[Callable[[], object]], None]:
    def run(work: Callable[[], object]) -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    return run
