"""``onethread subscription``."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.cli.stage import FakeApi, Result, Stack

Run = Callable[..., Result]
PATH = "/v1/subscriptions"
ONE: dict[str, Any] = {
    "id": "sub_1",
    "status": "active",
    "signing": "hmac",
    "created_at": "2026-01-01T00:00:00.000Z",
    "url": "https://desk.example/hooks",
    "types": ["message.received"],
    "channels": [],
    "metadata": {},
}
SIGNED_WITH = "whsec_c2VjcmV0"


def test_an_address_is_subscribed_and_its_secret_shown(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status, api.answer = 201, {**ONE, "secret": SIGNED_WITH}
    words = ("--type", "message.received", "--channel", "wechat", "--since", "2026-01-31T08:00:00Z")
    result = run("--local", "subscription", "add", ONE["url"], *words, "--signing", "hmac", "--description", "desk")
    assert (result.code, result.err) == (0, "")
    assert SIGNED_WITH in result.out
    ((path, headers, body),) = api.requests
    assert (api.methods, path) == (["POST"], PATH)
    assert headers["authorization"] == "Bearer ot_local_key"
    assert len(headers["idempotency-key"]) == 36
    assert body == {
        "url": ONE["url"],
        "types": ["message.received"],
        "channels": ["wechat"],
        "since": "2026-01-31T08:00:00Z",
        "signing": "hmac",
        "description": "desk",
    }


def test_a_helpdesk_is_subscribed_without_a_secret(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status, api.answer = 201, {**ONE, "url": None, "helpdesk": "chatwoot/main"}
    result = run("--local", "subscription", "add", "--helpdesk", "chatwoot/main")
    assert result.out == "sub_1 is active: chatwoot/main\n"
    assert api.requests[0][2] == {"helpdesk": "chatwoot/main"}


@pytest.mark.parametrize("words", [(), ("https://desk.example/", "--helpdesk", "chatwoot/main")])
def test_it_takes_one_place_to_send_to(run: Run, stack: Stack, api: FakeApi, words: tuple[str, ...]) -> None:
    assert run("--local", "subscription", "add", *words).code == 2
    assert api.requests == []


def test_a_public_key_is_shown_for_ed25519(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status, api.answer = 201, {**ONE, "signing": "ed25519", "public_key": "whpk_a2V5"}
    out = run("--local", "subscription", "add", ONE["url"], "--signing", "ed25519").out
    assert "public key: whpk_a2V5" in out
    assert "secret" not in out


def test_the_list_is_a_table_for_people_and_as_it_is_for_programs(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status, api.answer = 200, {"items": [ONE]}
    out = run("--local", "subscription", "list").out
    assert "https://desk.example/hooks" in out
    assert run("--local", "--json", "subscription", "list").json == {"items": [ONE]}
    assert api.methods == ["GET", "GET"]
    api.answer = {"items": []}
    assert run("--local", "subscription", "list").out == "There are no subscriptions.\n"


def test_one_is_shown_with_how_its_endpoint_is(run: Run, stack: Stack, api: FakeApi) -> None:
    failure = {"at": "2026-01-02T00:00:00.000Z", "code": "http_500", "status": 500}
    stuck = {"conversation_id": "conv_1", "failures": 3, "next_attempt_at": "2026-01-02T00:01:00.000Z"}
    api.status = 200
    api.answer = {
        **ONE,
        "status": "paused",
        "reason": "failing",
        "health": {"status": "open", "failing_since": "2026-01-01T00:00:00.000Z", "last_failure": failure},
        "pending": 100,
        "failing_conversations": [stuck],
    }
    out = run("--local", "subscription", "show", "sub_1").out
    for words in (
        "paused (failing)",
        "open since 2026-01-01T00:00:00.000Z",
        "100 or more conversations",
        "http_500 at 2026-01-02",
        "conv_1: 3 failures, again at 2026-01-02T00:01",
    ):
        assert words in out
    assert api.requests[0][0] == f"{PATH}/sub_1"
    assert run("--local", "--json", "subscription", "show", "sub_1").json == api.answer


@pytest.mark.parametrize(("command", "status"), [("pause", "paused"), ("resume", "active")])
def test_one_is_paused_and_resumed(run: Run, stack: Stack, api: FakeApi, command: str, status: str) -> None:
    api.status, api.answer = 200, {**ONE, "status": status}
    assert run("--local", "subscription", command, "sub_1").out.startswith(f"sub_1 is {status}; ")
    assert (api.methods, api.requests[0][0], api.requests[0][2]) == (["PATCH"], f"{PATH}/sub_1", {"status": status})


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ((), {}),
        (("--after", "0"), {"after": 0}),
        (("--since", "2026-01-31T08:00:00Z"), {"since": "2026-01-31T08:00:00Z"}),
        (("--conversation", "conv_1", "--after", "12"), {"conversation_id": "conv_1", "after": 12}),
    ],
)
def test_events_are_sent_again(
    run: Run, stack: Stack, api: FakeApi, words: tuple[str, ...], body: dict[str, Any]
) -> None:
    api.answer = {"queued": True}
    assert run("--local", "subscription", "replay", "sub/1", *words).code == 0
    assert (api.requests[0][0], api.requests[0][2]) == (f"{PATH}/sub%2F1/replay", body)


def test_what_a_conversation_fails_over_is_passed_over(run: Run, stack: Stack, api: FakeApi) -> None:
    api.answer = {"queued": True, "conversation_id": "conv_1", "sequence": 7, "event_id": "conv_1:7"}
    out = run("--local", "subscription", "skip", "sub/1", "--conversation", "conv_1", "--sequence", "7").out
    assert out == "queued: conv_1:7 will not be sent, what follows goes on\n"
    assert (api.requests[0][0], api.requests[0][2]) == (
        f"{PATH}/sub%2F1/skip",
        {"conversation_id": "conv_1", "sequence": 7},
    )


@pytest.mark.parametrize("words", [(), ("--conversation", "conv_1"), ("--conversation", "conv_1", "--sequence", "0")])
def test_a_skip_names_what_is_passed_over(run: Run, stack: Stack, words: tuple[str, ...]) -> None:
    assert run("--local", "subscription", "skip", "sub_1", *words).code == 2


def test_what_it_fails_over_and_what_was_passed_over_is_shown(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status = 200
    api.answer = {
        **ONE,
        "health": {"status": "ok"},
        "pending": 1,
        "failing_conversations": [
            {"conversation_id": "conv_1", "failures": 9, "sequence": 8, "event_id": "conv_1:8", "code": "http_422"}
        ],
        "skipped": [
            {
                "conversation_id": "conv_1",
                "sequence": 7,
                "event_id": "conv_1:7",
                "at": "2026-01-02T00:00:00.000Z",
                "by": "3f2a90c1d4e5",
                "failures": 9,
                "code": "http_422",
            }
        ],
    }
    out = run("--local", "subscription", "show", "sub_1").out
    assert "conv_1 at 8: 9 failures (http_422), again when it is woken" in out
    assert "conv_1 at 7: conv_1:7, on 2026-01-02T00:00:00.000Z by key 3f2a90c1d4e5 (http_422)" in out


@pytest.mark.parametrize("words", [("--after", "-1"), ("--after", "1", "--since", "2026-01-31T08:00:00Z")])
def test_a_place_that_cannot_be_is_wrong_usage(run: Run, stack: Stack, words: tuple[str, ...]) -> None:
    assert run("--local", "subscription", "replay", "sub_1", *words).code == 2


def test_a_test_that_is_not_delivered_is_a_failure(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status, api.answer = 200, {"delivered": True, "milliseconds": 12, "status": 204}
    assert run("--local", "subscription", "test", "sub_1").code == 0
    api.answer = {"delivered": False, "milliseconds": 31, "status": 500, "code": "http_500"}
    result = run("--local", "subscription", "test", "sub_1")
    assert (result.code, result.out) == (1, "not delivered: http_500, after 31 ms\n")


@pytest.mark.parametrize(
    ("words", "body", "until", "meaning"),
    [
        ((), {}, "2026-01-02T00:00:00.000Z", "used as well until 2026-01-02T00:00:00.000Z"),
        (("--expire-previous-after", "0"), {"expire_previous_after": 0}, None, "not used any more"),
    ],
)
def test_a_new_secret_is_shown(
    run: Run,
    stack: Stack,
    api: FakeApi,
    words: tuple[str, ...],
    body: dict[str, int],
    until: str | None,
    meaning: str,
) -> None:
    api.status, api.answer = (
        200,
        {"id": "sub_1", "secret": SIGNED_WITH, **({"previous_secret_until": until} if until else {})},
    )
    out = run("--local", "subscription", "rotate", "sub_1", *words).out
    assert SIGNED_WITH in out
    assert meaning in out
    assert (api.requests[0][0], api.requests[0][2]) == (f"{PATH}/sub_1/secret/rotate", body)


def test_what_failed_is_listed(run: Run, stack: Stack, api: FakeApi) -> None:
    attempt = {"at": "2026-01-02T00:00:00.000Z", "event_id": "conv_1:7", "type": "message.sent", "number": 2}
    api.status, api.answer = 200, {"items": [{**attempt, "delivered": False, "status": 503, "code": "http_503"}]}
    out = run("--local", "subscription", "attempts", "sub_1", "--conversation", "conv_1", "--limit", "500").out
    assert "http_503" in out
    assert api.requests[0][0] == f"{PATH}/sub_1/attempts?limit=100&conversation_id=conv_1"


def test_one_is_removed_when_somebody_says_so(
    run: Run, stack: Stack, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.status = 204
    assert run("--local", "subscription", "remove", "sub_1").code == 2
    typed = io.StringIO("sub_2\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    assert run("--local", "subscription", "remove", "sub_1").code == 1
    assert api.requests == []
    assert run("--local", "subscription", "remove", "sub_1", "--yes").out == "sub_1 is removed\n"
    assert (api.methods, api.requests[0][0]) == (["DELETE"], f"{PATH}/sub_1")


def test_a_key_that_may_not_is_told_which_may(run: Run, stack: Stack, api: FakeApi) -> None:
    api.status, api.answer = 403, {"code": "scope_missing", "detail": "this API key may not admin"}
    result = run("--local", "--json", "subscription", "pause", "sub_1")
    assert (result.code, result.error["code"]) == (1, "scope_missing")
    assert "--scope admin" in result.error["message"]
