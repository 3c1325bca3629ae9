"""Comparing what came out with what a fixture expects: everything that is named must be so, the rest is free."""

from __future__ import annotations

from typing import Any


def differences(expected: Any, found: Any, place: str = "") -> list[str]:
    """Where ``found`` is not as ``expected``: objects may have more members, lists must have as many items."""
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [f"{place or 'value'}: {found!r} is no object"]
        return [
            line
            for name, value in expected.items()
            for line in (
                differences(value, found[name], f"{place}.{name}") if name in found else [f"{place}.{name}: missing"]
            )
        ]
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{place or 'value'}: {found!r} is not a list of {len(expected)}"]
        return [
            line
            for index, value in enumerate(expected)
            for line in differences(value, found[index], f"{place}[{index}]")
        ]
    return [] if expected == found else [f"{place or 'value'}: {found!r}, expected {expected!r}"]
