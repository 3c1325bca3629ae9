"""Whether what the stack publishes is what its schema says: no event that is not declared, and no member that is in
no Struct."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from shared.model.event import Event
from shared.model.event_data import EVENT_DATA
from shared.model.schema import type_schema

OPEN = ("Problem",)
"""Problems have members of their own."""


def check_event(event: dict[str, Any] | Event) -> None:
    """Raises ValidationError for an event that is not as the schema of its type, or has more than that."""
    shown: dict[str, Any] = json.loads(msgspec.json.encode(event))
    assert shown["type"] in EVENT_DATA, f"{shown['type']} is not declared"
    _event_validator(shown["type"]).validate(shown)


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A document whose definitions admit no member that they do not name."""
    document = copy.deepcopy(schema)
    definitions = document.get("$defs") or document["components"]["schemas"]
    for name, definition in definitions.items():
        if "properties" in definition and name not in OPEN:
            definition.setdefault("additionalProperties", False)
    return document


@cache
def _event_validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(closed(type_schema(f"event.{kind}")))
