"""A provider that cannot be reached, keeps silent or answers nonsense: the error says what may have happened."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from shared.http.outgoing import ProviderClient, system_connect
from tests.unit.http.failures import failure
from tests.unit.http.local_server import OK, Conversation, answer, serving


def test_a_provider_that_cannot_be_reached_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(ProviderClient(), "POST", f"http://127.0.0.1:{port}/")
    assert (error.error_class, error.code) == ("retry", "provider_unreachable")


def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    def resolver(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    error = failure(ProviderClient(resolver=resolver), "POST", "https://api.example.org/")
    assert (error.error_class, error.code) == ("retry", "provider_unreachable")


def test_a_name_server_that_keeps_silent_ends_with_the_call() -> None:
    silence = threading.Event()

    def resolver(host: str) -> list[str]:
        silence.wait(5)
        return []

    started = time.monotonic()
    error = failure(ProviderClient(resolver=resolver), "POST", "https://api.example.org/", timeout=0.2)
    silence.set()
    assert (error.error_class, error.code) == ("retry", "provider_unreachable")
    assert time.monotonic() - started < 1


def test_the_second_address_is_called_when_the_first_is_dead() -> None:
    with serving(answer(OK)) as server:

        def connect(address: str, port: int, seconds: float) -> socket.socket:
            if address == "192.0.2.1":
                raise ConnectionRefusedError
            return system_connect("127.0.0.1", server.port, seconds)

        client = ProviderClient(resolver=lambda host: ["192.0.2.1", "192.0.2.2"], connect=connect)
        assert client.request("GET", "http://api.example.org/").body == b"ok"


@pytest.mark.parametrize(("method", "error_class"), [("GET", "retry"), ("HEAD", "retry"), ("POST", "unknown")])
def test_a_provider_that_never_answers_leaves_a_post_unknown(method: str, error_class: str) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        server.released.wait(5)

    with serving(behave) as server:
        started = time.monotonic()
        error = failure(ProviderClient(), method, server.url, timeout=0.3)
    assert (error.error_class, error.code) == (error_class, "provider_timeout")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "opening",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"],
    ids=["in the status line", "in the headers", "in the body"],
)
def test_a_provider_that_drips_bytes_ends_with_the_call(opening: bytes) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(opening)
        while not server.released.wait(0.02):
            conversation.say(b"H")

    with serving(behave) as server:
        started = time.monotonic()
        error = failure(ProviderClient(), "POST", server.url, timeout=0.4)
    assert (error.error_class, error.code) == ("unknown", "provider_timeout")
    assert time.monotonic() - started < 1.2


def test_a_provider_that_does_not_read_ends_with_the_call() -> None:
    def behave(conversation: Conversation) -> None:
        server.released.wait(5)

    with serving(behave) as server:
        error = failure(ProviderClient(), "POST", server.url, body=bytes(30_000_000), timeout=0.4)
    assert (error.error_class, error.code) == ("unknown", "provider_timeout")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x00\xff\xfegarbage that is no HTTP\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n0123456789",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
    ],
    ids=[
        "nothing",
        "garbage",
        "no status",
        "a body cut short",
        "two lengths",
        "a broken chunk",
        "a chunk cut short",
        "too many headers",
        "a header too long",
        "packed wrongly",
    ],
)
def test_a_broken_answer_to_a_post_leaves_it_unknown(said: bytes) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(said)

    with serving(behave) as server:
        error = failure(ProviderClient(), "POST", server.url)
        assert (error.error_class, error.code) == ("unknown", "provider_reset")
        error = failure(ProviderClient(), "GET", server.url)
        assert (error.error_class, error.code) == ("retry", "provider_reset")


def test_a_reset_after_sending_leaves_a_post_unknown() -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.reset()

    with serving(behave) as server:
        error = failure(ProviderClient(), "POST", server.url, body=b"{}")
    assert (error.error_class, error.code) == ("unknown", "provider_reset")


def test_an_early_answer_to_a_large_body_counts() -> None:
    def behave(conversation: Conversation) -> None:
        conversation.socket.recv(10)
        conversation.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        conversation.socket.shutdown(socket.SHUT_WR)
        while conversation.socket.recv(1_000_000):
            continue

    with serving(behave) as server:
        assert ProviderClient().request("POST", server.url, body=bytes(5_000_000)).status == 413
