"""A message in Slack's form: posts with blocks, and files, in the order of the parts.

Source: docs.slack.dev, "chat.postMessage", "Block Kit", "Working with files".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.slack import blocks
from connectors.channels.slack.capabilities import FILE, MAXIMUM_BUTTONS, MAXIMUM_SELECT
from connectors.channels.slack.degrading import worded
from connectors.channels.slack.draft import Draft
from connectors.channels.slack.formatting import escape, link, literal, pieces, text_content
from connectors.channels.slack.interactions import LINK_ACTION
from shared.errors import Unprocessable
from shared.model.capabilities import TextLimit
from shared.model.media import Media
from shared.model.parts import (
    AudioPart,
    CardPart,
    CarouselPart,
    ChoicesPart,
    FilePart,
    ImagePart,
    LinkPart,
    Part,
    ProductPart,
    StickerPart,
    TextPart,
    VideoPart,
    VoicePart,
    part_type,
)
from shared.model.plain_parts import is_web_address, numbered, product_card
from shared.model.text import beginning
from shared.ports.connector import Rendering

if TYPE_CHECKING:
    from shared.model.message import Message
    from shared.model.parts import Action
    from shared.ports.connector import Recipient


_NAME = TextLimit(maximum=200, unit="characters")
_JOINERS = "\u200c\u200d"
_BLANKS = f" {_JOINERS}"


def render(message: Message, recipient: Recipient) -> Rendering:
    """The requests for a message.

    Raises Unprocessable(``nothing_to_send``) when no part of it can be shown on Slack.
    """
    draft = Draft(_place(recipient), message.id)
    for index, part in enumerate(message.parts):
        _render_part(draft, index, part)
    if not draft.requests:
        raise Unprocessable("nothing_to_send", "no part of the message can be shown on Slack")
    return Rendering(draft.requests, draft.degradations)


def _place(recipient: Recipient) -> dict[str, str]:
    """A thread of ours is ``<channel>`` or ``<channel>:<ts>``; without one the person's direct messages are opened."""
    channel, _, thread = (recipient.thread_id or "").partition(":")
    if not channel:
        return {"user": recipient.external_id}
    return {"channel": channel, "thread_ts": thread} if thread else {"channel": channel}


def _render_part(draft: Draft, index: int, part: Part) -> None:
    match part:
        case TextPart():
            _text(draft, index, part)
        case LinkPart() if is_web_address(part.url):
            draft.lose_any(index, part, "link", _link(draft, part))
        case CardPart():
            draft.lose_any(index, part, "card", _card(draft, part))
        case ProductPart():
            draft.lose(index, part, "card", "product", *_card(draft, product_card(part)))
        case CarouselPart() if part.cards:
            lost = [name for card in part.cards for name in _card(draft, card)]
            draft.lose(index, part, "card", *dict.fromkeys(lost), "grouping")
        case ChoicesPart():
            _choices(draft, index, part)
        case _ if _render_file(draft, index, part):
            pass
        case _:
            words, lost = worded(part)
            draft.add_text(words)
            draft.lose(index, part, "text" if words.strip() else "none", *lost)


def _render_file(draft: Draft, index: int, part: Part) -> bool:
    """Whether the part is a file that can be sent; if so, it is on its way."""
    match part:
        case ImagePart() if _is_shown_from(part.media):
            words = part.caption or part.media.filename or "image"
            draft.add_text(literal(words), blocks.image(part.media.url or "", words))
        case ImagePart() if _fits(part.media):
            draft.add_file(part.media, _name(part.media, "image"), None, literal(part.caption or ""))
        case AudioPart() | FilePart() if _fits(part.media):
            title = part.title if isinstance(part, AudioPart) else None
            draft.add_file(part.media, _name(part.media, part_type(part)), title, "")
        case VideoPart() if _fits(part.media):
            _video(draft, index, part)
        case VoicePart() if _fits(part.media):
            draft.add_file(part.media, _name(part.media, "voice"), None, literal(part.transcript or ""))
            draft.lose(index, part, "audio", "recording")
        case StickerPart() if part.media is not None and _fits(part.media):
            draft.add_file(part.media, _name(part.media, "sticker"), part.emoji, "")
            draft.lose(index, part, "image", "sticker")
        case _:
            return False
    return True


def _video(draft: Draft, index: int, part: VideoPart) -> None:
    draft.add_file(part.media, _name(part.media, "video"), part.title, literal(part.description or ""))
    if part.thumbnail is not None:
        draft.lose(index, part, "video", "thumbnail")


def _text(draft: Draft, index: int, part: TextPart) -> None:
    content = text_content(part)
    draft.add_text(content)
    if part.format == "html" and content.strip() != escape(part.text).strip():
        draft.lose(index, part, "text", "formatting")


