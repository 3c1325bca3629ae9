"""Tables of the HTTP interface and of the events, written from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from infra.documentation import interface_words as words
from infra.documentation.remedies import remedies
from infra.documentation.tables import table
from shared.model.event_data import EVENT_DATA

if TYPE_CHECKING:
    from infra.documentation.words import Language


def routes_table(language: Language, folder: str) -> str:
    """One row per route."""
    from functions.api.contract.operations import OPERATIONS

    heading = words.HEADINGS[language]
    rows = [
        [
            f"`{each.method} {each.path}`",
            words.ACCESS[language][each.access],
            each.summary if language == "en" else words.OPERATIONS[each.id],
        ]
        for each in OPERATIONS
    ]
    return table([heading["route"], heading["scope"], heading["does"]], rows)


def problems_table(language: Language, folder: str) -> str:
    """One row per status and code. Raises KeyError for one that nobody has said what to do about."""
    from functions.api.contract.problems import PROBLEMS

    heading = words.HEADINGS[language]
    meanings = PROBLEMS if language == "en" else words.PROBLEMS
    remedy = remedies(language)
    rows = [[*_split(name), meanings[name], remedy[name]] for name in PROBLEMS]
    return table([heading["status"], heading["code"], heading["meaning"], heading["remedy"]], rows)


def events_table(language: Language, folder: str) -> str:
    """One row per type of event, with the members of its data."""
    heading = words.HEADINGS[language]
    place = 0 if language == "en" else 1
    rows = [[f"`{kind}`", _members(data), words.EVENTS[kind][place]] for kind, data in EVENT_DATA.items()]
    return table([heading["type"], heading["data"], heading["meaning"]], rows)


def _split(name: str) -> list[str]:
    status, code = name.split()
    return [status, f"`{code}`"]


def _members(data: type[msgspec.Struct]) -> str:
    """The names of a Struct's members; those that may be absent have a question mark, and small things show what they
    are made of."""
    return " ".join(f"`{_member(field)}`" for field in msgspec.structs.fields(data))


def _member(field: Any) -> str:
    optional = "" if field.required else "?"
    kind = field.type
    small = isinstance(kind, type) and issubclass(kind, msgspec.Struct) and len(kind.__struct_fields__) <= 3
    inside = f" {{{', '.join(each.encode_name for each in msgspec.structs.fields(kind))}}}" if small else ""
    return f"{field.encode_name}{optional}{inside}"
