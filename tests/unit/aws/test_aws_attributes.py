"""The codec of DynamoDB attribute values, held against boto3's own where both know a type."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from shared.aws.attributes import decode_item, encode_item

numbers = st.integers(-(10**38) + 1, 10**38 - 1) | st.floats(1e-130, 1e125) | st.floats(-1e125, -1e-130) | st.just(0.0)
scalars = st.none() | st.booleans() | numbers | st.text() | st.binary()
values = st.recursive(
    scalars | st.sets(st.text(), min_size=1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
items = st.dictionaries(st.text(), values, max_size=4)


@given(items)
def test_every_item_comes_back_as_it_was(item: dict[str, Any]) -> None:
    assert decode_item(encode_item(item)) == item


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.text() | st.sets(st.text(), min_size=1)))
def test_boto3_reads_the_same_out_of_an_encoded_item(item: dict[str, Any]) -> None:
    deserialize: Any = TypeDeserializer().deserialize

    assert {name: deserialize(value) for name, value in encode_item(item).items()} == item


def test_each_type_has_its_kind_of_attribute() -> None:
    item = {
        "text": "你好",
        "yes": True,
        "count": 7,
        "ratio": 0.1,
        "nothing": None,
        "bytes": b"\x00\xff",
        "list": ("a", 1),
        "map": {"inner": False},
        "set": {"b", "a"},
    }

    assert encode_item(item) == {
        "text": {"S": "你好"},
        "yes": {"BOOL": True},
        "count": {"N": "7"},
        "ratio": {"N": "0.1"},
        "nothing": {"NULL": True},
        "bytes": {"B": "AP8="},
        "list": {"L": [{"S": "a"}, {"N": "1"}]},
        "map": {"M": {"inner": {"BOOL": False}}},
        "set": {"SS": ["a", "b"]},
    }


def test_an_enumeration_is_stored_as_its_text() -> None:
    class Colour(enum.StrEnum):
        RED = "red"

    assert encode_item({"colour": Colour.RED}) == {"colour": {"S": "red"}}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e-131, 1e126, 10**38, -(10**38), set()])
def test_what_dynamodb_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="DynamoDB"):
        encode_item({"value": value})


@pytest.mark.parametrize("value", [object(), 1j, {1, 2}])
def test_an_unknown_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode_item({"value": value})


@pytest.mark.parametrize("attribute", [{"NS": ["1"]}, {}])
def test_an_unknown_kind_of_attribute_is_refused(attribute: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="attribute"):
        decode_item({"value": attribute})