def _link(draft: Draft, part: LinkPart) -> list[str]:
    """The names of what is lost."""
    words = link(part.title or "", part.url)
    if part.description:
        words += f"\n{literal(part.description)}"
    _illustrated(draft, words, part.image_url, part.title or part.url, [])
    return ["image"] if part.image_url and not _is_secure(part.image_url) else []


def _card(draft: Draft, part: CardPart) -> list[str]:
    """The names of what is lost."""
    image_url = part.image_url or (part.image.url if part.image else None)
    title = link(part.title, part.url) if is_web_address(part.url) else escape(part.title)
    words = f"*{title}*" if title.strip() else ""
    if part.description:
        words += f"\n{literal(part.description)}"
    elements, unshown = _buttons(part.actions)
    _illustrated(draft, "\n".join([words, *unshown]), image_url, part.title, elements)
    lost = ["link"] if part.url and not is_web_address(part.url) else []
    lost += ["image"] if (part.image or part.image_url) and not _is_secure(image_url) else []
    lost += ["title"] if any(map(blocks.is_shortened, part.actions)) else []
    return [*lost, "buttons"] if unshown else lost


def _illustrated(draft: Draft, words: str, image_url: str | None, alt_text: str, elements: list[blocks.Block]) -> None:
    """Words with a picture beside their beginning, and buttons below."""
    *before, last = pieces(words, blocks.SECTION) or [escape(alt_text) or "-"]
    for piece in before:
        draft.add_text(piece)
    picture = image_url if _is_secure(image_url) else None
    below = [blocks.actions(elements)] if elements else []
    draft.add(last, [blocks.section(last, picture, alt_text), *below])


def _buttons(actions: list[Action]) -> tuple[list[blocks.Block], list[str]]:
    """The buttons of a card, and in words what cannot be one."""
    elements: list[blocks.Block] = []
    unshown = []
    for number, action in enumerate(actions):
        if len(elements) < MAXIMUM_BUTTONS and is_web_address(action.url) and len(action.url) <= blocks.ADDRESS:
            elements.append(blocks.link_button(f"{LINK_ACTION}{number}", action.title, action.url))
        elif len(elements) < MAXIMUM_BUTTONS and action.url is None and action.id and len(action.id) <= blocks.VALUE:
            elements.append(blocks.button(f"choice:{number}", action.title, action.id))
        else:
            unshown.append(literal(f"{action.title}: {action.url}" if action.url else action.title))
    return elements, unshown


def _choices(draft: Draft, index: int, part: ChoicesPart) -> None:
    """Buttons, a menu when there are many, and numbers when Slack cannot carry the options."""
    longest = max((len(option.id) for option in part.options), default=0)
    if 1 <= len(part.options) <= MAXIMUM_BUTTONS and longest <= blocks.VALUE:
        elements = [blocks.button(f"choice:{n}", each.title, each.id) for n, each in enumerate(part.options)]
        lost = []
    elif 1 <= len(part.options) <= MAXIMUM_SELECT and 1 <= longest <= blocks.SELECT_VALUE and _all_named(part):
        elements = [blocks.select("choice:0", part.options)]
        lost = ["buttons"]
    else:
        draft.add_text(literal(numbered(part)))
        draft.lose(index, part, "text", "buttons")
        return
    footer = pieces(literal(part.footer or ""), blocks.VALUE)
    draft.add_text(literal(part.text.strip() or "…"), blocks.actions(elements), *map(blocks.context, footer))
    if any(map(blocks.is_shortened, part.options)):
        lost.append("title")
    if lost:
        draft.lose(index, part, "choices", *lost)


def _all_named(part: ChoicesPart) -> bool:
    return all(option.id for option in part.options)


def _fits(media: Media) -> bool:
    """Whether a file is anywhere, and small enough as far as is known; the rest is seen when it is read."""
    if media.media_id is None and not _is_secure(media.url):
        return False
    return media.size is None or media.size <= FILE.maximum_bytes


def _is_shown_from(media: Media) -> bool:
    """Whether Slack can be left to fetch a picture itself; our own addresses would not last."""
    return media.media_id is None and _is_secure(media.url)


def _is_secure(url: str | None) -> bool:
    return url is not None and url.lower().startswith("https://") and len(url) <= blocks.ADDRESS


def _name(media: Media, otherwise: str) -> str:
    """The file's name without what could disguise its ending; the joiners inside emoji are no such thing."""
    name = "".join(each for each in media.filename or "" if each.isprintable() or each in _JOINERS).strip(_BLANKS)
    return beginning(name, _NAME) or otherwise
