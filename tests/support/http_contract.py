"""Whether what the HTTP interface answers is what its OpenAPI document says: no answer that is not declared, and no
member that is in no Struct."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from functions.api.contract.openapi import openapi
from tests.support.event_contract import closed


def check_answer(method: str, path: str, status: int, media_type: str, body: bytes | str) -> None:
    """Raises AssertionError or ValidationError for an answer that is not declared of the route. Routes that are not
    declared are nobody's: they have to be refused. What a browser asks before a call (OPTIONS) is no route."""
    if method == "OPTIONS":
        return
    name = declared_path(method, path)
    if name is None:
        assert status >= 400, f"{method} {path} is not declared, and answered {status}"
        return
    responses = openapi()["paths"][name][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {name} answered {status}: {body!r}"
    content = responses[str(status)].get("content")
    if content is None:
        return
    essence = media_type.partition(";")[0].strip()
    assert essence in content, f"{method} {name} answered {status} as {media_type}"
    if essence.endswith("json"):
        _answer_validator(name, method.lower(), str(status), essence).validate(json.loads(body))


@cache
def declared_path(method: str, path: str) -> str | None:
    """The declared path that a request's path is of; those without parameters come first."""
    plain = path.partition("?")[0]
    names: list[str] = sorted(openapi()["paths"], key=lambda each: each.count("{"))
    for name in names:
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(name))
        if re.fullmatch(pattern, plain) and method.lower() in openapi()["paths"][name]:
            return name
    return None


@cache
def _components() -> dict[str, Any]:
    found: dict[str, Any] = closed({"components": openapi()["components"]})
    return found


@cache
def _answer_validator(path: str, method: str, status: str, media_type: str) -> Draft202012Validator:
    answer = openapi()["paths"][path][method]["responses"][status]["content"][media_type]["schema"]
    return Draft202012Validator({**_components(), **answer})
