"""Request units from the sizes of items."""

from __future__ import annotations

from typing import Any

import pytest

from bench.capacity import Units, item_size, read, written


def item(size: int, place: str | None = None) -> dict[str, Any]:
    """An item of exactly so many bytes, at a place in the inbox if one is given."""
    value: dict[str, Any] = {"PK": {"S": "C#1"}, "SK": {"S": "HEAD"}}
    if place is not None:
        value |= {"GSI1PK": {"S": "INBOX#open"}, "GSI1SK": {"S": place}}
    padding = size - item_size(value) - len("x")
    return {**value, "x": {"S": "y" * padding}}


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        ({"S": "plain"}, 5),
        ({"S": "谢谢"}, 6),
        ({"N": "7"}, 2),
        ({"N": "-12345"}, 5),
        ({"N": "1700000000.5"}, 7),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"B": "AQID"}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 8),
        ({"M": {"key": {"S": "value"}}}, 12),
    ],
    ids=str,
)
def test_the_size_of_an_attribute_is_that_of_its_name_and_its_value(attribute: dict[str, Any], size: int) -> None:
    assert item_size({"name": attribute}) == len("name") + size


@pytest.mark.parametrize(("size", "units"), [(100, 1), (1024, 1), (1025, 2), (3000, 3)])
def test_a_write_costs_a_unit_per_kilobyte_begun_and_twice_that_in_a_transaction(size: int, units: int) -> None:
    assert written(None, item(size), in_transaction=False) == Units(write=units)
    assert written(None, item(size), in_transaction=True) == Units(write=2 * units)


def test_of_the_item_before_and_the_item_after_the_larger_one_counts() -> None:
    assert written(item(3000), item(100), in_transaction=False).write == 3
    assert written(item(100), item(3000), in_transaction=False).write == 3
    assert written(item(3000), None, in_transaction=False).write == 3


def test_a_place_in_the_index_costs_when_it_is_new_and_twice_when_it_moves_and_nothing_while_it_stays() -> None:
    first, second = item(500, "20:01#1"), item(500, "20:02#1")

    assert written(None, first, in_transaction=True).indexed == 1
    assert written(first, second, in_transaction=True).indexed == 2
    assert written(first, {**first, "more": {"S": "text"}}, in_transaction=True).indexed == 0
    assert written(first, None, in_transaction=True).indexed == 1
    assert written(None, item(500), in_transaction=True).indexed == 0


@pytest.mark.parametrize(("sizes", "units"), [([], 1), ([100], 1), ([4096], 1), ([4097], 2), ([3000, 3000, 3000], 3)])
def test_a_query_rounds_the_sum_of_its_items_up_to_four_kilobytes(sizes: list[int], units: int) -> None:
    items = [item(size) for size in sizes]

    assert read(items, strongly=True, together=True).read == units
    assert read(items, strongly=False, together=True).read == units / 2


def test_items_that_are_read_by_their_keys_are_rounded_up_one_by_one() -> None:
    assert read([item(100), item(100)], strongly=True, together=False).read == 2


def test_units_add_up() -> None:
    assert Units(1, 2, 3) + Units(10, 20, 30) == Units(11, 22, 33)
