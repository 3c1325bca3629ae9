"""The client for addresses that strangers gave us: nothing private is ever connected to."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.errors import DeliveryError
from shared.http.addresses import is_public
from shared.http.outgoing import GuardedClient, system_connect
from tests.unit.http.local_server import OK, Behaviour, Conversation, LocalServer, answer, serving, tls_contexts

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ssrf"
PUBLIC = "93.184.216.34"
NAME = "files.example.org"


def cases(name: str) -> list[tuple[str, list[str]]]:
    lines = (FIXTURES / name).read_text("utf-8").splitlines()
    pairs = (line.partition(" => ") for line in lines if line and not line.startswith("#"))
    return [(url, addresses.split() or [PUBLIC]) for url, _, addresses in pairs]


class Recorder:
    """Connects to nothing, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        self.asked.append((address, port))
        raise ConnectionRefusedError


def test_the_corpus_is_large_enough() -> None:
    assert len(cases("refused.txt")) >= 200
    assert len(cases("allowed.txt")) >= 50


@pytest.mark.parametrize(("url", "addresses"), cases("refused.txt"))
def test_refused_and_no_connection_made(url: str, addresses: list[str]) -> None:
    connect = Recorder()
    client = GuardedClient(resolver=lambda host: addresses, connect=connect)
    for method in ("GET", "POST"):
        with pytest.raises(DeliveryError) as caught:
            client.request(method, url)
        assert (caught.value.error_class, caught.value.code) == ("permanent", "address_refused")
    assert connect.asked == []


@pytest.mark.parametrize("character", [chr(code) for code in (*range(0x21), 0x7F)])
def test_control_characters_and_spaces_are_refused_anywhere(character: str) -> None:
    connect = Recorder()
    client = GuardedClient(resolver=lambda host: [PUBLIC], connect=connect)
    for url in (
        f"{character}https://files.example.org/",
        f"ht{character}tps://files.example.org/",
        f"https://files.{character}example.org/",
        f"https://files.example.org/{character}x",
        f"https://files.example.org/{character}",
    ):
        with pytest.raises(DeliveryError, match="address_refused"):
            client.request("GET", url)
    assert connect.asked == []


@pytest.mark.parametrize(("url", "addresses"), cases("allowed.txt"))
def test_allowed_and_connected_to_the_address_that_was_looked_at(url: str, addresses: list[str]) -> None:
    connect = Recorder()
    client = GuardedClient(resolver=lambda host: addresses, connect=connect)
    with pytest.raises(DeliveryError, match="provider_unreachable"):
        client.request("GET", url)
    assert connect.asked == [(address, 443) for address in addresses]


def test_the_system_resolver_agrees_that_local_names_are_not_public() -> None:
    # Given the real resolver and a name that the host's own files give to loopback
    from shared.http.outgoing import system_addresses

    found = system_addresses("localhost")
    assert found
    assert not any(is_public(address) for address in found)


class Stage:
    """A server behind the name NAME with a certificate for it, and a client that takes it for the public internet."""

    def __init__(self, folder: Path, behaviour: Behaviour) -> None:
        server_tls, self.client_tls = tls_contexts(folder, NAME)
        self.names: list[str | None] = []
        server_tls.sni_callback = lambda connection, name, context: self.names.append(name)
        self.server = LocalServer(behaviour, server_tls)
        self.asked: list[tuple[str, int]] = []

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.asked.append((address, port))
        return system_connect("127.0.0.1", self.server.port, seconds)

    def client(self, *answers: list[str], tls: ssl.SSLContext | None = None) -> GuardedClient:
        said = itertools.chain(answers, itertools.repeat(answers[-1]))
        return GuardedClient(resolver=lambda host: next(said), connect=self.connect, tls=tls or self.client_tls)


Raise = Callable[[Behaviour], Stage]


@pytest.fixture
def raise_stage(tmp_path: Path) -> Iterator[Raise]:
    with contextlib.ExitStack() as down:

        def build(behaviour: Behaviour) -> Stage:
            built = Stage(tmp_path, behaviour)
            down.callback(built.server.close)
            return built

        yield build


@pytest.fixture
def stage(raise_stage: Raise) -> Stage:
    return raise_stage(answer(OK))


def test_the_name_is_in_the_handshake_and_the_host_header_and_the_address_is_the_checked_one(stage: Stage) -> None:
    response = stage.client([PUBLIC]).request("GET", "https://FILES.example.org./a/b?c=d#e")
    assert response.body == b"ok"
    assert stage.asked == [(PUBLIC, 443)]
    assert stage.names == [NAME]
    assert stage.server.requests[0].startswith(b"GET /a/b?c=d HTTP/1.1\r\n")
    assert b"\r\nHost: files.example.org\r\n" in stage.server.requests[0]


