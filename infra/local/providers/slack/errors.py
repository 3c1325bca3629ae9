"""Slack's errors: HTTP 200 with ``ok`` false and a word.

Source: docs.slack.dev, "Web API" and the error tables of the single methods.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer ``{"ok": false, "error": code}``.

    ``messages`` go into ``response_metadata``; ``details`` are further fields of the answer; ``headers`` and ``status``
    belong to the HTTP answer.
    """

    def __init__(
        self,
        code: str,
        *,
        messages: list[str] | None = None,
        details: dict[str, Any] | None = None,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.details = details or {}
        self.status = status
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        metadata = {"response_metadata": {"messages": self.messages}} if self.messages else {}
        return {"ok": False, "error": self.code, **self.details, **metadata}


def missing_argument(name: str) -> ApiError:
    return ApiError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])


def wrong_argument(name: str, rule: str) -> ApiError:
    return ApiError("invalid_arguments", messages=[f"[ERROR] {rule} [json-pointer:/{name}]"])
