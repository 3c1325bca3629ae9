"""Connections, against a real server: kept, replaced, limited in time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from shared.aws import connection as connection_module
from shared.aws.connection import (
    TRANSPORT_ERRORS,
    Connections,
    MalformedAnswer,
    NotConnected,
    Response,
    ResponseTooLarge,
)

if TYPE_CHECKING:
    from tests.unit.aws.conftest import ScriptedServer


def post(connections: Connections, server: ScriptedServer, read_timeout: float = 5.0, limit: int = 1000) -> Response:
    return connections.exchange(server.url, "POST", "/", {}, b"hello", read_timeout=read_timeout, limit=limit)


def test_one_connection_serves_many_requests(server: ScriptedServer) -> None:
    connections = Connections()

    for _ in range(3):
        assert post(connections, server).status == 200

    assert [(request.connection, request.body) for request in server.received] == [(1, b"hello")] * 3


def test_each_thread_has_a_connection_of_its_own(
    server: ScriptedServer, run_in_thread: Callable[[Callable[[], object]], None]
) -> None:
    connections = Connections()

    post(connections, server)
    run_in_thread(lambda: post(connections, server))

    assert [request.connection for request in server.received] == [1, 2]


def test_a_connection_that_the_server_closed_while_idle_is_replaced(server: ScriptedServer) -> None:
    connections = Connections()
    server.answer_then_close(200, b"first")
    post(connections, server)
    server.closed.acquire(timeout=5)
    server.answer(200, b"second")

    assert post(connections, server).body == b"second"
    assert [request.connection for request in server.received] == [1, 2]


def test_a_kept_connection_dropped_on_a_request_is_replaced_once_and_no_more(server: ScriptedServer) -> None:
    connections = Connections()
    post(connections, server)
    server.drop()
    server.drop()

    with pytest.raises(ConnectionError):
        post(connections, server)

    assert [request.connection for request in server.received] == [1, 1, 2]


def test_a_new_connection_dropped_on_a_request_is_an_error(server: ScriptedServer) -> None:
    server.drop()

    with pytest.raises(ConnectionError):
        post(Connections(), server)

    assert len(server.received) == 1


def test_a_server_that_says_close_is_taken_at_its_word(server: ScriptedServer) -> None:
    connections = Connections()
    server.answer(200, b"last", {"connection": "close"})
    post(connections, server)

    post(connections, server)

    assert [request.connection for request in server.received] == [1, 2]


def test_an_answer_that_does_not_come_in_time_is_an_error_and_is_not_asked_for_again(server: ScriptedServer) -> None:
    connections = Connections()
    post(connections, server)
    server.hang()
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        post(connections, server, read_timeout=0.1)

    assert time.monotonic() - started < 2
    assert len(server.received) == 2


def test_after_a_timeout_the_late_answer_is_not_taken_for_the_next_one(server: ScriptedServer) -> None:
    connections = Connections()
    server.hang()
    with pytest.raises(TimeoutError):
        post(connections, server, read_timeout=0.1)

    post(connections, server)

    assert [request.connection for request in server.received] == [1, 2]


def test_nobody_listening_is_an_error(unused_url: str) -> None:
    with pytest.raises(NotConnected, match="ConnectionRefusedError"):
        Connections().exchange(unused_url, "GET", "/", {}, b"")


def test_what_must_not_be_done_twice_goes_out_once_over_a_connection_of_its_own(server: ScriptedServer) -> None:
    connections = Connections()
    post(connections, server)
    server.drop()

    with pytest.raises(TRANSPORT_ERRORS):
        connections.exchange(server.url, "POST", "/", {}, b"once", fresh=True)

    assert [request.connection for request in server.received] == [1, 2]
    post(connections, server)
    assert server.received[-1].connection == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n0123456789a",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n0123456789a",
    ],
    ids=["length", "chunks", "until closed"],
)
def test_the_limit_holds_however_the_body_is_framed(server: ScriptedServer, answer: bytes) -> None:
    server.raw(answer, close=True)
    server.raw(answer, close=True)

    assert post(Connections(), server, limit=11).body == b"0123456789a"
    with pytest.raises(ResponseTooLarge):
        post(Connections(), server, limit=10)


def test_an_answer_without_an_end_is_read_no_further_than_the_limit(server: ScriptedServer) -> None:
    server.raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n0123456789a\r\n", close=False)

    with pytest.raises(ResponseTooLarge):
        post(Connections(), server, read_timeout=0.5, limit=10)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n01234",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n01234",
        b"not HTTP at all\r\n\r\n",
    ],
    ids=["length", "chunks", "garbage"],
)
def test_half_an_answer_is_an_error(server: ScriptedServer, answer: bytes) -> None:
    server.raw(answer, close=True)

    with pytest.raises(MalformedAnswer):
        post(Connections(), server)


def test_header_names_come_in_lower_case(server: ScriptedServer) -> None:
    server.answer(200, b"", {"X-Amzn-RequestId": "ABC"})

    assert post(Connections(), server).headers["x-amzn-requestid"] == "ABC"


def test_the_certificate_store_is_read_once_and_only_for_https(
    server: ScriptedServer, unused_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[ssl.SSLContext] = []
    create = ssl.create_default_context

    def count() -> ssl.SSLContext:
        read.append(create())
        return read[-1]

    connection_module._tls_context.cache_clear()
    monkeypatch.setattr(ssl, "create_default_context", count)
    connections = Connections()
    post(connections, server)
    assert read == []

    for _ in range(2):
        with pytest.raises(TRANSPORT_ERRORS):
            connections.exchange(unused_url.replace("http:", "https:"), "GET", "/", {}, b"")

    assert len(read) == 1
    assert read[0].verify_mode is ssl.CERT_REQUIRED
    assert read[0].check_hostname


@pytest.mark.parametrize(
    ("target", "headers"),
    [("/a b", {}), ("/a\r\nx: y", {}), ("/", {"x-a": "b\r\nx-c: d"}), ("/", {"x-a": "b\nx-c: d"})],
    ids=["blank in the path", "line break in the path", "line break in a header", "line feed in a header"],
)
def test_what_would_become_another_header_or_request_is_not_sent(
    server: ScriptedServer, target: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="line break"):
        Connections().exchange(server.url, "GET", target, headers, b"")

    assert server.received == []


def test_bytes_after_an_answer_are_never_taken_for_the_next_one(server: ScriptedServer) -> None:
    connections = Connections()
    server.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n", close=False)
    post(connections, server)
    server.answer(200, b"second")

    assert post(connections, server).body == b"second"
    assert [request.connection for request in server.received] == [1, 2]


def test_an_interim_answer_is_not_the_answer(server: ScriptedServer) -> None:
    server.raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}", close=False)

    assert post(Connections(), server).status == 201


def test_an_answer_to_head_has_no_body_whatever_its_length_says(server: ScriptedServer) -> None:
    connections = Connections()
    server.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", close=False)

    assert connections.exchange(server.url, "HEAD", "/", {}, b"").body == b""
    post(connections, server)
    assert [request.connection for request in server.received] == [1, 1]


def test_an_answer_that_comes_in_pieces_is_put_together(server: ScriptedServer) -> None:
    body = bytes(range(256)) * 4096
    server.raw(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body, close=False)

    assert post(Connections(), server, limit=len(body)).body == body
