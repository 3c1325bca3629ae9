"""The published schema: JSON Schema 2020-12, generated from the Structs."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.model.conversation import Conversation, Customer, Identity, Route
from shared.model.event import EVENT_TYPES, Event
from shared.model.event_data import EVENT_DATA
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
"""What is published, by the name it is asked for. Beside these, ``event.<type>`` is an event of one type, whole."""

_DEFINITIONS = "#/$defs/{name}"


def schema() -> dict[str, Any]:
    """All types in one document: ``$defs`` holds every Struct, ``types`` names the public ones."""
    wanted = [*TYPES.values(), *dict.fromkeys(EVENT_DATA.values())]
    references, definitions = msgspec.json.schema_components(wanted, ref_template=_DEFINITIONS)
    definitions["Event"]["properties"]["type"]["examples"] = list(EVENT_TYPES)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "onethread",
        "description": "Unknown fields are to be accepted, unknown types ignored; changes only ever add.",
        "types": {
            **dict(zip(TYPES, references, strict=False)),
            **{event_name(kind): event_schema(kind, _DEFINITIONS) for kind in EVENT_DATA},
        },
        "$defs": definitions,
    }


def names() -> tuple[str, ...]:
    """The names of all types that are published, events included."""
    return (*TYPES, *map(event_name, EVENT_DATA))


def type_schema(name: str) -> dict[str, Any]:
    """One type as a document of its own. Raises KeyError for a name that is not published."""
    kind = name.removeprefix("event.")
    wanted = [TYPES[name]] if name in TYPES else [Event, EVENT_DATA[kind]]
    references, definitions = msgspec.json.schema_components(wanted, ref_template=_DEFINITIONS)
    shown = references[0] if name in TYPES else event_schema(kind, _DEFINITIONS)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shown, "$defs": definitions}


def event_name(kind: str) -> str:
    """The name under which the schema of an event type is published."""
    return f"event.{kind}"


def event_schema(kind: str, reference: str) -> dict[str, Any]:
    """The envelope of one event type with its ``data``. ``reference`` is where definitions are, with ``{name}`` in
    it."""
    data = {"$ref": reference.format(name=EVENT_DATA[kind].__name__)}
    return {
        "allOf": [
            {"$ref": reference.format(name=Event.__name__)},
            {"properties": {"type": {"const": kind}, "data": data}},
        ]
    }
