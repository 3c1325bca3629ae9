"""A message as a visitor's browser may see it: the public face of :class:`~shared.model.message.Message`.

What is left out is not the visitor's business (metadata, provider ids, email headers, who exactly the agent is, what
was lost on the way). What a browser cannot show becomes text here, once, so that a pushed message and the same
message in the history look alike; the loss is recorded for those who sent it. Addresses other than http, https,
mailto and tel are cut out: a page must never be handed ``javascript:``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from shared.model.capabilities import TextLimit
from shared.model.media import Media
from shared.model.message import Degradation, Message
from shared.model.parts import (
    Action,
    CardPart,
    CarouselPart,
    EventPart,
    LinkPart,
    Part,
    ProductPart,
    StoryPart,
    TextPart,
    UnsupportedPart,
    media_of,
    part_type,
)
from shared.model.plain import html_to_text
from shared.model.plain_parts import product_card, worded
from shared.model.text import split_text

TEXT_LIMIT = TextLimit(maximum=8_000, unit="characters")
"""The longest text part, in either direction; longer texts of ours become several parts of the same message."""

NATIVE_PARTS = (
    "text",
    "image",
    "audio",
    "voice",
    "video",
    "file",
    "sticker",
    "location",
    "contact",
    "link",
    "choices",
    "choice",
    "card",
    "carousel",
)
"""What the widget shows as itself."""

_SAFE_SCHEMES = ("https:", "http:", "mailto:", "tel:")


def customer_view(message: Message) -> dict[str, Any]:
    """The JSON form (a dict) for the visitor. ``client_id`` is the visitor's own name for a message of theirs."""
    parts, _ = browser_parts(message.parts)
    view: dict[str, Any] = {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "sequence": message.sequence,
        "direction": message.direction,
        "origin": message.origin,
        "author": {"type": message.author.type},
        "channel": {"type": message.channel.type, "account": message.channel.account},
        "identity_id": message.identity_id,
        "parts": msgspec.to_builtins(parts),
        "text": message.text,
        "occurred_at": message.occurred_at,
        "received_at": message.received_at,
    }
    if message.author.name:
        view["author"]["name"] = message.author.name
    if message.reply_to is not None and message.reply_to.message_id:
        view["reply_to"] = {"message_id": message.reply_to.message_id}
    if message.status is not None:
        view["status"] = message.status
    if message.error is not None:
        view["error"] = {"code": message.error.code, "title": message.error.title}
    if message.direction == "inbound" and isinstance(message.metadata.get("client_id"), str):
        view["client_id"] = message.metadata["client_id"]
    return view


def browser_parts(parts: list[Part]) -> tuple[list[Part], list[Degradation]]:
    """The parts as a browser can show them, and what that lost. The given parts are not changed."""
    shown: list[Part] = []
    degradations: list[Degradation] = []
    for index, part in enumerate(parts):
        replacement, lost = _shown(part)
        shown.extend(replacement)
        if lost:
            target = part_type(replacement[0])
            degradations.append(Degradation(part=index, source=part_type(part), target=target, lost=lost))
    return shown, degradations


def says_nothing(part: Part) -> bool:
    """Whether there is nothing in a part but its kind, which the browser shows in its place."""
    match part:
        case EventPart() | UnsupportedPart():
            return True
        case CarouselPart():
            return not part.cards
        case _:
            return part_type(part) not in NATIVE_PARTS and not worded(part)[0].strip()


def _shown(part: Part) -> tuple[list[Part], list[str]]:
    """What takes the part's place (never nothing), and the names of what that lost (empty: nothing)."""
    match part:
        case TextPart():
            return _text(part)
        case LinkPart():
            return _link(part)
        case CardPart():
            card, lost = _card(part)
            return [card], lost
        case CarouselPart():
            cards = [_card(card) for card in part.cards]
            lost = sorted({name for _, names in cards for name in names})
            return [CarouselPart(cards=[card for card, _ in cards])], lost
        case ProductPart():
            card, lost = _card(product_card(part))
            return [card], ["product", *lost]
        case StoryPart() if part.url and _is_safe(part.url):
            return [LinkPart(url=part.url)], ["story"]
        case _ if part_type(part) in NATIVE_PARTS:
            return _with_files(part)
        case _:
            return _in_words(part)


def _in_words(part: Part) -> tuple[list[Part], list[str]]:
    """Parts of other channels, which a browser has no form for."""
    match part:
        case UnsupportedPart():
            return [TextPart(text=f"[{part.provider_type}]")], ["content"]
        case EventPart():
            return [TextPart(text=f"[{part.name}]")], ["content"]
        case _:
            words, lost = worded(part)
            return [TextPart(text=words if words.strip() else f"[{part_type(part)}]")], lost


def _text(part: TextPart) -> tuple[list[Part], list[str]]:
    """Markup of ours is not trusted either: HTML becomes plain text, for agents paste what others wrote."""
    lost = ["formatting"] if part.format == "html" else []
    text = html_to_text(part.text) if part.format == "html" else part.text
    if not lost and len(text) <= TEXT_LIMIT.maximum:
        return [part], []
    whole = msgspec.structs.replace(part, text=text, format="plain" if lost else part.format)
    return [msgspec.structs.replace(whole, text=piece) for piece in split_text(text, TEXT_LIMIT)], lost


def _link(part: LinkPart) -> tuple[list[Part], list[str]]:
    if not _is_safe(part.url):
        return _in_words(part)
    if part.image_url and not _is_safe(part.image_url):
        return [msgspec.structs.replace(part, image_url=None)], ["image"]
    return [part], []


def _card(card: CardPart) -> tuple[CardPart, list[str]]:
    lost: list[str] = []
    url, image_url = card.url, card.image_url
    if url and not _is_safe(url):
        url, lost = None, [*lost, "link"]
    if image_url and not _is_safe(image_url):
        image_url, lost = None, [*lost, "image"]
    actions = [action for action in card.actions if _is_safe_action(action)]
    if len(actions) < len(card.actions):
        lost = [*lost, "buttons"]
    image = card.image
    if image is not None and image.url and not _is_safe(image.url):
        image, lost = None, [*lost, *([] if "image" in lost else ["image"])]
    return msgspec.structs.replace(card, url=url, image_url=image_url, image=image, actions=actions), lost


def _with_files(part: Part) -> tuple[list[Part], list[str]]:
    """Files are shown as they are, unless they are nowhere, or at an address that a page must not open."""
    return ([part], []) if all(map(_is_showable, media_of(part))) else _in_words(part)


def _is_showable(media: Media) -> bool:
    """A file of ours may still be on its way: then the browser shows how far it is."""
    if media.url is None:
        return media.media_id is not None or media.state is not None
    return _is_safe(media.url)


def _is_safe(url: str) -> bool:
    return url.strip().lower().startswith(_SAFE_SCHEMES)


def _is_safe_action(action: Action) -> bool:
    return action.url is None or _is_safe(action.url)
