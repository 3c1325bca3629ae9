"""HTTP as API Gateway hands it to a function, and what the function answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.http_contract import check_answer


@dataclass(frozen=True)
class Answer:
    """What a function answered. ``json`` is its body."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem, which has to be one by RFC 9457."""
        assert self.headers["content-type"] == "application/problem+json"
        problem = self.json
        assert problem["status"] == self.status
        assert problem["title"]
        code: str = problem["code"]
        return code


def http_event(
    method: str,
    path: str,
    *,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: str = "",
    parameters: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """An event of an HTTP API, payload format 2.0."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"},
            "requestId": "r",
            "routeKey": "ANY /{proxy+}",
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1773342238000,
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        event["body"] = body
    if parameters is not None:
        event["pathParameters"] = dict(parameters)
    return event


def read_answer(answer: dict[str, Any]) -> Answer:
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = values[0]
    return Answer(answer["statusCode"], headers, answer["body"])


def checked(event: Mapping[str, Any], answer: Answer) -> Answer:
    """The answer, which has to be one that the contract declares."""
    called = event["requestContext"]["http"]
    check_answer(called["method"], called["path"], answer.status, answer.headers.get("content-type", ""), answer.body)
    return answer
