"""Links and cards as WeChat shows them: articles, one in a message.

Source: developers.weixin.qq.com, "Sending customer service messages" (发送客服消息), ``news``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.wechat.degrading import worded
from connectors.channels.wechat.formatting import quote
from shared.model.plain_parts import button_lines, is_web_address, lines

if TYPE_CHECKING:
    from connectors.channels.wechat.draft import Draft
    from shared.model.parts import CardPart, CarouselPart


def news(draft: Draft, title: str, description: str | None, url: str, image_url: str | None) -> list[str]:
    """The names of what is lost. WeChat takes exactly one article in a message."""
    picture = image_url if is_web_address(image_url) else None
    article = {"title": title, "description": description or "", "url": url, "picurl": picture or ""}
    draft.add("news", {"articles": [article]})
    return ["image"] if image_url and picture is None else []


def card(draft: Draft, part: CardPart) -> tuple[str, list[str]]:
    """What the card became, and the names of what is lost. One that leads nowhere is text: articles are links."""
    if not is_web_address(part.url):
        words, lost = worded(part)
        draft.add_text(quote(words))
        return "text" if words.strip() else "none", lost
    image_url = part.image_url or (part.image.url if part.image else None)
    lost = news(draft, part.title, lines(part.description, button_lines(part)), part.url, image_url)
    if part.image and image_url is None:
        lost.append("image")
    return "card", [*lost, *(["buttons"] if part.actions else [])]


def carousel(draft: Draft, index: int, part: CarouselPart) -> None:
    """One message for each card."""
    shown = [card(draft, each) for each in part.cards]
    targets = {target for target, _ in shown}
    target = next(each for each in ("card", "text", "none") if each in targets)
    draft.lose(index, part, target, *dict.fromkeys(name for _, names in shown for name in names), "grouping")
