"""The API: who may call what, what is refused and how, and answers of the contract's shape."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest

from functions.api import application, requests
from functions.api.requests import LARGEST_BODY
from functions.bootstrap import store
from shared.aws.api_keys import DynamoApiKeys
from shared.errors import InfrastructureError, WriteConflict
from shared.model.schema import schema
from tests.unit.functions.http_events import http_event, read_answer
from tests.unit.functions.stage import Stage

ROUTES = [
    ("GET", "/v1/conversations", "read"),
    ("GET", "/v1/conversations/conv_1", "read"),
    ("PATCH", "/v1/conversations/conv_1", "write"),
    ("GET", "/v1/conversations/conv_1/messages", "read"),
    ("POST", "/v1/conversations/conv_1/messages", "write"),
    ("GET", "/v1/conversations/conv_1/events", "read"),
    ("POST", "/v1/conversations/conv_1/typing", "write"),
    ("GET", "/v1/customers/cus_1", "read"),
    ("PATCH", "/v1/customers/cus_1", "write"),
    ("GET", "/v1/channels", "read"),
    ("POST", "/v1/media", "write"),
]
WRITING = [(method, path) for method, path, scope in ROUTES if scope == "write"]


def names(value: Sequence[tuple[str, ...]]) -> list[str]:
    return [" ".join(each[:2]) for each in value]


class TestWhoCalls:
    @pytest.mark.parametrize(("method", "path", "scope"), ROUTES, ids=names(ROUTES))
    def test_nobody_gets_in_without_a_key(self, stage: Stage, method: str, path: str, scope: str) -> None:
        answer = stage.api(method, path, {})
        assert (answer.status, answer.code) == (401, "missing_key")

    @pytest.mark.parametrize(("method", "path", "scope"), ROUTES, ids=names(ROUTES))
    def test_nobody_gets_in_with_a_wrong_key(
        self, stage: Stage, reader: str, method: str, path: str, scope: str
    ) -> None:
        for key in ("ot_000000000000_wrong", reader[:-1], reader + "x", "", "é"):
            answer = stage.api(method, path, {}, key=key)
            assert (answer.status, answer.code) in {(401, "bad_key"), (401, "missing_key")}

    @pytest.mark.parametrize(("method", "path"), WRITING, ids=names(WRITING))
    def test_a_key_that_reads_does_not_write(self, stage: Stage, reader: str, method: str, path: str) -> None:
        answer = stage.api(method, path, {}, key=reader)
        assert (answer.status, answer.code) == (403, "scope_missing")

    def test_a_revoked_key_is_refused(self, stage: Stage) -> None:
        keys = DynamoApiKeys(stage.client, stage.name, lambda: 0.0)
        key, text = keys.issue("test", ["admin"])
        assert stage.api("GET", "/v1/channels", key=text).status == 200
        keys.revoke(key.id)
        vars(requests)["_authenticate"].cache_clear()  # a minute goes by
        assert stage.api("GET", "/v1/channels", key=text).code == "bad_key"

    def test_the_header_may_be_in_any_case(self, stage: Stage, reader: str) -> None:
        assert stage.api("GET", "/v1/channels", headers={"AUTHORIZATION": f"bearer {reader}"}).status == 200

    def test_the_schema_is_public(self, stage: Stage) -> None:
        answer = stage.api("GET", "/v1/schema")
        assert answer.status == 200
        assert answer.json == json.loads(json.dumps(schema()))


class TestRoutesThatAreNot:
    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
    def test_other_methods_are_not_found(self, stage: Stage, writer: str, method: str) -> None:
        answer = stage.api(method, "/v1/conversations", key=writer)
        assert (answer.status, answer.code) == (404, "unknown_route")

    @pytest.mark.parametrize(
        "path", ["/", "/v1", "/v1/", "/v2/conversations", "/v1/conversations/a/b/c", "/v1/../hooks"]
    )
    def test_other_paths_are_not_found(self, stage: Stage, writer: str, path: str) -> None:
        assert stage.api("GET", path, key=writer).code == "unknown_route"

    @pytest.mark.parametrize(
        "name",
        [
            "conv_nowhere",
            quote("conv/../../x", safe=""),
            "conv%2Fa",
            "%00",
            "会话",
            quote("会话"),
            "a b",
            "%",
            "#HEAD",
            "C%23conv",
            "x" * 400,
            "x" * 5000,
            "好" * 400,
        ],
    )
    @pytest.mark.parametrize("suffix", ["", "/messages", "/events"])
    def test_odd_names_of_conversations_are_not_found(self, stage: Stage, reader: str, name: str, suffix: str) -> None:
        answer = stage.api("GET", f"/v1/conversations/{name}{suffix}", key=reader)
        assert answer.status == 404
        assert answer.code in {"unknown_conversation", "unknown_route"}

    @pytest.mark.parametrize("path", ["/v1/conversations/", "/v1/customers/"])
    def test_a_name_longer_than_any_of_ours_is_not_even_looked_up(self, stage: Stage, reader: str, path: str) -> None:
        assert stage.api("GET", path + "x" * 600, key=reader).code == "unknown_route"

    @pytest.mark.parametrize("name", ["cus_nowhere", "%2F", "x" * 5000, "客户", "PROFILE"])
    @pytest.mark.parametrize("method", ["GET", "PATCH"])
    def test_odd_names_of_customers_are_not_found(self, stage: Stage, writer: str, method: str, name: str) -> None:
        answer = stage.api(method, f"/v1/customers/{name}", {}, key=writer)
        assert (answer.status, answer.code) in {(404, "unknown_customer"), (404, "unknown_route")}


class TestBodies:
    @pytest.mark.parametrize(("method", "path"), WRITING, ids=names(WRITING))
    @pytest.mark.parametrize(
        ("more", "status", "code"),
        [
            ({"body": "x" * (LARGEST_BODY + 1)}, 413, "payload_too_large"),
            ({"body": "{}", "headers": {"content-type": "text/plain"}}, 415, "unsupported_media_type"),
            (
                {"body": "a=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
                415,
                "unsupported_media_type",
            ),
            ({"body": "{"}, 400, "bad_json"),
            ({"body": "[]"}, 400, "bad_request_body"),
            ({"body": "null"}, 400, "bad_request_body"),
            ({"body": "7"}, 400, "bad_request_body"),
            ({"body": "NaN"}, 400, "bad_json"),
        ],
        ids=[
            "too-large",
            "plain-text",
            "form",
            "half",
            "list",
            "null",
            "number",
            "nan",
        ],
    )
    def test_a_body_that_cannot_be_read_is_refused(
        self, stage: Stage, writer: str, conversation: str, method: str, path: str, more: Any, status: int, code: str
    ) -> None:
        answer = stage.api(method, path.replace("conv_1", conversation), key=writer, **more)
        assert (answer.status, answer.code) == (status, code)

    @pytest.mark.parametrize(("method", "path"), WRITING, ids=names(WRITING))
    @pytest.mark.parametrize(
        "body",
        [
            '{"parts":' + "[" * 50_000 + "]" * 50_000 + "}",
            '{"parts":[{"type":"text","text":"a","later":' + '{"a":' * 20_000 + "1" + "}" * 20_000 + "}]}",
            '{"parts":[{"type":"later","deep":' + "[" * 900 + "]" * 900 + "}]}",
            '{"metadata":' + '{"a":' * 900 + "1" + "}" * 900 + ',"parts":[{"type":"text","text":"a"}]}',
            '{"attributes":' + '{"a":' * 20_000 + "1" + "}" * 20_000 + "}",
            '{"tags":' + "[" * 100_000,
        ],
        ids=["lists", "unknown-field", "unknown-part", "metadata", "attributes", "unclosed"],
    )
    def test_a_body_of_great_depth_breaks_nothing(
        self, stage: Stage, writer: str, scratch: str, method: str, path: str, body: str
    ) -> None:
        customer = stage.api("GET", f"/v1/conversations/{scratch}", key=writer).json["customer_id"]
        path = path.replace("conv_1", scratch).replace("cus_1", customer)
        answer = stage.api(method, path, key=writer, body=body)
        assert answer.status < 500
        assert answer.status < 300 or answer.code

    @pytest.mark.parametrize(("method", "path"), WRITING, ids=names(WRITING))
    def test_half_a_character_is_refused(self, stage: Stage, writer: str, method: str, path: str) -> None:
        answer = stage.api(method, path, key=writer, body='{"name": "\\ud800"}')
        assert answer.status in (400, 404, 422)

    def test_json_by_any_of_its_names_is_read(self, stage: Stage, writer: str, fresh: str) -> None:
        for name in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"):
            headers = {"content-type": name}
            assert stage.api("PATCH", f"/v1/conversations/{fresh}", {}, key=writer, headers=headers).status == 200

    def test_a_body_in_base64_is_read_and_a_broken_one_refused(self, stage: Stage, writer: str, fresh: str) -> None:
        event = http_event(
            "PATCH",
            f"/v1/conversations/{fresh}",
            body="eyJwcmlvcml0eSI6ImhpZ2gifQ==",
            headers={"authorization": f"Bearer {writer}"},
        )
        answer = read_answer(application.handler({**event, "isBase64Encoded": True}, None))
        assert answer.json["priority"] == "high"
        broken = read_answer(application.handler({**event, "isBase64Encoded": True, "body": "%%%"}, None))
        assert (broken.status, broken.code) == (400, "body_encoding")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (WriteConflict("busy"), 503, "busy"),
        (InfrastructureError("down"), 503, "unavailable"),
        (RuntimeError("a mistake of ours"), 500, "internal_error"),
    ],
)
def test_a_failure_of_ours_is_a_problem_that_says_nothing_of_its_cause(
    stage: Stage, reader: str, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(*_: object) -> object:
        raise error

    stage.api("GET", "/v1/channels", key=reader)
    monkeypatch.setattr(store.conversation_log(), "head", fail)
    answer = stage.api("GET", "/v1/conversations/conv_1", key=reader)
    assert (answer.status, answer.code) == (status, code)
    assert str(error) not in answer.json.get("detail", "")
