"""The published JSON Schema: it describes what we write, and nothing that was once in it ever goes away."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from shared.model.event import EVENT_TYPES
from shared.model.message import Message
from shared.model.parts import PART_TYPES, Part
from shared.model.public import public_form
from shared.model.schema import names, schema, type_schema
from tests.unit.model.values import MESSAGES, PARTS

GOLDEN = Path(__file__).parents[2] / "fixtures" / "schema" / "schema.json"
UPDATE = (
    "The published schema has changed. If the change only adds, write the new one with\n"
    "    onethread schema > tests/fixtures/schema/schema.json\n"
    "and look at the difference: what consumers rely on must still be there."
)


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(type_schema(name))


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


def test_the_schema_is_json_schema_2020_12() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", names())
def test_one_type_alone_says_what_the_whole_schema_says_of_it(name: str) -> None:
    alone, whole = type_schema(name), schema()
    assert whole["types"][name].items() <= alone.items()
    assert all(whole["$defs"][each] == definition for each, definition in alone["$defs"].items() if each != "Event")


@settings(max_examples=25, deadline=None)
@given(message=MESSAGES)
def test_every_message_that_we_write_is_valid(message: Message) -> None:
    validator("message").validate(json.loads(msgspec.json.encode(public_form(message))))


@settings(max_examples=60, deadline=None)
@given(part=PARTS)
def test_every_part_that_we_write_is_valid(part: Part) -> None:
    validator("part").validate(json.loads(msgspec.json.encode(part)))


def test_unknown_fields_are_valid() -> None:
    validator("part").validate({"type": "text", "text": "hi", "later": {"a": 1}})
    validator("event").validate(
        {"id": "1", "source": "s", "type": "later.type", "subject": "c", "time": "t", "specversion": "1.0", "later": 1}
    )


@pytest.mark.parametrize(
    "wrong", [{"type": "text"}, {"type": "text", "text": 1}, {"text": "hi"}, {"type": "choice", "title": "no id"}, "hi"]
)
def test_what_is_no_part_is_not_valid(wrong: object) -> None:
    assert not validator("part").is_valid(wrong)


def test_the_schema_names_every_part_type_and_every_event_type() -> None:
    definitions = schema()["$defs"]
    tags = {
        definition["properties"]["type"]["enum"][0]
        for definition in definitions.values()
        if definition.get("properties", {}).get("type", {}).get("enum")
    }
    assert set(PART_TYPES) <= tags
    assert set(EVENT_TYPES) == set(definitions["Event"]["properties"]["type"]["examples"])


def test_the_schema_is_the_golden_one() -> None:
    assert _without_words(schema()) == _without_words(golden()), UPDATE


def test_nothing_in_the_golden_schema_has_gone() -> None:
    """Consumers rely on every property, on every word of an enumeration, and on what is always there."""
    assert _losses(golden(), schema()) == []


def _drop_property(found: dict[str, Any]) -> None:
    del found["$defs"]["Message"]["properties"]["text"]


def _drop_word(found: dict[str, Any]) -> None:
    found["$defs"]["Message"]["properties"]["origin"]["enum"].remove("echo")


def _drop_promise(found: dict[str, Any]) -> None:
    found["$defs"]["Message"]["required"].remove("id")


def _demand_more(found: dict[str, Any]) -> None:
    found["$defs"]["Message"]["required"].append("language")


def _drop_definition(found: dict[str, Any]) -> None:
    del found["$defs"]["VoicePart"]


def _drop_choice(found: dict[str, Any]) -> None:
    found["types"]["part"]["anyOf"].pop()


def _change_type(found: dict[str, Any]) -> None:
    found["$defs"]["Message"]["properties"]["text"]["type"] = "integer"


@pytest.mark.parametrize(
    "damage",
    [_drop_property, _drop_word, _drop_promise, _demand_more, _drop_definition, _drop_choice, _change_type],
)
def test_the_compatibility_check_sees_what_would_break_a_consumer(damage: Callable[[dict[str, Any]], None]) -> None:
    changed = golden()
    damage(changed)
    assert len(_losses(golden(), changed)) == 1


def test_additions_break_nobody() -> None:
    changed = golden()
    changed["$defs"]["Message"]["properties"]["later"] = {"type": "string"}
    changed["$defs"]["Message"]["properties"]["origin"]["enum"].append("later")
    changed["$defs"]["LaterPart"] = {"type": "object"}
    changed["types"]["part"]["anyOf"].append({"$ref": "#/$defs/LaterPart"})
    assert _losses(golden(), changed) == []


def _losses(before: Any, after: Any, place: str = "") -> list[str]:
    """Where ``after`` no longer says what ``before`` said. Words for people (titles, descriptions) may change."""
    before, after = _without_words(before, place), _without_words(after, place)
    if isinstance(before, dict) and isinstance(after, dict):
        found = [f"{place}/{name} has gone" for name in before if name not in after]
        for name in before.keys() & after.keys():
            found += _losses(before[name], after[name], f"{place}/{name}")
        return found
    if isinstance(before, list) and isinstance(after, list):
        found = [f"{place}: {each} has gone" for each in before if each not in after]
        if place.endswith("/required"):
            found += [f"{place}: {each} is demanded" for each in after if each not in before]
        return found
    return [] if before == after else [f"{place} was {before} and is {after}"]


def _without_words(value: Any, place: str = "") -> Any:
    if isinstance(value, list):
        return [_without_words(each, place) for each in value]
    if not isinstance(value, dict):
        return value
    # Under these names stand properties and definitions, which may be called ``title`` themselves.
    names = () if place.endswith(("/properties", "/$defs", "/mapping")) else ("title", "description")
    return {name: _without_words(each, f"{place}/{name}") for name, each in value.items() if name not in names}
