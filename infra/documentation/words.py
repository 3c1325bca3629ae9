"""The words of the generated tables, in both languages of the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True)
class Words:
    """``opens`` and ``status`` are by the names that Capabilities uses, ``lost`` by those of degradations; the rest are
    headings and phrases."""

    channel: str
    receives: str
    sends: str
    window: str
    receipts: str
    typing: str
    part: str
    limit: str
    text: str
    choices: str
    receives_and_sends: str
    only_receives: str
    only_sends: str
    any_time: str
    none: str
    yes: str
    no: str
    unlimited: str
    times: str
    within: str
    characters: str
    bytes: str
    up_to_seconds: str
    separator: str
    units: tuple[str, str, str]
    opens: dict[str, str]
    status: dict[str, str]
    native: str
    native_without: str
    instead: str
    refused: str
    loss: str
    meaning: str
    file: str
    stored: str
    at_an_address: str
    nowhere: str
    lost: dict[str, str]


ENGLISH = Words(
    channel="Channel",
    receives="Receives",
    sends="Sends as itself",
    window="Send window",
    receipts="Receipts",
    typing="Typing",
    part="Part",
    limit="Limit",
    text="one text",
    choices="options of a question",
    receives_and_sends="in, out",
    only_receives="in",
    only_sends="out",
    any_time="always open",
    none="none",
    yes="yes",
    no="no",
    unlimited="any number",
    times="{count} messages",
    within="{time} after {event}: {count}",
    characters="{count} characters",
    bytes="{count} bytes",
    up_to_seconds="{count} s",
    separator=", ",
    units=("{count} s", "{count} min", "{count} h"),
    opens={
        "message": "a message",
        "menu_click": "a menu tap",
        "follow": "a follow",
        "scan": "a QR scan",
        "session": "a session's start",
    },
    status={"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"},
    native="native",
    native_without="native; lost: {lost}",
    instead="{target}; lost: {lost}",
    refused="refused",
    loss="Lost",
    meaning="What is gone",
    file="File",
    stored="stored",
    at_an_address="at an https address",
    nowhere="nowhere",
    lost={
        "attachment": "the file itself: it is a link in the mail",
        "buttons": "buttons to tap: what they say is there as text, and an option is chosen by its number or words",
        "choice": "that it is an answer to a question: its words are there",
        "contact": "the contact card: name, numbers and addresses are there as text",
        "content": "the file: its name or its kind is all that is left",
        "controls": "a player with a position to move: it is a voice message",
        "formatting": "bold, headings and the like: the words are there",
        "forwarding": "that these are messages of others: their words are there",
        "grouping": "that it belongs together: it comes as several messages",
        "image": "a picture beside the words",
        "layout": "the frame of a card: its words are there",
        "link": "an address to tap: it does not lead to the web",
        "map": "the map: name, address and a link to a map are there",
        "order": "the form of an order: its lines are there as text",
        "page": "the page inside WeChat: its title is there",
        "preview": "the file in view: it is behind a link",
        "product": "the form of a product: name, price and address are there",
        "recording": "that it is a voice message: it is an audio file",
        "sticker": "the sticker: its emoji or its picture is there",
        "story": "the story in view: its address is there",
        "template": "the approved form: its values are there as text",
        "thumbnail": "the still picture of a video",
        "title": "a name that is too long or has no place",
        "transcript": "the words of a voice message: the recording is there",
    },
)

CHINESE = Words(
    channel="渠道",
    receives="可接收",
    sends="可原样发送",
    window="发送窗口",
    receipts="回执",
    typing="输入状态",
    part="部件",
    limit="限制",
    text="单条文本",
    choices="一次提问的选项",
    receives_and_sends="收、发",
    only_receives="收",
    only_sends="发",
    any_time="随时可回复",
    none="无",
    yes="支持",
    no="不支持",
    unlimited="条数不限",
    times="{count} 条",
    within="{event}后 {time}内：{count}",
    characters="{count} 个字符",
    bytes="{count} 字节",
    up_to_seconds="{count} 秒",
    separator="、",
    units=("{count} 秒", "{count} 分钟", "{count} 小时"),
    opens={
        "message": "客户发消息",
        "menu_click": "点击菜单",
        "follow": "关注",
        "scan": "扫描二维码",
        "session": "会话开始",
    },
    status={"sent": "已发送", "delivered": "已送达", "read": "已读", "failed": "失败"},
    native="原样",
    native_without="原样；失去：{lost}",
    instead="{target}；失去：{lost}",
    refused="拒绝",
    loss="损失",
    meaning="失去了什么",
    file="文件",
    stored="已存储",
    at_an_address="https 地址",
    nowhere="无内容",
    lost={
        "attachment": "文件本身：邮件里只有链接",
        "buttons": "可点的按钮：文字还在；选项可以回复序号或文字来选",
        "choice": "它是对提问的回答这一点：文字还在",
        "contact": "名片形式：姓名、电话和地址以文字给出",
        "content": "文件：只剩下名称或类型",
        "controls": "可拖动的播放器：变成语音消息",
        "formatting": "粗体、标题等格式：文字还在",
        "forwarding": "它们是转发的消息这一点：文字还在",
        "grouping": "同属一体：分成几条消息",
        "image": "文字旁的图片",
        "layout": "卡片的边框：文字还在",
        "link": "可点的地址：它不指向网页",
        "map": "地图：名称、地址和地图链接还在",
        "order": "订单形式：各行以文字给出",
        "page": "微信内的页面：标题还在",
        "preview": "文件的预览：需要点开链接",
        "product": "商品形式：名称、价格和地址还在",
        "recording": "它是语音消息这一点：变成音频文件",
        "sticker": "贴纸：对应的表情或图片还在",
        "story": "快拍的画面：地址还在",
        "template": "经过审核的模板形式：参数以文字给出",
        "thumbnail": "视频的封面",
        "title": "过长或放不下的名称",
        "transcript": "语音的文字：录音还在",
    },
)

WORDS: dict[Language, Words] = {"en": ENGLISH, "zh-CN": CHINESE}
