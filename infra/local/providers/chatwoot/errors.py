"""Chatwoot's errors: an HTTP status, and a word for people.

Source: app/controllers/concerns/request_exception_handler.rb of github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: dict[str, Any] | str) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


def not_found() -> ApiError:
    return ApiError(404, {"error": "Resource could not be found"})


def unprocessable(reason: str) -> ApiError:
    return ApiError(422, {"error": reason})


def invalid(**problems: str) -> ApiError:
    """A record that is not valid: attribute and what is wrong with it."""
    sentences = [f"{name.replace('_', ' ').capitalize()} {problem}" for name, problem in problems.items()]
    return ApiError(422, {"message": ", ".join(sentences), "attributes": list(problems)})


def not_authorized() -> ApiError:
    return ApiError(401, {"error": "You are not authorized to do this action"})


def throttled() -> ApiError:
    return ApiError(429, "Retry later\n")
