"""What a part says in plain words, for a channel that has no form for it, and what is lost by saying it so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote as percent_encode

from shared.model.media import Media
from shared.model.parts import (
    AudioPart,
    CardPart,
    CarouselPart,
    ChoicePart,
    ChoicesPart,
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
    part_type,
)

if TYPE_CHECKING:
    from typing import TypeGuard

Worded = tuple[str, list[str]]
"""A text of several lines, and what of the part it does not carry, as in a degradation's ``lost``."""

_SPACE = re.compile(r"\s")


def worded(part: Part) -> Worded:
    """A part's text, and what it loses.

    The text is empty for what says nothing to a customer (an event, an unknown part), and for text, which every channel
    writes in its own way.
    """
    file = file_and_words(part)
    if file is not None:
        media, words = file
        lost = "preview" if is_web_address(media.url) else "content"
        return lines(words, file_line(media, part_type(part))), [lost]
    match part:
        case StickerPart():
            return part.emoji or "", ["sticker"]
        case LocationPart():
            address = amap_address(part) if _is_in_china(part) else _openstreetmap_address(part)
            return lines(part.name, part.address, address), ["map"]
        case ContactPart():
            return lines(part.name, *part.phones, *part.emails), ["contact"]
        case LinkPart():
            return lines(part.title, part.description, part.url), ["link", *_image(part.image_url)]
        case ChoicesPart():
            return numbered(part), ["buttons"]
        case ChoicePart():
            return part.title or part.id, ["choice"]
        case _:
            return _rarely_worded(part)


def product_card(part: ProductPart) -> CardPart:
    """A product as a card, for a channel that has those: what it costs is its description."""
    return CardPart(title=part.title or part.id, description=part.price, url=part.url, image_url=part.image_url)


def numbered(part: ChoicesPart) -> str:
    """A question whose options are numbered; the customer answers with a number or a title."""
    options = [f"{number}. {option.title}" for number, option in enumerate(part.options, 1)]
    return lines(part.text, *options, part.footer)


def file_and_words(part: Part) -> tuple[Media, str] | None:
    """The file that a part is, and the words that go with it; None for a part that is no file.

    A sticker that has an emoji is said by it.
    """
    match part:
        case ImagePart():
            return part.media, part.caption or ""
        case AudioPart():
            return part.media, part.title or ""
        case VoicePart():
            return part.media, part.transcript or ""
        case VideoPart():
            return part.media, lines(part.title, part.description)
        case FilePart():
            return part.media, ""
        case StickerPart() if not part.emoji:
            return part.media or Media(), ""
        case _:
            return None


def file_line(media: Media, kind: str) -> str:
    """A file as its address; without one only its name is left, or else what kind of file it is."""
    if is_web_address(media.url):
        return f"{media.filename}: {media.url}" if media.filename else media.url
    return f"[{media.filename or kind}]"


def amap_address(part: LocationPart) -> str:
    """A page with the place on a map of China. Source: lbs.amap.com, "URI API", marker."""
    name = f"&name={percent_encode(part.name)}" if part.name else ""
    return f"https://uri.amap.com/marker?position={part.longitude},{part.latitude}{name}"


def is_web_address(address: str | None) -> TypeGuard[str]:
    """Whether a link may lead there."""
    return address is not None and address.lower().startswith(("https://", "http://")) and not _SPACE.search(address)


def lines(*words: str | None) -> str:
    """The words there are, each on a line of its own."""
    return "\n".join(word for word in words if word)


def _rarely_worded(part: Part) -> Worded:
    match part:
        case CardPart():
            return _card(part)
        case CarouselPart():
            cards = [_card(card) for card in part.cards]
            lost = dict.fromkeys(name for _, names in cards for name in names)
            return "\n\n".join(words for words, _ in cards), [*lost, "grouping"]
        case TemplatePart():
            return lines(*(f"{name}: {value}" for name, value in part.parameters.items())), ["template"]
        case ProductPart():
            return _product(part), ["product", *_image(part.image_url)]
        case OrderPart():
            products = (_product(product).replace("\n", " ") for product in part.products)
            pictures = _image(*(product.image_url for product in part.products))
            return lines(part.title or part.id, part.state, *products, part.total), ["order", *pictures]
        case MiniProgramPart():
            return part.title or "", ["page", *_image(part.thumbnail, part.thumbnail_url)]
        case StoryPart():
            return _story(part)
        case ForwardedPart():
            return lines(part.title, part.text, *part.items), ["forwarding"]
        case _:
            return "", ["content"]


def button_lines(part: CardPart) -> str:
    """A card's buttons, each on a line: what it says and where it leads."""
    return lines(*(f"{action.title}: {action.url}" if action.url else action.title for action in part.actions))


def _card(part: CardPart) -> Worded:
    lost = ["layout", *(["link"] if part.url and not is_web_address(part.url) else [])]
    lost += [*_image(part.image, part.image_url), *(["buttons"] if part.actions else [])]
    return lines(part.title, part.description, part.url, button_lines(part)), lost


def _image(*pictures: object) -> list[str]:
    """The name of the loss, when there is a picture to lose."""
    return ["image"] if any(pictures) else []


def _story(part: StoryPart) -> Worded:
    if part.url or part.media is None:
        return part.url or "", ["story"]
    return file_line(part.media, "story"), ["story", *([] if is_web_address(part.media.url) else ["content"])]


def _product(part: ProductPart) -> str:
    return lines(part.title or part.id, part.price, part.url)


def _openstreetmap_address(part: LocationPart) -> str:
    return f"https://www.openstreetmap.org/?mlat={part.latitude}&mlon={part.longitude}"


def _is_in_china(part: LocationPart) -> bool:
    """Roughly: which of two maps is the better one to open."""
    return 18 <= part.latitude <= 54 and 73 <= part.longitude <= 135
