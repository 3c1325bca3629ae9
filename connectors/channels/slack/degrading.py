"""What Slack cannot show, in words: each part's text in mrkdwn, and what is lost by saying it in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.slack.formatting import escape, link, literal
from shared.model import plain_parts
from shared.model.parts import LocationPart, OrderPart, Part, ProductPart
from shared.model.plain_parts import file_and_words, is_web_address, lines

if TYPE_CHECKING:
    from shared.model.plain_parts import Worded


def worded(part: Part) -> Worded:
    """A part's text, and what it loses. Files, places and products are links with names.

    The text is empty for what says nothing to a customer (an event, an unknown part).
    """
    match part:
        case LocationPart():
            return _location(part), ["map"]
        case OrderPart():
            return _order(part), plain_parts.worded(part)[1]
        case _:
            return _linked_file(part) or _literally(part)


def _literally(part: Part) -> Worded:
    words, lost = plain_parts.worded(part)
    return literal(words), lost


def _linked_file(part: Part) -> Worded | None:
    media, words = file_and_words(part) or (None, "")
    if media is None or not is_web_address(media.url):
        return None
    return lines(literal(words), link(media.filename or "", media.url)), ["preview"]


def _location(part: LocationPart) -> str:
    place = f"{part.latitude},{part.longitude}"
    address = (
        f"https://www.openstreetmap.org/?mlat={part.latitude}&mlon={part.longitude}#map=16/{place.replace(',', '/')}"
    )
    return lines(literal(part.address or ""), link(part.name or place, address))


def _order(part: OrderPart) -> str:
    head = literal(lines(part.title or part.id, part.state))
    products = (_product(product).replace("\n", " ") for product in part.products)
    return lines(head, *products, literal(part.total or ""))


def _product(part: ProductPart) -> str:
    title = part.title or part.id
    shown = link(title, part.url) if is_web_address(part.url) else escape(title)
    return lines(shown, literal(part.price or ""))
