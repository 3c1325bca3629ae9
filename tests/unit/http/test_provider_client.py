"""The client for providers' APIs, against a real server that misbehaves in every way we know."""

from __future__ import annotations

import gzip
import logging
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib

import pytest

from shared.errors import DeliveryError, Redirected
from shared.http import outgoing
from shared.http.outgoing import ProviderClient, system_connect
from shared.ports.http import HttpClient, HttpResponse
from tests.unit.http.local_server import OK, Conversation, LocalServer, answer, serving


def failure(
    client: HttpClient,
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 10.0,
    maximum_bytes: int = 1_048_576,
) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        client.request(method, url, headers=headers, body=body, timeout=timeout, maximum_bytes=maximum_bytes)
    return caught.value


def test_an_answer_comes_back_with_its_status_lower_case_headers_and_body() -> None:
    with serving(answer(b"HTTP/1.1 404 Not Found\r\nX-Request-ID: 7\r\nContent-Length: 4\r\n\r\ngone")) as server:
        response = ProviderClient().request("GET", server.url)
    assert response == HttpResponse(404, {"x-request-id": "7", "content-length": "4"}, b"gone")


def test_a_request_carries_its_method_path_headers_and_body_and_asks_for_an_unpacked_answer() -> None:
    with serving(answer(OK)) as server:
        ProviderClient().request(
            "post", f"{server.url}/send?token=a%20b&x=图", headers={"Content-Type": "a/b", "Host": "evil"}, body=b"{}"
        )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /send?token=a%20b&x=%E5%9B%BE HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}".encode() in lines
    assert {b"Content-Type: a/b", b"Content-Length: 2", b"Accept-Encoding: identity"} < set(lines)
    assert b"evil" not in head
    assert body == b"{}"


def test_a_chunked_answer_is_put_together() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with serving(answer(chunks)) as server:
        client = ProviderClient()
        bodies = [client.request("GET", server.url).body for _ in range(2)]
    assert bodies == [b"abcde", b"abcde"]
    assert server.connections == 1


def test_an_answer_that_ends_with_its_connection_is_complete() -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    with serving(behave) as server:
        client = ProviderClient()
        assert [client.request("GET", server.url).body for _ in range(2)] == [b"all of it"] * 2
    assert server.connections == 2


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


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with serving(answer(OK)) as elsewhere:
        said = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode()
        with serving(answer(said)) as server:
            error = failure(ProviderClient(), "GET", server.url, headers={"Authorization": "Bearer x"})
    assert (error.error_class, error.code) == ("permanent", "provider_redirected")
    assert isinstance(error, Redirected)
    assert error.location == elsewhere.url
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1001),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1f5\r\n"
        + bytes(501)
        + b"\r\n1f5\r\n"
        + bytes(501),
    ],
    ids=["as announced", "as announced absurdly", "to the end of the connection", "in chunks"],
)
def test_an_answer_over_the_cap_is_refused(said: bytes) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(said)
        server.released.wait(1)

    with serving(behave) as server:
        error = failure(ProviderClient(), "POST", server.url, maximum_bytes=1000)
    assert (error.error_class, error.code) == ("permanent", "response_too_large")


def test_an_answer_of_exactly_the_cap_is_taken() -> None:
    with serving(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(1000))) as server:
        assert len(ProviderClient().request("GET", server.url, maximum_bytes=1000).body) == 1000


def test_the_length_of_what_a_head_request_did_not_ask_for_does_not_count() -> None:
    with serving(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")) as server:
        assert ProviderClient().request("HEAD", server.url, maximum_bytes=10).headers["content-length"] == "99999999"


def packed(body: bytes, encoding: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_an_answer_that_comes_packed_unasked_is_unpacked() -> None:
    with serving(answer(packed(gzip.compress(b'{"errcode":0}'), "gzip"))) as server:
        assert ProviderClient().request("GET", server.url).body == b'{"errcode":0}'


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_a_small_answer_that_unpacks_into_a_large_one_is_stopped_at_the_cap(
    encoding: str,
) -> None:
    # Given 50 MB of zeros in some hundred kilobytes or less
    zeros = bytes(50_000_000)
    body = zlib.compress(zeros) if encoding == "deflate" else gzip.compress(zeros, 1)
    if encoding == "gzip, gzip":
        body = gzip.compress(body, 1)
    del zeros
    with serving(answer(packed(body, encoding))) as server:
        # When it is read with a cap of 2 MB
        tracemalloc.start()
        error = failure(ProviderClient(), "GET", server.url, maximum_bytes=2_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # Then it is refused, and was never unpacked beyond that
    assert error.code == "response_too_large"
    assert peak < 12_000_000


def test_cookies_are_not_kept() -> None:
    with serving(answer(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")) as server:
        client = ProviderClient()
        client.request("GET", server.url)
        client.request("GET", server.url)
    assert b"cookie" not in server.requests[1].lower()


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(OK)) as proxy, serving(answer(OK)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        ProviderClient().request("GET", server.url)
    assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.parametrize(
    "url", ["", "api.example.org", "ftp://api.example.org/", "http://a b/", "http://u:p@api/", "http://"]
)
def test_an_address_that_makes_no_sense_is_refused(url: str) -> None:
    error = failure(ProviderClient(), "GET", url)
    assert (error.error_class, error.code) == ("permanent", "address_refused")


def test_a_line_break_in_a_header_is_an_error_and_sends_nothing() -> None:
    with serving(answer(OK)) as server:
        with pytest.raises(ValueError, match="header"):
            ProviderClient().request("GET", server.url, headers={"X": "a\r\nY: b"})
        time.sleep(0.05)
    assert server.requests == []


def test_nothing_of_an_address_or_an_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # Given an answer that is hard to read, and then one that cannot be read at all
    strange, broken = b"HTTP/1.1 200 OK\r\nno header at all\r\n\r\n", b"nothing like HTTP\r\n\r\n"

    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(strange if conversation.number == 1 else broken)

    # When a call with a token in its address meets them
    with serving(behave) as server:
        client, url = ProviderClient(), f"{server.url}/bot12345:SECRET/getMe?q=SECRET"
        client.request("GET", url, headers={"A": "SECRET"})
        error = failure(client, "GET", url, headers={"A": "SECRET"})
    # Then neither the log nor the error holds it
    assert "SECRET" not in caplog.text + str(error)


def test_importing_the_clients_is_cheap() -> None:
    program = (
        "import sys, shared.http.outgoing; print([m for m in ('urllib3', 'ssl', 'http.client') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
