"""Parts and messages in JSON: what is known comes back unchanged, what is not known is kept."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.event import Event
from shared.model.media import Media
from shared.model.message import Message, decode_message
from shared.model.parts import (
    PART_TYPES,
    CardPart,
    CarouselPart,
    ImagePart,
    Part,
    TextPart,
    UnsupportedPart,
    VideoPart,
    decode_part,
    media_of,
    part_type,
)
from tests.unit.model.values import MESSAGES, OBJECT, PARTS, TEXT, parts_of


@pytest.mark.parametrize("name", sorted(PART_TYPES))
def test_every_part_type_comes_back_from_its_json_as_it_was(name: str) -> None:
    @settings(max_examples=20, deadline=None)
    @given(part=parts_of(PART_TYPES[name]))
    def comes_back(part: Part) -> None:
        form = json.loads(msgspec.json.encode(part))
        assert form["type"] == name == part_type(part)
        assert decode_part(form) == part

    comes_back()


@settings(max_examples=25, deadline=None)
@given(message=MESSAGES)
def test_a_message_comes_back_from_its_json_as_it_was(message: Message) -> None:
    assert decode_message(json.loads(msgspec.json.encode(message))) == message


@settings(max_examples=25, deadline=None)
@given(part=PARTS, later=OBJECT)
def test_fields_that_a_later_schema_adds_are_accepted(part: Part, later: dict[str, object]) -> None:
    form = msgspec.to_builtins(part)
    assert decode_part({**{f"later_{name}": value for name, value in later.items()}, **form}) == part


@settings(max_examples=25, deadline=None)
@given(kind=TEXT.filter(lambda name: name not in PART_TYPES), fields=OBJECT)
def test_a_part_of_an_unknown_type_is_kept_whole_as_unsupported(kind: str, fields: dict[str, object]) -> None:
    value = {**fields, "type": kind}
    part = decode_part(value)
    assert isinstance(part, UnsupportedPart)
    assert part.provider_type == kind
    assert json.loads(part.raw or "") == value


def test_a_message_keeps_its_unknown_parts_between_the_known_ones() -> None:
    known = {"type": "text", "text": "hi"}
    form = {
        "id": "msg_1",
        "conversation_id": "conv_1",
        "sequence": 2,
        "direction": "inbound",
        "origin": "customer",
        "author": {"type": "customer", "mood": "later"},
        "channel": {"type": "letters", "account": "main"},
        "identity_id": "idn_1",
        "parts": [known, {"type": "hologram", "depth": 3}, known],
        "text": "hi",
        "occurred_at": "2026-01-02T03:04:05.678Z",
        "received_at": "2026-01-02T03:04:05.678Z",
        "priority": "a later field",
    }
    parts = decode_message(form).parts
    assert [part_type(part) for part in parts] == ["text", "unsupported", "text"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        7,
        [],
        {},
        {"type": None},
        {"type": ["text"]},
        {"type": "text"},
        {"type": "text", "text": 1},
        {"type": "text", "text": "hi", "format": "rtf"},
        {"type": "image", "media": "https://example.com/a.png"},
    ],
)
def test_a_malformed_part_of_a_known_type_is_refused(value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_part(value)


@settings(max_examples=25, deadline=None)
@given(kind=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_an_event_of_an_unknown_type_can_be_read(kind: str) -> None:
    form = {
        "id": "1",
        "source": "urn:onethread:test",
        "type": kind,
        "subject": "conv_1",
        "time": "2026-01-02T03:04:05.678Z",
        "specversion": "1.0",
        "partitionkey": "an attribute of somebody else's",
    }
    assert msgspec.convert(form, Event).type == kind


def test_the_media_of_a_part_are_found_in_order_also_inside_cards() -> None:
    first, second = Media(media_id="1"), Media(media_id="2")
    assert media_of(VideoPart(media=first, thumbnail=second)) == [first, second]
    assert media_of(CarouselPart(cards=[CardPart(title="a", image=first), CardPart(title="b", image=second)])) == [
        first,
        second,
    ]
    assert media_of(ImagePart(media=first)) == [first]
    assert media_of(TextPart(text="hi")) == []
