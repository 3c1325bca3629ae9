"""A message in WeChat's form: customer-service messages, in the order of the parts.

Source: developers.weixin.qq.com, "Sending customer service messages" (发送客服消息).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.channels.wechat.capabilities import CAPABILITIES, IMAGE, THUMBNAIL, VIDEO, VOICE
from connectors.channels.wechat.cards import card, carousel, news
from connectors.channels.wechat.degrading import worded
from connectors.channels.wechat.draft import Draft
from connectors.channels.wechat.formatting import quote, text_content
from shared.errors import Unprocessable
from shared.model.media import Media
from shared.model.parts import (
    AudioPart,
    CardPart,
    CarouselPart,
    ChoicesPart,
    ImagePart,
    LinkPart,
    MiniProgramPart,
    Part,
    ProductPart,
    StickerPart,
    TextPart,
    VideoPart,
    VoicePart,
)
from shared.model.plain_parts import is_web_address, numbered, product_card
from shared.model.text import split_text
from shared.ports.connector import Rendering, Upload

if TYPE_CHECKING:
    from shared.model.capabilities import MediaLimit
    from shared.model.message import Message
    from shared.ports.connector import Recipient


def render(message: Message, recipient: Recipient) -> Rendering:
    """The requests for a message.

    Raises Unprocessable(``nothing_to_send``) when no part of it can be shown on WeChat.
    """
    draft = Draft(recipient.external_id, message.author.type == "bot")
    for index, part in enumerate(message.parts):
        _render_part(draft, index, part)
    if not draft.requests:
        raise Unprocessable("nothing_to_send", "no part of the message can be shown on WeChat")
    return Rendering(draft.requests, draft.degradations)


def _render_part(draft: Draft, index: int, part: Part) -> None:
    match part:
        case TextPart():
            _text(draft, index, part)
        case LinkPart() if is_web_address(part.url):
            lost = news(draft, part.title or part.url, part.description, part.url, part.image_url)
            draft.lose_any(index, part, "link", lost)
        case CardPart():
            draft.lose_any(index, part, *card(draft, part))
        case ProductPart():
            target, lost = card(draft, product_card(part))
            draft.lose(index, part, target, "product", *lost)
        case CarouselPart() if part.cards:
            carousel(draft, index, part)
        case ChoicesPart():
            _choices(draft, index, part)
        case MiniProgramPart() if part.app_id and part.page_path and _thumbnail(part):
            _mini_program(draft, part)
        case _ if _render_file(draft, index, part):
            pass
        case _:
            words, lost = worded(part)
            draft.add_text(quote(words))
            draft.lose(index, part, "text" if words.strip() else "none", *lost)


def _render_file(draft: Draft, index: int, part: Part) -> bool:
    """Whether the part is a file that WeChat takes; if so, it is on its way."""
    match part:
        case ImagePart() if _fits(part.media, IMAGE):
            _image(draft, index, part)
        case VoicePart() if _fits(part.media, VOICE):
            draft.add("voice", {"media_id": ""}, Upload(part.media, "voice", ("voice", "media_id")))
            if part.transcript:
                draft.lose(index, part, "voice", "transcript")
        case AudioPart() if _fits(part.media, VOICE) and part.media.mime_type:
            draft.add("voice", {"media_id": ""}, Upload(part.media, "voice", ("voice", "media_id")))
            draft.lose(index, part, "voice", *(["title"] if part.title else []), "controls")
        case VideoPart() if _fits(part.media, VIDEO):
            _video(draft, index, part)
        case StickerPart() if part.media is not None and not part.emoji and _fits(part.media, IMAGE):
            draft.add("image", {"media_id": ""}, Upload(part.media, "image", ("image", "media_id")))
            draft.lose(index, part, "image", "sticker")
        case _:
            return False
    return True


def _text(draft: Draft, index: int, part: TextPart) -> None:
    content = text_content(part)
    draft.add_text(content)
    if part.format != "plain" and content.strip() != part.text.strip():
        draft.lose(index, part, "text", "formatting")


def _image(draft: Draft, index: int, part: ImagePart) -> None:
    draft.add("image", {"media_id": ""}, Upload(part.media, "image", ("image", "media_id")))
    if part.caption:
        draft.add_text(quote(part.caption))
        draft.lose(index, part, "image", "grouping")


def _video(draft: Draft, index: int, part: VideoPart) -> None:
    content: dict[str, Any] = {"media_id": ""}
    uploads = [Upload(part.media, "video", ("video", "media_id"))]
    if part.thumbnail is not None:
        if _fits(part.thumbnail, THUMBNAIL) and part.thumbnail.mime_type:
            content["thumb_media_id"] = ""
            uploads.append(Upload(part.thumbnail, "thumb", ("video", "thumb_media_id")))
        else:
            draft.lose(index, part, "video", "thumbnail")
    if part.title:
        content["title"] = part.title
    if part.description:
        content["description"] = part.description
    draft.add("video", content, *uploads)


def _choices(draft: Draft, index: int, part: ChoicesPart) -> None:
    if not 1 <= len(part.options) <= CAPABILITIES.maximum_choices:
        draft.add_text(quote(numbered(part)))
        draft.lose(index, part, "text", "buttons")
        return
    *before, head = split_text(quote(part.text), CAPABILITIES.text) or [""]
    for piece in before:
        draft.add("text", {"content": piece})
    options = [{"id": option.id, "content": option.title} for option in part.options]
    tail, *after = split_text(quote(part.footer or ""), CAPABILITIES.text) or [""]
    draft.add("msgmenu", {"head_content": head, "list": options, "tail_content": tail})
    for piece in after:
        draft.add("text", {"content": piece})


def _mini_program(draft: Draft, part: MiniProgramPart) -> None:
    content = {"title": part.title or "", "appid": part.app_id, "pagepath": part.page_path, "thumb_media_id": ""}
    upload = Upload(_thumbnail(part) or Media(), "image", ("miniprogrampage", "thumb_media_id"))
    draft.add("miniprogrampage", content, upload)


def _thumbnail(part: MiniProgramPart) -> Media | None:
    """The picture that a mini program page must have."""
    if part.thumbnail is not None and _fits(part.thumbnail, IMAGE):
        return part.thumbnail
    return Media(url=part.thumbnail_url) if is_web_address(part.thumbnail_url) else None


def _fits(media: Media, limit: MediaLimit) -> bool:
    """Whether a file is anywhere, and keeps to the limits as far as is known; the rest is seen when it is read."""
    if media.media_id is None and not is_web_address(media.url):
        return False
    if media.mime_type is not None and media.mime_type not in limit.mime_types:
        return False
    if media.size is not None and media.size > limit.maximum_bytes:
        return False
    longest = limit.maximum_seconds
    return media.duration_ms is None or longest is None or media.duration_ms <= longest * 1000
