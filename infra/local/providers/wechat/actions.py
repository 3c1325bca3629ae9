"""What a user can do in the WeChat app, as the control interface names it, and the fields of the push it causes.

Source: developers.weixin.qq.com, "Receiving standard messages" and "Receiving event pushes".
"""

from __future__ import annotations

from typing import Any

import msgspec

from infra.local.providers.wechat.pushes import Fields


class Message(msgspec.Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """``copies``: how often the push is delivered (with one MsgId); ``clock_skew``: seconds added to the timestamp."""

    copies: int = 1
    clock_skew: float = 0.0


class Text(Message, tag="text"):
    text: str


class Choice(Message, tag="choice"):
    """A tap on an option of a menu message: WeChat sends the option's text with the option's id."""

    id: str
    title: str


class Image(Message, tag="image"):
    """``data`` in base64; a small picture when absent. The same holds for voice and video."""

    data: bytes | None = None
    filename: str = "image.png"


class Voice(Message, tag="voice"):
    data: bytes | None = None
    format: str = "amr"
    recognition: str | None = None


class Video(Message, tag="video"):
    data: bytes | None = None
    short: bool = False


class Location(Message, tag="location"):
    latitude: float
    longitude: float
    label: str = ""
    scale: int = 15


class Link(Message, tag="link"):
    title: str
    url: str
    description: str = ""


class MiniProgramPage(Message, tag="miniprogrampage"):
    title: str
    app_id: str
    page_path: str
    thumb_url: str = ""


class Raw(Message, tag="raw"):
    """Any push at all: ``fields`` follow ToUserName, FromUserName and CreateTime, and may replace them."""

    fields: dict[str, Any]


UserMessage = Text | Choice | Image | Voice | Video | Location | Link | MiniProgramPage | Raw


class MenuClick(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A tap on the account's menu. Only CLICK, scancode_push and scancode_waitmsg open a send window."""

    key: str
    event: str = "CLICK"


class Scan(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A scan of a QR code: by its ``ticket``, by the ``url`` that a camera reads out of it, or of any code with
    ``scene``."""

    ticket: str | None = None
    url: str | None = None
    scene: str | None = None


CLICKS_THAT_OPEN = frozenset({"click", "scancode_push", "scancode_waitmsg"})


def written(message: Text | Choice | Location | Link | MiniProgramPage) -> tuple[Fields, dict[str, Any]]:
    """The push fields of a message without media, and what the customer's screen shows of it."""
    match message:
        case Text():
            return {"MsgType": "text", "Content": message.text}, {"text": message.text}
        case Choice():
            fields = {"MsgType": "text", "Content": message.title, "bizmsgmenuid": message.id}
            return fields, {"text": message.title, "id": message.id}
        case Location():
            place = {"latitude": message.latitude, "longitude": message.longitude, "label": message.label}
            return {
                "MsgType": "location",
                "Location_X": message.latitude,
                "Location_Y": message.longitude,
                "Scale": message.scale,
                "Label": message.label,
            }, place
        case Link():
            shown = {"title": message.title, "description": message.description, "url": message.url}
            return {"MsgType": "link", **{name.capitalize(): value for name, value in shown.items()}}, shown
        case MiniProgramPage():
            shown = {"title": message.title, "app_id": message.app_id, "page_path": message.page_path}
            return {
                "MsgType": "miniprogrampage",
                "Title": message.title,
                "AppId": message.app_id,
                "PagePath": message.page_path,
                "ThumbUrl": message.thumb_url,
                "ThumbMediaId": "",
            }, shown


def event(name: str, **details: str | int) -> Fields:
    return {"MsgType": "event", "Event": name, **details}
