"""A response as our functions give it, in API Gateway's payload format 2.0; errors are RFC 9457 problem+json."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.errors import RequestError

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Response(NamedTuple):
    """One HTTP response."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = _NOTHING

    @classmethod
    def text(cls, body: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
        return cls(status, body.encode(), {"content-type": content_type})

    @classmethod
    def json(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"content-type": "application/json", **(headers or {})})

    @classmethod
    def problem(cls, error: RequestError) -> Response:
        """The error as problem+json: ``code`` is stable, ``detail`` is for people and may change."""
        return cls.problem_of(error.status, error.code, error.title, error.detail, **error.members)

    @classmethod
    def problem_of(cls, status: int, code: str, title: str, detail: str = "", **members: object) -> Response:
        problem: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "code": code, **members}
        if detail:
            problem["detail"] = detail
        body = json.dumps(problem, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"content-type": "application/problem+json"})

    def to_http_api(self) -> dict[str, Any]:
        """The form that API Gateway's HTTP API takes from a function. Bytes that are not UTF-8 go as base64."""
        try:
            body, encoded = self.body.decode("utf-8"), False
        except UnicodeDecodeError:
            body, encoded = base64.b64encode(self.body).decode("ascii"), True
        return {"statusCode": self.status, "headers": dict(self.headers), "body": body, "isBase64Encoded": encoded}
