"""What WeChat cannot show, in words: each part's text, and what is lost by saying it in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.model import plain_parts
from shared.model.parts import LocationPart, Part
from shared.model.plain_parts import amap_address, lines

if TYPE_CHECKING:
    from shared.model.plain_parts import Worded


def worded(part: Part) -> Worded:
    """A part's text, and what it loses.

    The text is empty for what says nothing to a customer (an event, an unknown part).
    """
    match part:
        case LocationPart():
            return lines(part.name, part.address, amap_address(part)), ["map"]
        case _:
            return plain_parts.worded(part)
