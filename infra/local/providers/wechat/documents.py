"""Reading request bodies as strictly as WeChat's documentation is written.

The real service overlooks some of what is refused here (fields that it does not know, for one): a stand-in that is
stricter finds more mistakes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from aiohttp import web

from infra.local.providers.wechat.errors import ApiError

ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
"""A \\uXXXX escape, and not a backslash of the text followed by a ``u``."""


async def json_document(request: web.Request) -> dict[str, Any]:
    """The body: a JSON object in UTF-8 with raw characters. Raises 43002, 44002, 40033 or 47001."""
    if request.method != "POST":
        raise ApiError(43002)
    raw = await request.read()
    if not raw:
        raise ApiError(44002)
    if (request.charset or "utf-8").lower() not in ("utf-8", "utf8") or ESCAPED.search(raw):
        raise ApiError(40033)
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise ApiError(40033) from error
    except (ValueError, RecursionError) as error:
        raise ApiError(47001, str(error)[:80]) from error
    if not isinstance(document, dict):
        raise ApiError(47001, "not an object")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a field is there twice")
    return document


def fields(
    value: Any, where: str, required: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> dict[str, Any]:
    """``value`` as an object with these fields and no others. Raises 47001; 41006 when a ``media_id`` is missing."""
    known = {**required, **(optional or {})}
    if not isinstance(value, dict):
        raise ApiError(47001, f"{where} is not an object")
    for name, content in value.items():
        if name not in known:
            raise ApiError(47001, f"unknown field {where}.{name}")
        if not isinstance(content, known[name]) or (isinstance(content, bool) and known[name] is not bool):
            raise ApiError(47001, f"{where}.{name} is not a {known[name].__name__}")
    for name in required:
        if name not in value:
            raise ApiError(41006) if name == "media_id" else ApiError(47001, f"missing field {where}.{name}")
    return value
