"""An address that takes signed webhooks: what is posted there, what its answers mean, and where it may not lead."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from shared.aws.seals import StackSeals
from shared.core.publishing import LARGEST_EVENT
from shared.core.relay.records import Notification, Outcome, Subscription
from shared.core.relay.requests import Checks
from shared.core.relay.signing import shown_secret
from shared.core.relay.webhook_endpoint import DEADLINE, WebhookEndpoint
from shared.errors import DeliveryError, Unprocessable
from shared.http.addresses import guarded_target
from shared.http.outgoing import GuardedClient, ProviderClient
from shared.model.event import Event
from shared.ports.http import HttpResponse
from tests.unit.http.local_server import Behaviour, Conversation, answer, serving
from tests.unit.http.test_guarded_client import PUBLIC, Recorder

SEALS = StackSeals(lambda: [b"the stack's own secret"])
SUBSCRIPTION = Subscription("sub_1", 0.0, "https://desk.example.com/hooks?key=1")
CORPUS = Path(__file__).parents[2] / "fixtures" / "ssrf" / "refused.txt"
EVENT = Event(
    id="conv_1:7",
    specversion="1.0",
    source="urn:onethread:test",
    type="message.received",
    subject="conv_1",
    time="2026-01-02T03:04:05.678Z",
    sequence=7,
    previous_sequence=6,
    data={"message": {"text": "你好"}},
)


class FakeHttp:
    """Answers as it is told to, and remembers what it was asked."""

    def __init__(self, said: HttpResponse | DeliveryError) -> None:
        self.said = said
        self.asked: list[tuple[str, str, Mapping[str, str], bytes, float]] = []

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
        self.asked.append((method, url, headers or {}, body or b"", timeout))
        if isinstance(self.said, DeliveryError):
            raise self.said
        return self.said


def deliver(http: FakeHttp, event: Event = EVENT) -> Outcome:
    return WebhookEndpoint(http, SEALS, time.time, lambda: 1.0).deliver(SUBSCRIPTION, Notification(event))


def test_an_event_is_posted_as_json_that_a_consumers_library_verifies() -> None:
    http = FakeHttp(HttpResponse(204, {}, b""))

    outcome = deliver(http)

    assert outcome == Outcome("delivered", 0, 204)
    ((method, url, headers, body, timeout),) = http.asked
    assert (method, url, timeout) == ("POST", SUBSCRIPTION.url, DEADLINE)
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-id"] == EVENT.id
    shown = Webhook(shown_secret(SEALS, SUBSCRIPTION)).verify(body, dict(headers))
    assert shown == msgspec.to_builtins(EVENT)


def test_an_event_that_is_too_large_for_the_topic_says_where_it_is_here_too() -> None:
    http = FakeHttp(HttpResponse(200, {}, b""))
    deliver(http, msgspec.structs.replace(EVENT, data={"text": "x" * LARGEST_EVENT}))
    shown = json.loads(http.asked[0][3])
    assert "data" not in shown
    assert shown["dataref"] == "/v1/conversations/conv_1/events?after=6&limit=1"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_every_success_is_a_success(status: int) -> None:
    assert deliver(FakeHttp(HttpResponse(status, {}, b"what it says does not matter"))).verdict == "delivered"


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 409, 413, 415, 422, 425, 429, 451, 500, 502, 503, 504, 599]
)
def test_every_other_answer_is_tried_again(status: int) -> None:
    outcome = deliver(FakeHttp(HttpResponse(status, {}, b"")))
    assert outcome == Outcome("retry", 0, status, f"http_{status}")


def test_only_gone_is_final() -> None:
    assert deliver(FakeHttp(HttpResponse(410, {}, b""))) == Outcome("gone", 0, 410, "http_410")


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_time_to_come_again_is_read_in_seconds(status: int) -> None:
    assert deliver(FakeHttp(HttpResponse(status, {"retry-after": "120"}, b""))).retry_after == 120.0


def test_a_time_to_come_again_is_read_as_a_date() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = deliver(FakeHttp(HttpResponse(503, {"retry-after": at}, b""))).retry_after
    assert found is not None
    assert 85 < found <= 90


@pytest.mark.parametrize("value", ["", "soon", "-5", "1e9", "99999999999999999999", "Wed, 99 Foo 2026"])
def test_a_time_to_come_again_that_is_none_is_ignored(value: str) -> None:
    assert deliver(FakeHttp(HttpResponse(503, {"retry-after": value}, b""))).retry_after is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DeliveryError("retry", "provider_unreachable", ""), "unreachable"),
        (DeliveryError("unknown", "provider_timeout", ""), "timeout"),
        (DeliveryError("unknown", "provider_reset", ""), "reset"),
        (DeliveryError("permanent", "provider_redirected", ""), "redirected"),
        (DeliveryError("permanent", "address_refused", ""), "address_refused"),
        (DeliveryError("permanent", "response_too_large", ""), "response_too_large"),
    ],
)
def test_a_call_that_fails_is_tried_again(error: DeliveryError, code: str) -> None:
    assert deliver(FakeHttp(error)) == Outcome("retry", 0, code=code)


def says(status: str, headers: str = "") -> Behaviour:
    return answer(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{headers}\r\n".encode())


def resets(conversation: Conversation) -> None:
    conversation.hear()
    conversation.reset()


def closes(conversation: Conversation) -> None:
    conversation.hear()


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (says("200 OK"), ("delivered", 200, None, None)),
        (says("400 Bad Request"), ("retry", 400, "http_400", None)),
        (says("401 Unauthorized"), ("retry", 401, "http_401", None)),
        (says("404 Not Found"), ("retry", 404, "http_404", None)),
        (says("408 Request Timeout"), ("retry", 408, "http_408", None)),
        (says("410 Gone"), ("gone", 410, "http_410", None)),
        (says("429 Too Many Requests", "Retry-After: 7\r\n"), ("retry", 429, "http_429", 7.0)),
        (says("500 Internal Server Error"), ("retry", 500, "http_500", None)),
        (says("302 Found", "Location: http://169.254.169.254/\r\n"), ("retry", None, "redirected", None)),
        (resets, ("retry", None, "reset", None)),
        (closes, ("retry", None, "reset", None)),
        (answer(b"\x00\xff garbage that is no HTTP\r\n\r\n"), ("retry", None, "reset", None)),
    ],
)
def test_what_a_real_server_does_has_the_meaning_that_it_should(
    behaviour: Behaviour, expected: tuple[str, int | None, str | None, float | None]
) -> None:
    with serving(behaviour) as server:
        endpoint = WebhookEndpoint(ProviderClient(), SEALS, time.time)
        outcome = endpoint.deliver(Subscription("sub_1", 0.0, server.url), Notification(EVENT))
    assert (outcome.verdict, outcome.status, outcome.code, outcome.retry_after) == expected
    assert server.connections == 1


def corpus() -> list[tuple[str, list[str]]]:
    """Addresses, and what their names resolve to where that is what is wrong with them."""
    lines = (line for line in CORPUS.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return [(url, resolved.split()) for url, _, resolved in (line.partition(" => ") for line in lines)]


@pytest.mark.parametrize(("url", "resolved"), corpus())
def test_no_subscription_leads_to_a_private_address(url: str, resolved: list[str]) -> None:
    # At creation, an address is refused for its spelling
    checks = Checks(list, guarded_target, lambda name: None)
    if not resolved:
        with pytest.raises(Unprocessable) as refused:
            checks.url(url)
        assert refused.value.code == "bad_url"
        assert url not in refused.value.detail

    # At delivery, for where it leads by then; nothing is connected to
    connect = Recorder()
    client = GuardedClient(resolver=lambda host: resolved or [PUBLIC], connect=connect)
    endpoint = WebhookEndpoint(client, SEALS, time.time)
    outcome = endpoint.deliver(Subscription("sub_1", 0.0, url), Notification(EVENT))
    assert (outcome.verdict, outcome.code) == ("retry", "address_refused")
    assert connect.asked == []


def test_a_name_that_turns_private_later_is_refused_then() -> None:
    # Given a name that leads to a public address when it is subscribed, and to ourselves afterwards
    answers = iter([[PUBLIC], ["127.0.0.1"], [PUBLIC, "169.254.169.254"], ["::ffff:10.0.0.1"]])
    connect = Recorder()
    client = GuardedClient(resolver=lambda host: next(answers), connect=connect)
    endpoint = WebhookEndpoint(client, SEALS, time.time)
    subscription = Subscription(
        "sub_1", 0.0, Checks(list, guarded_target, lambda name: None).url(SUBSCRIPTION.url or "")
    )

    # When events are told
    outcomes = [endpoint.deliver(subscription, Notification(EVENT)).code for _ in range(4)]

    # Then only the public address has been connected to
    assert outcomes == ["unreachable", "address_refused", "address_refused", "address_refused"]
    assert connect.asked == [(PUBLIC, 443)]
