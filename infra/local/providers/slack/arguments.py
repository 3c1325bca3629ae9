"""Reading a call's arguments as Slack does: query, form or JSON.

Source: docs.slack.dev, "Using the Web API": JSON only where a method takes it, always with the token in the header;
a JSON body without ``charset=utf-8`` brings the warning ``missing_charset``.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from aiohttp import hdrs, web

from infra.local.providers.slack.errors import ApiError, missing_argument, wrong_argument

JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
STRUCTURED = ("blocks", "attachments", "metadata", "files")
"""Arguments that come as JSON text in a form."""


class Arguments(msgspec.Struct, kw_only=True):
    """``token`` is the one of a form; ``warnings`` go into the answer."""

    values: dict[str, Any]
    token: str | None = None
    warnings: list[str] = []
    notes: list[str] = []

    def required(self, name: str) -> str:
        """Raises invalid_arguments."""
        value = self.optional(name)
        if not value:
            raise missing_argument(name)
        return value

    def optional(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise wrong_argument(name, "must be a string")


async def read_arguments(request: web.Request, known: frozenset[str], *, takes_json: bool) -> Arguments:
    """Raises ApiError."""
    values: dict[str, Any] = dict(request.query)
    values.pop("token", None)
    warnings: list[str] = []
    kind = request.content_type if hdrs.CONTENT_TYPE in request.headers else ""
    body = b"" if kind == FORMS[1] else await request.read()
    charset = (request.charset or "").lower().replace("utf8", "utf-8")
    if charset not in ("", "utf-8"):
        raise ApiError("invalid_charset")
    token = None
    if kind == JSON:
        document = _document(body)
        if takes_json:
            values |= document
        if not charset:
            warnings.append("missing_charset")
    elif kind in FORMS:
        form = await request.post()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        token = fields.pop("token", None)
        values |= fields
        if charset and kind == FORMS[0]:
            warnings.append("superfluous_charset")
    elif body:
        raise ApiError("invalid_post_type" if kind else "missing_post_type")
    values = {name: _structured(name, value) for name, value in values.items() if value is not None}
    notes = [f"[WARN] ignored argument: {name}" for name in values if name not in known]
    return Arguments(values=values, token=token, warnings=warnings, notes=notes)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("invalid_json") from error
    if not isinstance(document, dict):
        raise ApiError("json_not_object")
    return document


def _structured(name: str, value: Any) -> Any:
    """A structured argument that came as text, read; what cannot be read stays text and is refused where it is used."""
    if name not in STRUCTURED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
