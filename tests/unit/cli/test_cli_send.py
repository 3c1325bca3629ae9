"""``onethread send``."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable

import pytest

from infra.cli.api import Api
from infra.cli.errors import CommandError
from tests.unit.cli.stage import FakeApi, Result, Stack

Run = Callable[..., Result]
ROUTE = {"identity_id": "idn_1", "channel": "wechat", "account": "main", "can_reply": True}
ANSWER = {"message_id": "msg_1", "sequence": 7, "status": "queued", "route": ROUTE, "degradations": []}


def test_a_text_goes_to_the_api_as_one_part(run: Run, stack: Stack, api: FakeApi) -> None:
    api.answer = ANSWER
    result = run("--local", "send", "conv_1", "Your parcel left today.")
    assert (result.code, result.err) == (0, "")
    assert "queued: msg_1 is number 7, by wechat/main" in result.out
    ((path, headers, body),) = api.requests
    assert path == "/v1/conversations/conv_1/messages"
    assert headers["authorization"] == "Bearer ot_local_key"
    assert len(headers["idempotency-key"]) == 36
    assert body == {"parts": [{"type": "text", "text": "Your parcel left today."}]}


def test_text_idempotency_key_fallback_and_api_key_are_passed_on(
    run: Run, stack: Stack, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answer = ANSWER
    monkeypatch.setattr("sys.stdin", io.StringIO("您好\n第二行\n"))
    words = ("conv/1", "-", "--idempotency-key", "k1", "--fallback", "webchat", "--api-key", "ot_other")
    assert run("--local", "send", *words).code == 0
    ((path, headers, body),) = api.requests
    assert path == "/v1/conversations/conv%2F1/messages"
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer ot_other", "k1")
    assert body == {"parts": [{"type": "text", "text": "您好\n第二行"}], "fallback": ["webchat"]}


def test_the_key_may_come_from_the_environment(
    run: Run, stack: Stack, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answer = ANSWER
    monkeypatch.setenv("ONETHREAD_API_KEY", "ot_environment")
    run("--local", "send", "conv_1", "hello")
    assert api.requests[0][1]["authorization"] == "Bearer ot_environment"


def test_a_stack_in_aws_needs_a_key(run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)
    result = run("--stack", "shop", "send", "conv_1", "hello")
    assert result.code == 2
    assert "no API key" in result.err


def test_what_the_window_still_allows_and_what_was_lost_is_shown(run: Run, stack: Stack, api: FakeApi) -> None:
    route = {**ROUTE, "remaining": 4, "closes_at": "2026-11-23T10:00:00.000Z"}
    loss = {"part": 0, "from": "text", "to": "text", "lost": ["format"]}
    api.answer = {**ANSWER, "route": route, "degradations": [loss]}
    out = run("--local", "send", "conv_1", "hello").out
    assert "4 more may be sent until 2026-11-23T10:00:00.000Z" in out
    assert "degraded: part 0 from text to text" in out


def test_with_json_the_answer_is_passed_on_as_it_is(run: Run, stack: Stack, api: FakeApi) -> None:
    api.answer = ANSWER
    assert run("--local", "--json", "send", "conv_1", "hello").json == ANSWER


def test_a_closed_window_is_explained(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status = 409
    route = {**ROUTE, "can_reply": False, "reason": "window_closed", "closes_at": "2026-11-21T10:00:00.000Z"}
    api.answer = {"code": "window_closed", "detail": "the customer cannot be written to", "route": route}
    result = run("--local", "send", "conv_1", "hello")
    assert result.code == 1
    assert result.err == (
        "onethread: not sent: the send window on wechat/main is closed (since 2026-11-21T10:00:00.000Z); "
        "the customer has to write there first, or name another channel with --fallback\n"
    )


@pytest.mark.parametrize(
    ("status", "answer", "code", "words"),
    [
        (404, {"code": "unknown_conversation", "detail": "no such one"}, "unknown_conversation", "no such one"),
        (401, {"code": "bad_key", "title": "Unauthorized"}, "bad_key", "Unauthorized"),
        (500, {"message": "Internal Server Error"}, "http_500", "Internal Server Error"),
        (502, "<html>", "http_502", "no reason given"),
        (302, {}, "http_302", "no reason given"),
        (202, ["not", "an", "object"], "bad_answer", "without a JSON object"),
    ],
)
def test_what_the_api_refuses_is_said_with_its_code(
    run: Run, stack: Stack, api: FakeApi, status: int, answer: object, code: str, words: str
) -> None:
    api.status, api.answer = status, answer
    result = run("--local", "--json", "send", "conv_1", "hello")
    assert (result.code, result.error["code"]) == (1, code)
    assert words in result.error["message"]


def test_when_no_answer_comes_it_says_how_to_repeat_it_safely(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status = 0
    result = run("--local", "--json", "send", "conv_1", "hello")
    assert result.error["code"] == "no_answer"
    assert f"repeat it with --idempotency-key {api.requests[0][1]['idempotency-key']}" in result.error["message"]


def test_an_api_that_nobody_runs_is_unreachable() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        api = Api(f"http://127.0.0.1:{bound.getsockname()[1]}", "ot_key")
        with pytest.raises(CommandError) as raised:
            api.post("/v1/conversations/conv_1/messages", {}, {})
    assert raised.value.code == "unreachable"


def test_nothing_is_sent_when_there_is_no_text(run: Run, stack: Stack, api: FakeApi) -> None:
    assert run("--local", "send", "conv_1", "  ").code == 2
    assert api.requests == []
