"""The JSON form that callers and consumers see: lists and objects are always there, even when they are empty."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec


def public_form(value: msgspec.Struct) -> dict[str, Any]:
    """The Struct as builtins, with its empty lists and objects; what is optional and unset stays away."""
    form: dict[str, Any] = msgspec.to_builtins(value)
    for name, make in _containers(type(value)):
        if name not in form:
            form[name] = make()
    return form


@cache
def _containers(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (field.encode_name, field.default_factory)
        for field in msgspec.structs.fields(kind)
        if field.default_factory in (list, dict)
    )
