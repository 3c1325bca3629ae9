"""What WeChat cannot show, in words: each part's text, and what is lost by saying it in text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote as percent_encode

from shared.model.media import Media
from shared.model.parts import (
    AudioPart,
    CardPart,
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
            return (part.emoji, ["sticker"]) if part.emoji else _file(part.media or Media(), "sticker")
        case LocationPart():
            return _location(part), ["map"]
        case ContactPart():
            return _lines(part.name, *part.phones, *part.emails), ["contact"]
        case ChoicePart():
            return part.title or part.id, ["choice"]
        case LinkPart():
            return _lines(part.title, part.description, part.url), ["preview"]
        case CardPart():
            return _card(part), ["layout", *(["image"] if part.image or part.image_url else [])]
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
            return _lines(part.title or part.id, part.state, *products, part.total), ["order"]
        case MiniProgramPart():
            return part.title or "", ["page"]
        case StoryPart():
            url = part.url or (part.media.url if part.media else None)
            return url or "", ["story"]
        case ForwardedPart():
            return _lines(part.title, part.text, *part.items), ["forwarding"]
        case _:
            return "", ["content"]


def _file(media: Media, label: str, *words: str | None) -> Worded:
    """A file as its address; without one only its name is left."""
    if is_web_address(media.url):
        return _lines(*words, f"{media.filename}: {media.url}" if media.filename else media.url), ["preview"]
    return _lines(*words, f"[{media.filename or label}]"), ["content"]


def _location(part: LocationPart) -> str:
    position = f"https://uri.amap.com/marker?position={part.longitude},{part.latitude}"
    name = f"&name={percent_encode(part.name)}" if part.name else ""
    return _lines(part.name, part.address, position + name)


def _card(part: CardPart) -> str:
    actions = (f"{action.title}: {action.url}" if action.url else action.title for action in part.actions)
    return _lines(part.title, part.description, part.url, *actions)


def _product(part: ProductPart) -> str:
    return _lines(part.title or part.id, part.price, part.url)


def _lines(*words: str | None) -> str:
    return "\n".join(word for word in words if word)
