"""Connections of the client for providers' APIs: kept while they are good, and replaced where that does no harm."""

from __future__ import annotations

import socket
import time

import pytest

from shared.errors import DeliveryError
from shared.http import outgoing
from shared.http.outgoing import ProviderClient, system_connect
from tests.unit.http.failures import failure
from tests.unit.http.local_server import OK, Conversation, LocalServer, answer, serving


def test_calls_to_one_origin_share_a_connection() -> None:
    with serving(answer(OK)) as server:
        client = ProviderClient()
        for _ in range(5):
            assert client.request("POST", server.url, body=b"{}").body == b"ok"
    assert (server.connections, len(server.requests)) == (1, 5)


def test_no_more_than_a_few_connections_are_kept() -> None:
    client = ProviderClient()
    servers = [LocalServer(answer(OK)) for _ in range(outgoing.IDLE_WIRES + 1)]
    for server in servers:
        client.request("GET", server.url)
    for server in reversed(servers):
        client.request("GET", server.url)
        server.close()
    assert [server.connections for server in servers] == [2] + [1] * outgoing.IDLE_WIRES


def test_a_connection_that_rested_too_long_is_not_used_again() -> None:
    with serving(answer(OK)) as server:
        client = ProviderClient(idle_seconds=0.05)
        client.request("POST", server.url)
        time.sleep(0.1)
        client.request("POST", server.url)
    assert server.connections == 2


def test_a_connection_that_slept_through_a_freeze_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a monotonic clock that stood still while the clock on the wall went on
    with serving(answer(OK)) as server:
        client = ProviderClient()
        client.request("POST", server.url)
        wall = time.time
        monkeypatch.setattr(time, "time", lambda: wall() + 600)
        client.request("POST", server.url)
    assert server.connections == 2


def test_a_connection_closed_by_the_provider_meanwhile_costs_nothing() -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(OK)

    with serving(behave) as server:
        client = ProviderClient()
        for _ in range(3):
            assert client.request("POST", server.url, body=b"{}").body == b"ok"
            time.sleep(0.05)
    assert (server.connections, len(server.requests)) == (3, 3)


def test_a_kept_connection_of_which_nothing_could_be_sent_is_replaced_even_for_a_post() -> None:
    # Given a kept connection that can no longer be written to, and shows it only then
    handles: list[socket.socket] = []

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        connected = system_connect(address, port, seconds)
        handles.append(connected.dup())
        return connected

    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(OK)
        if conversation.number == 1:
            server.released.wait(5)

    with serving(behave) as server:
        client = ProviderClient(connect=connect)
        client.request("POST", server.url, body=b"1")
        handles[0].shutdown(socket.SHUT_WR)
        started = time.monotonic()
        assert client.request("POST", server.url, body=b"2").body == b"ok"
        assert time.monotonic() - started < 1
    assert [request[-1:] for request in server.requests] == [b"1", b"2"]
    for handle in handles:
        handle.close()


def test_a_post_of_which_nothing_could_be_sent_is_tried_again_later() -> None:
    def connect(address: str, port: int, seconds: float) -> socket.socket:
        connected = system_connect(address, port, seconds)
        connected.shutdown(socket.SHUT_WR)
        return connected

    with serving(answer(OK)) as server:
        error = failure(ProviderClient(connect=connect), "POST", server.url, body=b"{}")
    assert (error.error_class, error.code) == ("retry", "provider_unreachable")
    assert server.requests == []


@pytest.mark.parametrize(("method", "expected"), [("GET", "ok"), ("POST", "unknown provider_reset")])
def test_a_kept_connection_that_breaks_after_sending_is_replaced_only_when_repeating_does_no_harm(
    method: str, expected: str
) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(OK)
        if conversation.number == 1:
            conversation.hear()

    with serving(behave) as server:
        client = ProviderClient()
        client.request(method, server.url)
        try:
            outcome = client.request(method, server.url).body.decode()
        except DeliveryError as error:
            outcome = f"{error.error_class} {error.code}"
    assert outcome == expected
