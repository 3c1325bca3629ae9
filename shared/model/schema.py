"""The published schema: JSON Schema 2020-12, generated from the Structs."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.model.conversation import Conversation, Customer, Identity, Route
from shared.model.event import EVENT_TYPES, Event
from shared.model.message import Message
from shared.model.parts import Part

TYPES: dict[str, Any] = {
    "message": Message,
    "part": Part,
    "conversation": Conversation,
    "route": Route,
    "customer": Customer,
    "identity": Identity,
    "event": Event,
}
"""What is published, by the name it is asked for."""

_DEFINITIONS = "#/$defs/{name}"


def schema() -> dict[str, Any]:
    """All types in one document: ``$defs`` holds every Struct, ``types`` names the public ones."""
    references, definitions = msgspec.json.schema_components(list(TYPES.values()), ref_template=_DEFINITIONS)
    definitions["Event"]["properties"]["type"]["examples"] = list(EVENT_TYPES)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "onethread",
        "description": "Unknown fields are to be accepted, unknown types ignored; changes only ever add.",
        "types": dict(zip(TYPES, references, strict=True)),
        "$defs": definitions,
    }


def type_schema(name: str) -> dict[str, Any]:
    """One type as a document of its own. Raises KeyError for a name that is not published."""
    (reference,), definitions = msgspec.json.schema_components([TYPES[name]], ref_template=_DEFINITIONS)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **reference, "$defs": definitions}
