"""The words of the generated tables, in both languages of the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True)
class Words:
    """``opens`` and ``status`` are by the names that Capabilities uses; the rest are headings and phrases."""

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


ENGLISH = Words(
    channel="Channel",
    receives="Receives",
    sends="Sends as itself",
    window="Reply window",
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
)

CHINESE = Words(
    channel="渠道",
    receives="可接收",
    sends="可原样发送",
    window="回复窗口",
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
)

WORDS: dict[Language, Words] = {"en": ENGLISH, "zh-CN": CHINESE}