def test_a_name_that_changes_its_answer_is_looked_up_once_per_connection(stage: Stage) -> None:
    # Given a name that is public the first time, and points inside from then on
    client = stage.client([PUBLIC], ["127.0.0.1"])
    # When it is called, the checked address is connected to, and asked no second time
    assert client.request("GET", f"https://{NAME}/").body == b"ok"
    assert stage.asked == [(PUBLIC, 443)]
    # And a later connection is checked afresh
    second = stage.client(["127.0.0.1"])
    with pytest.raises(DeliveryError, match="address_refused"):
        second.request("GET", f"https://{NAME}/")
    assert stage.asked == [(PUBLIC, 443)]


def test_a_name_that_turned_private_is_refused_when_the_kept_connection_is_gone(raise_stage: Raise) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    stage = raise_stage(behave)
    client = stage.client([PUBLIC], ["169.254.169.254"])
    client.request("GET", f"https://{NAME}/")
    with pytest.raises(DeliveryError, match="address_refused"):
        client.request("GET", f"https://{NAME}/")
    assert stage.asked == [(PUBLIC, 443)]


def test_connections_are_kept_between_calls(stage: Stage) -> None:
    client = stage.client([PUBLIC])
    for _ in range(3):
        client.request("POST", f"https://{NAME}/", body=b"{}")
    assert stage.server.connections == 1


def test_a_certificate_for_another_name_is_not_accepted(stage: Stage) -> None:
    with pytest.raises(DeliveryError) as caught:
        stage.client([PUBLIC]).request("POST", "https://other.example.org/", body=b"secret")
    assert (caught.value.error_class, caught.value.code) == ("retry", "provider_unreachable")
    assert stage.server.requests == []


def test_a_certificate_of_an_unknown_authority_is_not_accepted(stage: Stage) -> None:
    with pytest.raises(DeliveryError) as caught:
        stage.client([PUBLIC], tls=ssl.create_default_context()).request("GET", f"https://{NAME}/")
    assert (caught.value.error_class, caught.value.code) == ("retry", "provider_unreachable")
    assert stage.server.requests == []


@pytest.mark.parametrize("location", ["https://127.0.0.1/", "http://169.254.169.254/", "https://files.example.org/b"])
def test_a_redirect_is_refused_wherever_it_leads(raise_stage: Raise, location: str) -> None:
    said = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    stage = raise_stage(answer(said))
    with pytest.raises(DeliveryError) as caught:
        stage.client([PUBLIC]).request("GET", f"https://{NAME}/", headers={"Authorization": "Bearer x"})
    assert (caught.value.error_class, caught.value.code) == ("permanent", "provider_redirected")
    assert (len(stage.asked), len(stage.server.requests)) == (1, 1)


def test_a_file_over_the_cap_is_given_up_over_tls_too(raise_stage: Raise) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(300_000))

    stage = raise_stage(behave)
    with pytest.raises(DeliveryError, match="response_too_large"):
        stage.client([PUBLIC]).request("GET", f"https://{NAME}/", maximum_bytes=100_000)


def test_a_server_that_drips_over_tls_ends_with_the_call(raise_stage: Raise) -> None:
    def behave(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not dripping.server.released.wait(0.02):
            conversation.say(b"x")

    dripping = raise_stage(behave)
    with pytest.raises(DeliveryError) as caught:
        dripping.client([PUBLIC]).request("GET", f"https://{NAME}/", timeout=0.5)
    assert (caught.value.error_class, caught.value.code) == ("retry", "provider_timeout")


def test_a_server_that_never_finishes_the_handshake_ends_with_the_call() -> None:
    def behave(conversation: Conversation) -> None:
        server.released.wait(5)

    with serving(behave) as server:
        client = GuardedClient(
            resolver=lambda host: [PUBLIC],
            connect=lambda address, port, seconds: system_connect("127.0.0.1", server.port, seconds),
        )
        started = time.monotonic()
        with pytest.raises(DeliveryError) as caught:
            client.request("POST", f"https://{NAME}/", timeout=0.3)
    assert (caught.value.error_class, caught.value.code) == ("retry", "provider_unreachable")
    assert time.monotonic() - started < 1


def test_a_refusal_does_not_quote_the_address() -> None:
    with pytest.raises(DeliveryError) as caught:
        GuardedClient().request("GET", "https://127.0.0.1/?token=SECRET")
    assert "SECRET" not in str(caught.value)
    assert "127" not in str(caught.value)
