"""Every declared route, called with what its declaration allows and with what it does not: whatever comes, the answer
is one that is declared, and never a fault of ours. The same cases are tried each time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
import requests
import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from connectors import registry
from functions.api.contract.openapi import openapi
from tests.e2e.chat_client import ChatClient
from tests.e2e.outside import Outside, eventually

CASES = 10
"""Generated for each route, beside those that cover the limits of its schema one by one."""

Case = schemathesis.Case[Any]

OF_PARTS = ("reply", "post_visitor_message")

CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {
            "mode": "all",
            "max-examples": CASES,
            "deterministic": True,
            "no-shrink": True,
            "with-security-parameters": False,
        },
        "phases": {"coverage": {"enabled": True, "unexpected-methods": []}},
        # The limits of every field of every part are thousands of cases: what is generated has to do.
        "operations": [{"include-operation-id": name, "phases": {"coverage": {"enabled": False}}} for name in OF_PARTS],
    }
)
SCHEMA = schemathesis.openapi.from_dict(openapi(), config=CONFIG)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class Subject:
    """Somebody whom only these tests know, and who may be merged, closed and renamed at will."""

    outside: Outside
    ids: dict[str, str]
    session_token: str
    http: requests.Session

    def authorization(self, case: Case) -> dict[str, str]:
        schemes = [name for each in case.operation.definition.raw.get("security", []) for name in each]
        if not schemes:
            return {}
        token = self.session_token if "session" in schemes else self.outside.local["api_key"]
        return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def subject(outside: Outside) -> Iterator[Subject]:
    visitor = ChatClient(outside)
    token = visitor.session["token"]
    body = {"client_id": "fuzzed", "parts": [{"type": "text", "text": "whatever comes"}]}
    assert outside.call("POST", "/chat/main/messages", body, token=token).status == 202
    conversation = outside.conversation_with("whatever comes")
    shown = eventually(lambda: outside.call("GET", f"/v1/conversations/{conversation}").json())
    before = {each["id"] for each in outside.call("GET", "/v1/subscriptions").json()["items"]}
    # Nobody listens there, and there is nothing to tell.
    wanted = {"url": f"{outside.url}/nobody", "types": ["customer.erased"]}
    subscription = outside.call("POST", "/v1/subscriptions", wanted).json()
    ids = {
        "conversation_id": conversation,
        "customer_id": shown["customer_id"],
        "identity_id": visitor.session["identity_id"],
        "account": "main",
        "helpdesk": "chatwoot",
        "subscription_id": subscription["id"],
    }
    with requests.Session() as http:
        yield Subject(outside, ids, token, http)
    for each in outside.call("GET", "/v1/subscriptions").json()["items"]:
        if each["id"] not in before:
            outside.call("DELETE", f"/v1/subscriptions/{each['id']}")


def named(case: Case, subject: Subject) -> None:
    """Three cases of four are about things that are there. Names with control characters do not come as far as to us:
    the gateway before us has no route for them."""
    choice = zlib.crc32(repr(sorted(case.path_parameters.items())).encode())
    if choice % 4 == 0 and all(unquote(str(value)).isprintable() for value in case.path_parameters.values()):
        return
    channels = registry.channels()
    known = {**subject.ids, "channel": channels[choice % len(channels)]}
    case.path_parameters = {name: known[name] for name in case.path_parameters}


@SCHEMA.parametrize()
@pytest.mark.timeout(300)
def test_whatever_comes_the_answer_is_one_that_is_declared(case: Case, subject: Subject) -> None:
    named(case, subject)
    headers = subject.authorization(case)

    answer = case.call(base_url=subject.outside.url, session=subject.http, headers=headers)

    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        problem = json.loads(answer.content)
        assert problem["status"] == answer.status_code
        assert problem["title"]
        assert problem["code"]
