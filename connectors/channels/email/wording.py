"""What mail has no form for, in words: each part's text, and what is lost by saying it so."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote as percent_encode

from connectors.channels.email.markup import is_web_address
from shared.model.parts import (
    ChoicePart,
    ChoicesPart,
    ContactPart,
    ForwardedPart,
    LinkPart,
    LocationPart,
    MiniProgramPart,
    OrderPart,
    Part,
    ProductPart,
    StoryPart,
    TemplatePart,
)

if TYPE_CHECKING:
    from shared.model.media import Media

Worded = tuple[str, list[str]]


def worded(part: Part) -> Worded:
    """A part's text, and what it loses. The text is empty for what says nothing to a customer (an event, an unknown
    part)."""
    match part:
        case LocationPart():
            return _location(part), ["map"]
        case ContactPart():
            return lines(part.name, *part.phones, *part.emails), ["contact"]
        case LinkPart():
            return lines(part.title, part.description, part.url), ["link"]
        case ChoicesPart():
            options = [f"{number}. {option.title}" for number, option in enumerate(part.options, 1)]
            return lines(part.text, *options, part.footer), ["buttons"]
        case ChoicePart():
            return part.title or part.id, ["choice"]
        case TemplatePart():
            return lines(*(f"{name}: {value}" for name, value in part.parameters.items())), ["template"]
        case ProductPart():
            return _product(part), ["product"]
        case OrderPart():
            products = (_product(product).replace("\n", " ") for product in part.products)
            return lines(part.title or part.id, part.state, *products, part.total), ["order"]
        case MiniProgramPart():
            return part.title or "", ["page"]
        case StoryPart():
            return part.url or (part.media.url if part.media else None) or "", ["story"]
        case ForwardedPart():
            return lines(part.title, part.text, *part.items), ["forwarding"]
        case _:
            return "", ["content"]


def absent(media: Media | None, kind: str, *words: str | None) -> Worded:
    """A file that cannot be in the mail: its address, and without one its name."""
    url = media.url if media is not None else None
    name = media.filename if media is not None else None
    if is_web_address(url):
        return lines(*words, f"{name}: {url}" if name else url), ["attachment"]
    return lines(*words, f"[{name or kind}]"), ["content"]


def lines(*words: str | None) -> str:
    return "\n".join(word for word in words if word)


def _location(part: LocationPart) -> str:
    name = f"&name={percent_encode(part.name)}" if part.name else ""
    mark = f"https://uri.amap.com/marker?position={part.longitude},{part.latitude}{name}"
    place = f"https://www.openstreetmap.org/?mlat={part.latitude}&mlon={part.longitude}"
    return lines(part.name, part.address, mark if _is_in_china(part) else place)


def _is_in_china(part: LocationPart) -> bool:
    """Roughly: which of two maps is the better one to open."""
    return 18 <= part.latitude <= 54 and 73 <= part.longitude <= 135


def _product(part: ProductPart) -> str:
    return lines(part.title or part.id, part.price, part.url)
