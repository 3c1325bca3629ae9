"""Given a stack on a developer's machine, when a subscriber's address is called, then this machine is reached by http,
and for everything else the guard stands as it does on AWS."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.errors import DeliveryError
from shared.http.loopback import LocalWebhookClient, LoopbackClient, local_webhook_target
from shared.http.outgoing import GuardedClient
from tests.unit.http.local_server import OK, answer, serving

ELSEWHERE = [
    "https://127.0.0.1/hook",
    "http://127.0.0.2/hook",
    "http://localhost/hook",
    "http://localhost:8080/hook",
    "http://0.0.0.0/hook",
    "http://127.1/hook",
    "http://2130706433/hook",
    "http://0x7f.0.0.1/hook",
    "http://[::ffff:127.0.0.1]/hook",
    "http://[::]/hook",
    "http://10.0.0.1/hook",
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1.nip.example/hook",
    "http://user@127.0.0.1/hook",
    "ftp://127.0.0.1/hook",
]


def nobody(host: str) -> Sequence[str]:
    raise AssertionError(f"{host} was looked up")


def test_this_machine_is_called_by_http_on_any_port() -> None:
    with serving(answer(OK)) as server:
        response = LocalWebhookClient().request("POST", f"{server.url}/hook", body=b"{}")

    assert response.status == 200
    assert server.requests[0].startswith(b"POST /hook HTTP/1.1")


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_else_is_this_machine(url: str) -> None:
    with pytest.raises(DeliveryError) as refusal:
        LoopbackClient(resolver=nobody).request("POST", url)

    assert refusal.value.code == "address_refused"


@pytest.mark.parametrize("url", ELSEWHERE)
def test_what_is_not_this_machine_meets_the_guard(url: str) -> None:
    client = LocalWebhookClient(guarded=GuardedClient(resolver=nobody))

    with pytest.raises(DeliveryError) as refusal:
        client.request("POST", url)

    assert refusal.value.code == "address_refused"


@pytest.mark.parametrize("url", ELSEWHERE)
def test_what_would_not_be_called_is_refused_by_its_spelling(url: str) -> None:
    with pytest.raises(DeliveryError):
        local_webhook_target(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/hook", "http://[::1]:9/hook", "https://desk.example/hook"])
def test_what_would_be_called_passes(url: str) -> None:
    assert local_webhook_target(url).path == "/hook"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00:ec2::254"])
def test_a_public_name_that_leads_to_a_private_address_is_not_called(address: str) -> None:
    client = LocalWebhookClient(guarded=GuardedClient(resolver=lambda host: [address]))

    with pytest.raises(DeliveryError) as refusal:
        client.request("POST", "https://rebound.example/hook")

    assert refusal.value.code == "address_refused"


def test_a_redirect_of_this_machine_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with serving(answer(moved)) as server, pytest.raises(DeliveryError) as refusal:
        LocalWebhookClient().request("POST", f"{server.url}/hook", body=b"{}")

    assert refusal.value.code == "provider_redirected"
