"""What ``message/custom/send`` takes: every message type, with exactly its fields.

Source: developers.weixin.qq.com, "sendCustomMessage".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from infra.local.providers.wechat.documents import fields
from infra.local.providers.wechat.errors import ApiError
from infra.local.providers.wechat.settings import AccountSettings

MAXIMUM_TEXT_BYTES = 2048
FindMedia = Callable[[str, tuple[str, ...]], None]
"""Checks that a media id is of one of the kinds and not expired; raises 40007."""


class Sent(msgspec.Struct, kw_only=True):
    """A message that passed the checks. ``content`` is the object under the message type's own name."""

    openid: str
    type: str
    content: dict[str, Any]
    ai: bool = False
    kf_account: str | None = None


def read_message(document: dict[str, Any], account: AccountSettings, find_media: FindMedia) -> Sent:
    """Check a send request. Raises the error WeChat would answer with."""
    openid, kind = document.get("touser"), document.get("msgtype")
    if not isinstance(openid, str) or not openid:
        raise ApiError(40003)
    if not isinstance(kind, str) or kind not in CHECKS:
        raise ApiError(40008)
    envelope = {"touser": str, "msgtype": str, kind: dict}
    fields(document, "message", envelope, {"customservice": dict, "aimsgcontext": dict})
    content = document[kind]
    CHECKS[kind](content, find_media)
    return Sent(
        openid=openid,
        type=kind,
        content=content,
        ai=_made_by_machine(document.get("aimsgcontext")),
        kf_account=_kf_account(document.get("customservice"), account),
    )


def _made_by_machine(context: dict[str, Any] | None) -> bool:
    if context is None:
        return False
    label = fields(context, "aimsgcontext", {"is_ai_msg": int})["is_ai_msg"]
    if label not in (0, 1):
        raise ApiError(47001, "aimsgcontext.is_ai_msg is 0 or 1")
    return bool(label)


def _kf_account(service: dict[str, Any] | None, account: AccountSettings) -> str | None:
    if service is None:
        return None
    name = fields(service, "customservice", {"kf_account": str})["kf_account"]
    if name not in account.kf_accounts:
        raise ApiError(61452)
    return str(name)


def _text(content: dict[str, Any], find_media: FindMedia) -> None:
    text = fields(content, "text", {"content": str})["content"]
    if not text:
        raise ApiError(44004)
    if len(text.encode("utf-8", "surrogatepass")) > MAXIMUM_TEXT_BYTES:
        raise ApiError(45002)


def _image(content: dict[str, Any], find_media: FindMedia) -> None:
    find_media(fields(content, "image", {"media_id": str})["media_id"], ("image",))


def _voice(content: dict[str, Any], find_media: FindMedia) -> None:
    find_media(fields(content, "voice", {"media_id": str})["media_id"], ("voice",))


def _video(content: dict[str, Any], find_media: FindMedia) -> None:
    optional = {"thumb_media_id": str, "title": str, "description": str}
    find_media(fields(content, "video", {"media_id": str}, optional)["media_id"], ("video",))
    if "thumb_media_id" in content:
        find_media(content["thumb_media_id"], ("thumb", "image"))


def _music(content: dict[str, Any], find_media: FindMedia) -> None:
    required = {"musicurl": str, "hqmusicurl": str, "thumb_media_id": str}
    fields(content, "music", required, {"title": str, "description": str})
    _web_address(content["musicurl"])
    _web_address(content["hqmusicurl"])
    find_media(content["thumb_media_id"], ("thumb", "image"))


def _news(content: dict[str, Any], find_media: FindMedia) -> None:
    articles = fields(content, "news", {"articles": list})["articles"]
    if len(articles) != 1:
        raise ApiError(45008)
    article = fields(articles[0], "news.articles", {"title": str, "url": str}, {"description": str, "picurl": str})
    _web_address(article["url"])
    if article.get("picurl"):
        _web_address(article["picurl"])


def _mpnews(content: dict[str, Any], find_media: FindMedia) -> None:
    find_media(fields(content, "mpnews", {"media_id": str})["media_id"], ("news",))


def _mpnewsarticle(content: dict[str, Any], find_media: FindMedia) -> None:
    if not fields(content, "mpnewsarticle", {"article_id": str})["article_id"]:
        raise ApiError(47001, "mpnewsarticle.article_id is empty")


def _msgmenu(content: dict[str, Any], find_media: FindMedia) -> None:
    fields(content, "msgmenu", {"list": list}, {"head_content": str, "tail_content": str})
    if not content["list"]:
        raise ApiError(47001, "msgmenu.list is empty")
    for option in content["list"]:
        fields(option, "msgmenu.list", {"id": str, "content": str})
        if not option["id"] or not option["content"]:
            raise ApiError(44004)


def _miniprogrampage(content: dict[str, Any], find_media: FindMedia) -> None:
    fields(content, "miniprogrampage", {"title": str, "appid": str, "pagepath": str, "thumb_media_id": str})
    if not content["appid"].startswith("wx"):
        raise ApiError(40013)
    find_media(content["thumb_media_id"], ("image", "thumb"))


def _wxcard(content: dict[str, Any], find_media: FindMedia) -> None:
    if not fields(content, "wxcard", {"card_id": str})["card_id"]:
        raise ApiError(47001, "wxcard.card_id is empty")


def _web_address(url: str) -> None:
    if not url.startswith(("https://", "http://")):
        raise ApiError(40048)


CHECKS: dict[str, Callable[[dict[str, Any], FindMedia], None]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "music": _music,
    "news": _news,
    "mpnews": _mpnews,
    "mpnewsarticle": _mpnewsarticle,
    "msgmenu": _msgmenu,
    "miniprogrampage": _miniprogrampage,
    "wxcard": _wxcard,
}
