"""What a record says beyond its defaults: that is all that is stored or sent of it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def told(record: DataclassInstance) -> dict[str, Any]:
    """The fields that are not as they are anyway, in their order."""
    values = ((each, getattr(record, each.name)) for each in fields(record))
    return {each.name: value for each, value in values if value != each.default}
