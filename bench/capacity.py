"""What DynamoDB charges for an operation, from the sizes of items: our own sum, to hold against what it reports.

Sources: "DynamoDB item sizes and formats" and "Read and write operations" (Amazon DynamoDB developer guide). A write
unit is 1 KB, a read unit 4 KB read strongly (half a unit otherwise); a transaction costs twice that on the table, and
once on its indexes. A number takes a byte per two digits and one more; a list or map three bytes and one per element.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

Item = dict[str, Any]
"""An item in DynamoDB's attribute-value form."""

WRITE_BYTES = 1024
READ_BYTES = 4096
KEYS = ("PK", "SK", "GSI1PK", "GSI1SK")


class Units(NamedTuple):
    """Request units of the table, and of its index."""

    write: float = 0.0
    indexed: float = 0.0
    read: float = 0.0

    def __add__(self, other: object) -> Units:
        if not isinstance(other, Units):
            return NotImplemented
        return Units(self.write + other.write, self.indexed + other.indexed, self.read + other.read)


def item_size(item: Item) -> int:
    """Bytes of names and values together."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def written(before: Item | None, after: Item | None, *, in_transaction: bool) -> Units:
    """One item put, updated or deleted; the larger of its two forms counts."""
    size = max(item_size(before or {}), item_size(after or {}))
    return Units(write=_units(size, WRITE_BYTES) * (2 if in_transaction else 1), indexed=_index_units(before, after))


def read(items: Iterable[Item], *, strongly: bool, together: bool) -> Units:
    """Items read; ``together`` as by a query, which rounds up their sum, or one by one. Nothing found costs as much as
    one small item."""
    sizes = [item_size(item) for item in items]
    units = _units(sum(sizes), READ_BYTES) if together or not sizes else sum(_units(size, READ_BYTES) for size in sizes)
    return Units(read=units if strongly else units / 2)


def _index_units(before: Item | None, after: Item | None) -> float:
    """A changed place in the index is a removal and an insertion; an unchanged one costs nothing (keys only)."""
    old, new = _projected(before), _projected(after)
    if old == new:
        return 0.0
    return float(sum(_units(item_size(each), WRITE_BYTES) for each in (old, new) if each is not None))


def _projected(item: Item | None) -> Item | None:
    if item is None or not all(name in item for name in KEYS):
        return None
    return {name: item[name] for name in KEYS}


def _units(size: int, step: int) -> int:
    return max(1, -(-size // step))


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(str(content).encode())
        case "N":
            return _number_size(content)
        case "B":
            return len(content) * 3 // 4 - int(content.count("="))
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum(len(member.encode()) for member in content)
        case "L":
            return 3 + sum(1 + _value_size(member) for member in content)
        case _:
            return 3 + sum(1 + len(name.encode()) + _value_size(member) for name, member in content.items())


def _number_size(text: str) -> int:
    mantissa = text.lower().partition("e")[0]
    digits = mantissa.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + (1 if text.startswith("-") else 0)
