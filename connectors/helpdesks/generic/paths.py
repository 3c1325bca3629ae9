"""Paths into a JSON value, as the account's settings write them.

``ticket.comments[0].body`` goes down names and indexes (``[-1]`` is the last). ``comments[id=comment_id].body`` takes
the first member of a list whose ``id`` equals what is at ``comment_id``, counted from the top of the value. The
standard library alone: the webhook function imports this.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_NAME = re.compile(r"[^.\[\]=\s]+")
_INDEX = re.compile(r"\[(-?\d{1,6})\]")
_PICK = re.compile(r"\[([^\[\]=]+)=([^\[\]=]+)\]")
LONGEST = 500

Step = str | int | tuple[str, str]
"""A name, an index, or the two paths of a member that is picked."""


class PathError(ValueError):
    """The path is not one: its text says where."""


@lru_cache(maxsize=512)
def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises PathError."""
    if not path or len(path) > LONGEST:
        raise PathError(f"a path has 1 to {LONGEST} characters")
    found: list[Step] = []
    position = 0
    while position < len(path):
        if path[position] == "[":
            step, position = _bracket(path, position)
        else:
            step, position = _name(path, position, first=not found)
        found.append(step)
    return tuple(found)


def value_at(document: Any, path: str) -> Any:
    """What is at the path; None when there is nothing. Raises PathError."""
    value = document
    for step in steps(path):
        value = _down(document, value, step)
        if value is None:
            return None
    return value


def word_at(document: Any, path: str | None) -> str | None:
    """The text, number or truth value at the path, as text; None for anything else and for an empty text."""
    value = None if path is None else value_at(document, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and value else None


def same(value: Any, wanted: Any) -> bool:
    """Whether a value is the one that the settings name. Settings may write 7 or "7"."""
    if isinstance(value, bool) or isinstance(wanted, bool) or value is None or wanted is None:
        return type(value) is type(wanted) and value == wanted
    if isinstance(value, dict | list) or isinstance(wanted, dict | list):
        return False
    return str(value) == str(wanted)


def holds(document: Any, conditions: dict[str, Any]) -> bool:
    """Whether every path has its value."""
    return all(same(value_at(document, path), wanted) for path, wanted in conditions.items())


def _name(path: str, position: int, *, first: bool) -> tuple[str, int]:
    if not first:
        if path[position] != ".":
            raise PathError(f"{path!r}: a dot is missing at character {position + 1}")
        position += 1
    found = _NAME.match(path, position)
    if found is None:
        raise PathError(f"{path!r}: a name is missing at character {position + 1}")
    return found[0], found.end()


def _bracket(path: str, position: int) -> tuple[Step, int]:
    index = _INDEX.match(path, position)
    if index is not None:
        return int(index[1]), index.end()
    pick = _PICK.match(path, position)
    if pick is None:
        raise PathError(f"{path!r}: at character {position + 1} stands neither [number] nor [path=path]")
    for inner in (pick[1], pick[2]):
        steps(inner)
    return (pick[1], pick[2]), pick.end()


def _down(document: Any, value: Any, step: Step) -> Any:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, list):
        return None
    if isinstance(step, int):
        return value[step] if -len(value) <= step < len(value) else None
    wanted = value_at(document, step[1])
    if wanted is None:
        return None
    return next((member for member in value if same(value_at(member, step[0]), wanted)), None)
