"""What a call brings: JSON objects, and nothing unknown is let pass."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from infra.local.providers.zendesk.errors import ApiError, invalid, unreadable


class Given:
    """The fields of a record, by name."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """Raises ApiError(422) for what is no text."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid(name, f"{name}: is not a string")

    def number(self, name: str) -> int | None:
        value = self.values.get(name)
        if value is None or type(value) is int:
            return value
        raise invalid(name, f"{name}: is not a number")

    def flag(self, name: str, otherwise: bool) -> bool:
        value = self.values.get(name, otherwise)
        if isinstance(value, bool):
            return value
        raise invalid(name, f"{name}: is not true or false")

    def texts(self, name: str) -> list[str]:
        value = self.values.get(name, [])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return value
        raise invalid(name, f"{name}: is not a list of strings")

    def table(self, name: str) -> dict[str, Any]:
        value = self.values.get(name, {})
        if isinstance(value, dict):
            return value
        raise invalid(name, f"{name}: is not an object")


async def given(request: web.Request, name: str, known: str) -> Given:
    """The record ``name`` of a call's JSON. Raises ApiError(400, 415, 422)."""
    if request.content_type != "application/json":
        raise ApiError(415, {"error": "Unsupported Media Type", "description": "send application/json"})
    try:
        content = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise ApiError(400, {"error": "Unprocessable Entity", "message": "Server could not parse JSON"}) from error
    record = content.get(name) if isinstance(content, dict) else None
    if not isinstance(record, dict):
        raise unreadable(f"Parameter {name} is required")
    return within(record, known)


def within(record: dict[str, Any], known: str) -> Given:
    """Zendesk leaves out what it does not know, and says nothing: here it is refused."""
    for name in record:
        if name not in known.split():
            raise invalid(name, f"{name}: is not permitted")
    return Given(record)
