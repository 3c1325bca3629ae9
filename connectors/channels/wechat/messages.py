"""What customers send: the message types of a push.

Source: developers.weixin.qq.com, "Receiving standard messages" (接收普通消息).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from connectors.channels.wechat.push import Push, text_of
from shared.errors import BadRequest
from shared.model.inbound import MediaSource
from shared.model.media import Media
from shared.model.parts import (
    ChoicePart,
    ImagePart,
    LinkPart,
    LocationPart,
    MiniProgramPart,
    Part,
    TextPart,
    VideoPart,
    VoicePart,
)

_VOICE_TYPES = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}


class Content(msgspec.Struct):
    """What a message says, and where its media are."""

    parts: list[Part]
    media: list[MediaSource] = []
    metadata: dict[str, Any] = {}


def read_message(kind: str, push: Push) -> Content | None:
    """The content of a message; None for a type we do not know.

    Raises BadRequest(``incomplete``) when a field is missing.
    """
    read = _READERS.get(kind)
    return read(push) if read else None


def _text(push: Push) -> Content:
    """A tap on an option of a menu that we sent comes as a text with the option's id beside it."""
    content = push.get("Content")
    if not isinstance(content, str):
        raise BadRequest("incomplete", "there is no Content")
    option = text_of(push, "bizmsgmenuid")
    part = ChoicePart(id=option, title=content or None) if option else TextPart(text=content)
    if "MsgDataId" in push:
        return Content([part], metadata=_present(push, MsgDataId="article_id", Idx="article_index"))
    return Content([part])


def _image(push: Push) -> Content:
    return Content([ImagePart(media=Media())], [_source(0, "image", push, url="PicUrl")])


def _voice(push: Push) -> Content:
    declared = _VOICE_TYPES.get(text_of(push, "Format").lower())
    part = VoicePart(media=Media(declared_mime_type=declared), transcript=text_of(push, "Recognition") or None)
    return Content([part], [_source(0, "voice", push)])


def _video(push: Push) -> Content:
    sources = [_source(0, "video", push)]
    thumbnail = None
    if text_of(push, "ThumbMediaId"):
        thumbnail = Media()
        sources.append(_source(1, "thumb", push, media_id="ThumbMediaId"))
    return Content([VideoPart(media=Media(), thumbnail=thumbnail)], sources)


def _location(push: Push) -> Content:
    part = LocationPart(
        latitude=_degrees(push, "Location_X", 90),
        longitude=_degrees(push, "Location_Y", 180),
        name=text_of(push, "Poiname") or None,
        address=text_of(push, "Label") or None,
    )
    return Content([part], metadata=_present(push, Scale="scale"))


def _link(push: Push) -> Content:
    part = LinkPart(
        url=_required(push, "Url"),
        title=text_of(push, "Title") or None,
        description=text_of(push, "Description") or None,
    )
    return Content([part])


def _mini_program(push: Push) -> Content:
    sources = []
    thumbnail = None
    if text_of(push, "ThumbMediaId"):
        thumbnail = Media()
        sources.append(_source(0, "thumb", push, media_id="ThumbMediaId", url="ThumbUrl"))
    part = MiniProgramPart(
        app_id=_required(push, "AppId"),
        page_path=text_of(push, "PagePath") or None,
        title=text_of(push, "Title") or None,
        thumbnail=thumbnail,
        thumbnail_url=text_of(push, "ThumbUrl") or None,
    )
    return Content([part], sources)


_READERS: dict[str, Callable[[Push], Content]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
    "miniprogrampage": _mini_program,
}


def _source(index: int, kind: str, push: Push, media_id: str = "MediaId", url: str | None = None) -> MediaSource:
    """Where a file is: its media id, which lasts three days, and its public address if the push has one."""
    reference = {"kind": kind, "media_id": _required(push, media_id)}
    address = text_of(push, url) if url else ""
    if address:
        reference["url"] = address
    return MediaSource(index=index, reference=reference)


def _required(push: Push, name: str) -> str:
    value = text_of(push, name)
    if not value:
        raise BadRequest("incomplete", f"there is no {name}")
    return value


def _degrees(push: Push, name: str, maximum: int) -> float:
    try:
        degrees = float(_required(push, name))
    except ValueError as error:
        raise BadRequest("incomplete", f"{name} is not a number") from error
    if not math.isfinite(degrees) or abs(degrees) > maximum:
        raise BadRequest("incomplete", f"{name} is not on earth")
    return degrees


def _present(push: Push, **names: str) -> dict[str, Any]:
    """The fields that are there, under our names."""
    return {ours: text_of(push, theirs) for theirs, ours in names.items() if text_of(push, theirs)}
