"""The JSON Schemas that the contract's documents refer to: of every Struct that goes in or out, and of every event."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.core.reply import LARGEST_REPLY, MOST_PARTS, UNREAD_AFTER
from shared.model.event import Event
from shared.model.event_data import EVENT_DATA
from shared.model.parts import Part
from shared.model.schema import event_name, event_schema

REFERENCE = "#/components/schemas/{name}"


def components(kinds: list[Any]) -> tuple[dict[str, dict[str, Any]], dict[Any, dict[str, Any]]]:
    """The definitions behind some types, by name, and for each of the types the schema that refers to them. Events are
    always among the definitions, under the names of the published schema."""
    wanted = list(dict.fromkeys([*kinds, Part, Event, *EVENT_DATA.values()]))
    references, definitions = msgspec.json.schema_components(wanted, ref_template=REFERENCE)
    schemas = dict(zip(wanted, references, strict=True))
    _refine(definitions, schemas[Part])
    definitions |= {event_name(kind): event_schema(kind, REFERENCE) for kind in EVENT_DATA}
    # Defaults are values of Python until they are written.
    return msgspec.json.decode(msgspec.json.encode(definitions)), schemas


def _refine(definitions: dict[str, dict[str, Any]], part: dict[str, Any]) -> None:
    """What a reply's Struct leaves to the checks behind it, because they refuse it with codes of their own."""
    if "ReplyRequest" not in definitions:
        return
    properties = definitions["ReplyRequest"]["properties"]
    shortest, longest = UNREAD_AFTER
    properties["parts"] = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_PARTS,
        "items": part,
        "description": f"At most {LARGEST_REPLY:,} bytes together.",
    }
    properties["unread_after"] |= {"description": f"Seconds, {shortest} to {longest:,}; needs fallback."}
    properties["degrade"] = {"enum": ["allow", "refuse", None], "default": None}
    properties["fallback"] |= {"description": "A list of channels in your order, or the text auto or none."}
