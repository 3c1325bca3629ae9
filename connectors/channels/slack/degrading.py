"""What Slack cannot show, in words: each part's text in mrkdwn, and what is lost by saying it in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.slack.formatting import escape, link, literal
from shared.model.media import Media
from shared.model.parts import (
    AudioPart,
    ChoicePart,
    ContactPart,
    FilePart,
    ForwardedPart,
    ImagePart,
    LinkPart,
    LocationPart,
    MiniProgramPart,
    OrderPart,
    Part,
    ProductPart,
    StickerPart,
    StoryPart,
    TemplatePart,
    VideoPart,
    VoicePart,
)

if TYPE_CHECKING:
    from typing import TypeGuard

    from shared.model.parts import ChoicesPart

Worded = tuple[str, list[str]]


def is_web_address(url: str | None) -> TypeGuard[str]:
    return url is not None and url.lower().startswith(("https://", "http://"))


def worded(part: Part) -> Worded:
    """A part's text, and what it loses.

    The text is empty for what says nothing to a customer (an event, an unknown part).
    """
    match part:
        case ImagePart():
            return _file(part.media, "image", part.caption)
        case AudioPart():
            return _file(part.media, "audio", part.title)
        case VoicePart():
            return _file(part.media, "voice", part.transcript)
        case VideoPart():
            return _file(part.media, "video", part.title, part.description)
        case FilePart():
            return _file(part.media, "file")
        case StickerPart():
            return (literal(part.emoji), ["sticker"]) if part.emoji else _file(part.media or Media(), "sticker")
        case LocationPart():
            return _location(part), ["map"]
        case ContactPart():
            return _lines(part.name, *part.phones, *part.emails), ["contact"]
        case ChoicePart():
            return _lines(part.title or part.id), ["choice"]
        case LinkPart():
            return _lines(part.title, part.description, part.url), ["link"]
        case _:
            return _rarely_worded(part)


def numbered(part: ChoicesPart) -> str:
    """A question whose options are numbered; the customer answers with a number or a title."""
    options = [f"{number}. {option.title}" for number, option in enumerate(part.options, 1)]
    return _lines(part.text, *options, part.footer)


def _rarely_worded(part: Part) -> Worded:
    match part:
        case TemplatePart():
            return _lines(*(f"{name}: {value}" for name, value in part.parameters.items())), ["template"]
        case ProductPart():
            return _product(part), ["product"]
        case OrderPart():
            products = (_product(product).replace("\n", " ") for product in part.products)
            lines = [_lines(part.title or part.id, part.state), *products, _lines(part.total)]
            return "\n".join(line for line in lines if line), ["order"]
        case MiniProgramPart():
            return _lines(part.title), ["page"]
        case StoryPart():
            return _lines(part.url or (part.media.url if part.media else None)), ["story"]
        case ForwardedPart():
            return _lines(part.title, part.text, *part.items), ["forwarding"]
        case _:
            return "", ["content"]


def _file(media: Media, label: str, *words: str | None) -> Worded:
    """A file as its address; without one only its name is left."""
    if is_web_address(media.url):
        return "\n".join([*filter(None, [_lines(*words)]), link(media.filename or "", media.url)]), ["preview"]
    return _lines(*words, f"[{media.filename or label}]"), ["content"]


def _location(part: LocationPart) -> str:
    place = f"{part.latitude},{part.longitude}"
    address = (
        f"https://www.openstreetmap.org/?mlat={part.latitude}&mlon={part.longitude}#map=16/{place.replace(',', '/')}"
    )
    return "\n".join([*filter(None, [_lines(part.address)]), link(part.name or place, address)])


def _product(part: ProductPart) -> str:
    title = part.title or part.id
    shown = link(title, part.url) if is_web_address(part.url) else escape(title)
    return "\n".join([shown, *filter(None, [_lines(part.price)])])


def _lines(*words: str | None) -> str:
    return "\n".join(literal(word) for word in words if word)
