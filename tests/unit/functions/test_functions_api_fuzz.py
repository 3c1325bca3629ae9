"""Arbitrary bodies and paths: the API answers each with its own fault or the caller's, and it is never its own."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.functions.http_events import Answer
from tests.unit.functions.stage import Stage
from tests.unit.model.values import JSON, PARTS, TEXT

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
REPLIES = st.fixed_dictionaries(
    {},
    optional={
        "parts": st.lists(PARTS.map(msgspec.to_builtins) | JSON, max_size=3) | JSON,
        "author": st.fixed_dictionaries({"type": st.sampled_from(["agent", "bot", "customer"])}) | JSON,
        "route": st.sampled_from(["idn_1", {"channel": "wechat"}]) | JSON,
        "fallback": st.sampled_from(["auto", "none", ["webchat"]]) | JSON,
        "degrade": st.sampled_from(["allow", "refuse"]) | JSON,
        "reply_to": st.fixed_dictionaries({"message_id": TEXT}) | JSON,
        "metadata": JSON,
    },
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["open", "pending", "closed"]) | JSON,
        "tags": st.lists(TEXT, max_size=3) | JSON,
        "priority": TEXT | JSON,
        "assignee": TEXT | JSON,
    },
)
SEGMENTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: "?" not in text
)


def is_the_callers_fault_or_none(answer: Answer) -> None:
    assert answer.status < 500
    if answer.status >= 400:
        assert answer.code
    else:
        json.loads(answer.body)


@QUIET
@given(value=REPLIES | JSON)
def test_no_reply_breaks_the_api(stage: Stage, writer: str, scratch: str, value: Any) -> None:
    path = f"/v1/conversations/{scratch}/messages"
    is_the_callers_fault_or_none(stage.api("POST", path, key=writer, body=json.dumps(value)))


@QUIET
@given(value=CHANGES | JSON)
def test_no_change_breaks_the_api(stage: Stage, writer: str, scratch: str, value: Any) -> None:
    path = f"/v1/conversations/{scratch}"
    is_the_callers_fault_or_none(stage.api("PATCH", path, key=writer, body=json.dumps(value)))


@QUIET
@given(body=st.text(max_size=60), path=st.sampled_from(["/v1/media", "/v1/customers/cus_1"]))
def test_no_bytes_break_the_api(stage: Stage, writer: str, body: str, path: str) -> None:
    method = "POST" if path == "/v1/media" else "PATCH"
    answer = stage.api(method, path, key=writer, body=body)
    is_the_callers_fault_or_none(answer)


@QUIET
@given(segments=st.lists(SEGMENTS, max_size=3), method=st.sampled_from(["GET", "POST", "PATCH", "HEAD", "X"]))
def test_no_path_breaks_the_api(stage: Stage, writer: str, segments: list[str], method: str) -> None:
    path = "/".join(["/v1", "conversations", *segments])
    is_the_callers_fault_or_none(stage.api(method, path, key=writer))


@QUIET
@given(query=st.dictionaries(st.sampled_from(["limit", "cursor", "after", "status"]), TEXT))
def test_no_parameters_break_the_api(stage: Stage, writer: str, scratch: str, query: dict[str, str]) -> None:
    for path in ("/v1/conversations", f"/v1/conversations/{scratch}/events", f"/v1/conversations/{scratch}/messages"):
        is_the_callers_fault_or_none(stage.api("GET", path, key=writer, query=query))
