"""Zendesk's errors: an HTTP status, a name, a sentence, and what is wrong with which field.

Source: developer.zendesk.com/api-reference/introduction/requests ("400 range").
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


def not_found() -> ApiError:
    return ApiError(404, {"error": "RecordNotFound", "description": "Not found"})


def invalid(field: str, sentence: str) -> ApiError:
    details = {field: [{"description": sentence}]}
    return ApiError(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": details})


def unreadable(sentence: str) -> ApiError:
    return ApiError(400, {"error": "InvalidRequest", "description": sentence})


def forbidden() -> ApiError:
    return ApiError(403, {"error": "Forbidden", "description": "You do not have access to this page."})


def stranger() -> ApiError:
    return ApiError(401, {"error": "Couldn't authenticate you"})
