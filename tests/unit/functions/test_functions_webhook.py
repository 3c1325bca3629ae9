"""The webhook function: it answers whatever comes, queues what is proven, and logs nobody."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions import webhook
from functions.bootstrap import receiving
from shared.core.webhook import ReceiveWebhook
from shared.errors import ConfigurationError, InfrastructureError
from shared.http.request import Request
from shared.http.response import Response
from shared.model.value import replace
from tests.unit.core.hooks import Hooks
from tests.unit.functions.http_events import http_event, read_answer
from tests.unit.wechat.pushes import OPENID, plain_request, secure_request, xml


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """The function on accounts and a queue in memory."""
    made = Hooks()
    monkeypatch.setattr(receiving, "receive_webhook", lambda: made.receive)
    return made


def event_of(request: Request, account: str = "plain", *, encoded: bool = False, **more: Any) -> dict[str, Any]:
    body = base64.b64encode(request.body).decode() if encoded else request.body.decode()
    parameters = {"channel": "wechat", "account": account}
    event = http_event(
        request.method,
        f"/hooks/wechat/{account}",
        body=body,
        query=urlencode(dict(request.query)),
        parameters=parameters,
        headers=dict(request.headers),
    )
    return {**event, "isBase64Encoded": encoded, **more}


@pytest.mark.parametrize("account", ["plain", "secure"])
@pytest.mark.parametrize("encoded", [True, False])
def test_a_push_is_the_same_push_whether_the_gateway_wrapped_its_body_or_not(
    hooks: Hooks, account: str, encoded: bool
) -> None:
    request = plain_request(xml()) if account == "plain" else secure_request(xml())
    answer = read_answer(webhook.handler(event_of(request, account, encoded=encoded), None))
    assert (answer.status, answer.body) == (200, "success")
    assert [event.envelope.body for event in hooks.queue.events] == [xml()]


def test_the_handshake_goes_through(hooks: Hooks) -> None:
    request = replace(plain_request(b"", echostr="5874513"), method="GET")
    assert read_answer(webhook.handler(event_of(request), None)).body == "5874513"


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (event_of(plain_request(xml(), signature="0" * 40)), 401, "bad_signature"),
        (event_of(plain_request(xml(), now=time.time())), 401, "stale_timestamp"),
        (event_of(plain_request(xml()), "nobody"), 404, "unknown_account"),
        (event_of(replace(plain_request(xml()), method="PUT")), 405, "method_not_allowed"),
        (event_of(plain_request(b"x" * 131_073)), 413, "payload_too_large"),
        (event_of(plain_request(xml()), body="%%%", isBase64Encoded=True), 400, "body_encoding"),
        (event_of(plain_request(xml()), body="好", isBase64Encoded=True), 400, "body_encoding"),
        (event_of(plain_request(b"\x00" * 9)), 400, "bad_xml"),
        (event_of(plain_request(xml()), pathParameters={"channel": "pigeon", "account": "a"}), 404, "unknown_channel"),
        (event_of(plain_request(xml()), pathParameters={"channel": "../x", "account": "a"}), 404, "unknown_channel"),
        (event_of(plain_request(xml()), pathParameters=None), 404, "unknown_channel"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refusal_is_a_problem_with_a_code_and_queues_nothing(
    hooks: Hooks, event: dict[str, Any], status: int, code: str
) -> None:
    answer = read_answer(webhook.handler(event, None))
    assert (answer.status, answer.code) == (status, code)
    assert hooks.queue.events == []


def test_a_queue_that_is_down_is_answered_503_so_that_the_provider_comes_again(hooks: Hooks) -> None:
    hooks.queue.down = True
    answer = read_answer(webhook.handler(event_of(plain_request(xml())), None))
    assert (answer.status, answer.code) == (503, "unavailable")


def test_an_account_that_is_set_up_wrongly_is_answered_503(hooks: Hooks) -> None:
    hooks.plain.current = {"app_id": "wx1"}
    answer = read_answer(webhook.handler(event_of(plain_request(xml())), None))
    assert (answer.status, answer.code) == (503, "unavailable")


@pytest.mark.parametrize(
    ("error", "status"),
    [(InfrastructureError(OPENID), 503), (ConfigurationError(OPENID), 503), (RuntimeError(OPENID), 500)],
)
def test_whatever_goes_wrong_is_answered_and_logged_by_its_class_alone(
    monkeypatch: pytest.MonkeyPatch, printed: Callable[[], str], error: Exception, status: int
) -> None:
    def fail(*_: object) -> Response:
        raise error

    monkeypatch.setattr(ReceiveWebhook, "__call__", fail)
    monkeypatch.setattr(receiving, "receive_webhook", lambda: ReceiveWebhook.__new__(ReceiveWebhook))
    answer = read_answer(webhook.handler(event_of(plain_request(xml())), None))
    assert answer.status == status
    line = json.loads(printed())
    assert (line["outcome"], line["level"]) == (type(error).__name__, "ERROR")
    assert OPENID not in json.dumps(line) + answer.body


@pytest.mark.parametrize("account", ["plain", "secure"])
def test_the_log_line_says_what_happened_and_not_to_whom(
    hooks: Hooks, printed: Callable[[], str], account: str
) -> None:
    request = plain_request(xml(Content="secret words")) if account == "plain" else secure_request(xml())
    webhook.handler(event_of(request, account), None)
    webhook.handler(event_of(replace(request, query={**request.query, "nonce": "other"}), account), None)
    text = printed()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["service"], line["channel"], line["outcome"], line["status"]) for line in lines] == [
        ("webhook", "wechat", "ok", 200),
        ("webhook", "wechat", "bad_signature", 401),
    ]
    assert [line.get("received", 0) for line in lines] == [1, 0]
    for secret in (OPENID, "secret words", "nonce", request.query["timestamp"]):
        assert secret not in text.replace("_timestamp", "")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_channel_that_nobody_knows_is_not_named_in_the_log(
    hooks: Hooks, printed: Callable[[], str], method: str
) -> None:
    parameters = {"channel": "anns-phone-number", "account": "a"}
    webhook.handler(http_event(method, "/hooks/anns-phone-number/a", parameters=parameters), None)
    assert json.loads(printed())["channel"] == "unknown"


TEXTS = st.text(max_size=20)
ODD = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=2)
QUERIES = st.one_of(
    TEXTS,
    st.dictionaries(st.sampled_from(["signature", "timestamp", "nonce", "echostr", "msg_signature"]), TEXTS).map(
        lambda query: urlencode(query, errors="replace")
    ),
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "requestContext": ODD
        | st.fixed_dictionaries(
            {"http": ODD | st.fixed_dictionaries({}, optional={"method": st.sampled_from(["GET", "POST", ""]) | ODD})}
        ),
        "pathParameters": ODD
        | st.fixed_dictionaries(
            {},
            optional={
                "channel": st.sampled_from(["wechat", "webchat"]) | ODD,
                "account": st.sampled_from(["plain", "secure", "main"]) | ODD,
            },
        ),
        "rawQueryString": QUERIES | ODD,
        "rawPath": ODD,
        "headers": ODD | st.dictionaries(TEXTS, ODD, max_size=3),
        "body": st.text() | st.binary(max_size=40).map(lambda body: base64.b64encode(body).decode()) | ODD,
        "isBase64Encoded": ODD,
    },
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=EVENTS)
def test_no_event_makes_the_function_raise_or_queue_anything(hooks: Hooks, event: dict[str, Any]) -> None:
    answer = read_answer(webhook.handler(event, None))
    assert 400 <= answer.status <= 500
    assert answer.code
    assert hooks.queue.events == []


WELL_FORMED = st.builds(
    event_of,
    st.builds(
        Request,
        st.sampled_from(["GET", "POST"]),
        st.just("/"),
        st.dictionaries(st.sampled_from(["signature", "timestamp", "nonce", "echostr", "openid"]), TEXTS),
        st.dictionaries(TEXTS, TEXTS, max_size=3),
        st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")),
    ),
    st.sampled_from(["plain", "secure"]),
    encoded=st.booleans(),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=WELL_FORMED)
def test_what_the_gateway_lets_through_is_refused_with_4xx_unless_it_is_proven(
    hooks: Hooks, event: dict[str, Any]
) -> None:
    answer = read_answer(webhook.handler(event, None))
    assert 400 <= answer.status < 500
    assert hooks.queue.events == []
