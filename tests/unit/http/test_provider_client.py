"""The client for providers' APIs: what it sends, what it takes, and what it leaves alone."""

from __future__ import annotations

import gzip
import logging
import subprocess
import sys
import time
import tracemalloc
import zlib

import pytest

from shared.errors import Redirected
from shared.http.outgoing import ProviderClient
from shared.ports.http import HttpResponse
from tests.unit.http.failures import failure
from tests.unit.http.local_server import OK, Conversation, answer, serving


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
