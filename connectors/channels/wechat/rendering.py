"""A message in WeChat's form: customer-service messages, in the order of the parts.

Source: developers.weixin.qq.com, "Sending customer service messages" (发送客服消息).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.channels.wechat.capabilities import CAPABILITIES, IMAGE, THUMBNAIL, VIDEO, VOICE
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
    TextPart,
    VideoPart,
    VoicePart,
)
from shared.model.plain_parts import is_web_address, numbered
from shared.model.text import split_text
from shared.ports import Rendering, Upload

if TYPE_CHECKING:
    from shared.model.capabilities import MediaLimit
    from shared.model.message import Message
    from shared.ports import Recipient


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
        case ImagePart() if _fits(part.media, IMAGE):
            _image(draft, index, part)
        case VoicePart() if _fits(part.media, VOICE):
            draft.add("voice", {"media_id": ""}, Upload(part.media, "voice", ("voice", "media_id")))
        case AudioPart() if _fits(part.media, VOICE) and part.media.mime_type:
            draft.add("voice", {"media_id": ""}, Upload(part.media, "voice", ("voice", "media_id")))
            draft.lose(index, part, "voice", "title", "controls")
        case VideoPart() if _fits(part.media, VIDEO):
            _video(draft, index, part)
        case LinkPart() if is_web_address(part.url):
            _news(draft, part.title or part.url, part.description, part.url, part.image_url)
        case CardPart() if is_web_address(part.url):
            _card(draft, index, part)
        case CarouselPart() if part.cards:
            _carousel(draft, index, part)
        case ChoicesPart():
            _choices(draft, index, part)
        case MiniProgramPart() if part.app_id and part.page_path and _thumbnail(part):
            _mini_program(draft, part)
        case _:
            words, lost = worded(part)
            draft.add_text(quote(words))
            draft.lose(index, part, "text" if words.strip() else "none", *lost)


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


def _news(draft: Draft, title: str, description: str | None, url: str, image_url: str | None) -> None:
    """WeChat takes exactly one article in a message."""
    picture = image_url if is_web_address(image_url) else None
    article = {"title": title, "description": description or "", "url": url, "picurl": picture or ""}
    draft.add("news", {"articles": [article]})


def _card(draft: Draft, index: int, part: CardPart) -> None:
    image_url = part.image_url or (part.image.url if part.image else None)
    lost = ["image"] if part.image and not is_web_address(image_url) else []
    lines = [part.description or ""]
    if part.actions:
        lost.append("buttons")
        lines += [f"{action.title}: {action.url}" if action.url else action.title for action in part.actions]
    _news(draft, part.title, "\n".join(line for line in lines if line), part.url or "", image_url)
    if lost:
        draft.lose(index, part, "card", *lost)


def _carousel(draft: Draft, index: int, part: CarouselPart) -> None:
    for card in part.cards:
        _render_part(draft, index, card)
    draft.lose(index, part, "card", "grouping")


def _choices(draft: Draft, index: int, part: ChoicesPart) -> None:
    if not 1 <= len(part.options) <= CAPABILITIES.maximum_choices:
        draft.add_text(quote(numbered(part)))
        draft.lose(index, part, "text", "buttons")
        return
    *before, head = split_text(quote(part.text), CAPABILITIES.text) or [""]
    for piece in before:
        draft.add("text", {"content": piece})
    options = [{"id": option.id, "content": option.title} for option in part.options]
    draft.add("msgmenu", {"head_content": head, "list": options, "tail_content": quote(part.footer or "")})


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
