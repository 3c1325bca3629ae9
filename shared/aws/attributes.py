"""DynamoDB attribute values: ``{"S": "text"}`` and so on, to and from plain Python values.

    str S   int, float N   bool BOOL   None NULL   bytes B   list, tuple L   dict M   set[str], frozenset[str] SS

Source: "AttributeValue" (Amazon DynamoDB API reference). DynamoDB keeps 38 digits and forgets whether a number was
written with a decimal point, so a whole float comes back as an int.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

type AttributeValue = dict[str, Any]

_LARGEST = 10**38


def encode_item(item: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """Raises TypeError for a type not listed above, ValueError for a number or a set that DynamoDB cannot hold."""
    return {name: encode_value(value) for name, value in item.items()}


def decode_item(item: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Raises ValueError for a kind of attribute that is never written here (NS, BS)."""
    return {name: decode_value(value) for name, value in item.items()}


def encode_value(value: Any) -> AttributeValue:
    kind = type(value)
    if kind is str:
        return {"S": value}
    encoder = _ENCODERS.get(kind) or _encoder_of_subclass(kind)
    return encoder(value)


def decode_value(attribute: AttributeValue) -> Any:
    for kind, value in attribute.items():
        if kind == "S":
            return value
        decoder = _DECODERS.get(kind)
        if decoder is None:
            raise ValueError(f"attributes of kind {kind!r} are not used here")
        return decoder(value)
    raise ValueError("an attribute without a value")


def _encoder_of_subclass(kind: type) -> Callable[[Any], AttributeValue]:
    """Enumerations and other subclasses are stored as what they derive from."""
    for base in kind.__mro__:
        if base in _ENCODERS:
            return _ENCODERS[base]
    raise TypeError(f"DynamoDB has no attribute for {kind.__name__}")


def _encode_int(value: int) -> AttributeValue:
    if not -_LARGEST < value < _LARGEST:
        raise ValueError("DynamoDB keeps 38 digits of a number")
    return {"N": int.__repr__(value)}


def _encode_float(value: float) -> AttributeValue:
    # Written so that NaN, which compares with nothing, is refused as well.
    if value != 0 and not 1e-130 <= abs(value) < 1e126:
        raise ValueError("DynamoDB has no infinity, no NaN, and magnitudes from 1e-130 to 1e126 only")
    return {"N": float.__repr__(value)}


def _encode_set(value: set[str] | frozenset[str]) -> AttributeValue:
    if not value:
        raise ValueError("DynamoDB has no empty set: leave the attribute out")
    for member in value:
        if not isinstance(member, str):
            raise TypeError("only sets of text are stored")
    return {"SS": sorted(value)}


def _encode_list(value: list[Any] | tuple[Any, ...]) -> AttributeValue:
    return {"L": [encode_value(member) for member in value]}


def _decode_number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


_ENCODERS: dict[type, Callable[[Any], AttributeValue]] = {
    str: lambda value: {"S": str.__str__(value)},
    bool: lambda value: {"BOOL": value},
    int: _encode_int,
    float: _encode_float,
    type(None): lambda value: {"NULL": True},
    bytes: lambda value: {"B": b64encode(value).decode("ascii")},
    list: _encode_list,
    tuple: _encode_list,
    dict: lambda value: {"M": encode_item(value)},
    set: _encode_set,
    frozenset: _encode_set,
}

_DECODERS: dict[str, Callable[[Any], Any]] = {
    "N": _decode_number,
    "BOOL": bool,
    "NULL": lambda value: None,
    "B": b64decode,
    "L": lambda value: [decode_value(member) for member in value],
    "M": decode_item,
    "SS": set,
}
