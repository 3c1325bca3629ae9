"""What a value is: an object that equals another when all that they say is equal."""

from __future__ import annotations

from typing import Any, Self


class Value:
    """An ordinary class, whose ``__init__`` sets all there is; ``copy.replace`` makes a changed one.

    Ordinary, because Python makes and reads these fastest: a named tuple takes more than twice as long, and one with
    slots half as long again. Dataclasses cost more to import than all that a webhook needs of the model.
    """

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __replace__(self, **changes: Any) -> Self:
        return type(self)(**{**vars(self), **changes})
