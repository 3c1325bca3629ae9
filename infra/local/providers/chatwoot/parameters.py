"""What a call brings: JSON or a form, read as Rails reads them, but nothing unknown is let pass."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import BodyPartReader, web

from infra.local.providers.chatwoot.errors import ApiError, unprocessable

LARGEST_FILE = 40 << 20


class Given:
    """The parameters of a call by name, and its files."""

    def __init__(self, values: dict[str, Any], files: list[tuple[str, str, bytes]]) -> None:
        self.values = values
        self.files = files

    def text(self, name: str) -> str | None:
        """Raises ApiError(422) for what is no text."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise unprocessable(f"{name} must be a string")

    def number(self, name: str) -> int:
        value = self.values.get(name)
        if type(value) is int:
            return value
        raise unprocessable(f"param is missing or the value is empty: {name}")

    def table(self, name: str) -> dict[str, Any]:
        value = self.values.get(name, {})
        if isinstance(value, dict):
            return value
        raise unprocessable(f"{name} must be an object")

    def texts(self, name: str) -> list[str]:
        value = self.values.get(name)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return value
        raise unprocessable(f"{name} must be a list of strings")

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if value in (True, "true"):
            return True
        if value in (False, "false", None):
            return False
        raise unprocessable(f"{name} must be a boolean")


async def given(request: web.Request, known: str) -> Given:
    """Raises ApiError(400, 415, 422)."""
    values: dict[str, Any] = {}
    files: list[tuple[str, str, bytes]] = []
    if request.content_type == "multipart/form-data":
        await _read_form(request, values, files)
    elif request.content_type == "application/json":
        try:
            values = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise ApiError(400, {"status": 400, "error": "Bad Request"}) from error
    else:
        raise ApiError(415, {"error": "send JSON or a form with files"})
    if not isinstance(values, dict):
        raise ApiError(400, {"status": 400, "error": "Bad Request"})
    for name in values:
        if name not in known.split():
            raise unprocessable(f"found unpermitted parameter: :{name}")
    return Given(values, files)


async def _read_form(request: web.Request, values: dict[str, Any], files: list[tuple[str, str, bytes]]) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise unprocessable("a part of the form has no name")
        data = bytes(await part.read())
        if part.filename is not None:
            if part.name != "attachments[]":
                raise unprocessable(f"found unpermitted parameter: :{part.name}")
            if len(data) > LARGEST_FILE:
                raise unprocessable("Validation failed: Attachments File size is too big")
            files.append((part.filename, part.headers.get("Content-Type", "application/octet-stream"), data))
        elif part.name.endswith("]"):
            outer, _, inner = part.name.rstrip("]").partition("[")
            values.setdefault(outer, {})[inner] = data.decode()
        else:
            values[part.name] = data.decode()
