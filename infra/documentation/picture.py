"""The picture of the trunk: how a message comes in, becomes an entry of the log, and goes on. SVG, light and dark."""

from __future__ import annotations

from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from infra.documentation.words import Language

Kind = Literal["outside", "function", "queue", "store"]

_WIDTH, _HEIGHT = 1056, 560
_BOX_WIDTH, _BOX_HEIGHT = 164, 60
_COLUMNS = (24, 228, 432, 636, 840)
_ROWS = (24, 112, 224, 312, 400)

STYLE = """
text { font: 14px system-ui, -apple-system, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", sans-serif; fill: #1f2328; }
.title { font-weight: 600; } .note { font-size: 12px; fill: #59636e; }
.page { fill: #ffffff; stroke: #d1d9e0; }
.outside { fill: #f6f8fa; stroke: #818b98; } .function { fill: #ddf4ff; stroke: #0969da; }
.queue { fill: #fff8c5; stroke: #9a6700; } .store { fill: #dafbe1; stroke: #1a7f37; }
.line { fill: none; stroke: #59636e; stroke-width: 1.5; } .head { fill: #59636e; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .note { fill: #9198a1; } .page { fill: #0d1117; stroke: #3d444d; }
  .outside { fill: #212830; stroke: #9198a1; } .function { fill: #0c2d6b; stroke: #4493f8; }
  .queue { fill: #3b2300; stroke: #d29922; } .store { fill: #04260f; stroke: #3fb950; }
  .line { stroke: #9198a1; } .head { fill: #9198a1; }
}
"""


class Box(NamedTuple):
    """``column`` and ``row`` count from 0; ``name`` is the key of its words."""

    column: int
    row: int
    kind: Kind
    name: str


_BOXES = (
    Box(0, 0, "outside", "providers"),
    Box(1, 0, "function", "webhook"),
    Box(2, 0, "queue", "inbound"),
    Box(3, 0, "function", "ingest"),
    Box(4, 0, "store", "table"),
    Box(0, 1, "outside", "browsers"),
    Box(1, 1, "function", "chat"),
    Box(4, 2, "function", "publish"),
    Box(3, 2, "queue", "events"),
    Box(2, 2, "queue", "outbound"),
    Box(1, 2, "function", "deliver"),
    Box(0, 2, "outside", "reached"),
    Box(2, 3, "queue", "media_queue"),
    Box(1, 3, "function", "media"),
    Box(0, 3, "store", "bucket"),
    Box(3, 3, "queue", "forward_queue"),
    Box(3, 4, "function", "forward"),
    Box(2, 4, "queue", "yours"),
    Box(1, 4, "outside", "helpdesk"),
    Box(4, 4, "function", "api"),
)

_LINES = (
    "M188 54 H220",
    "M392 54 H424",
    "M596 54 H628",
    "M800 54 H832",
    "M188 142 H220",
    "M392 142 H514 V92",
    "M922 84 V216",
    "M840 254 H808",
    "M636 254 H604",
    "M432 254 H400",
    "M228 254 H196",
    "M620 254 V342 H604",
    "M620 342 V430 H604",
    "M880 284 V342 H808",
    "M718 372 V392",
    "M718 460 V480 H350 V468",
    "M432 342 H400",
    "M228 342 H196",
    "M432 430 H400",
    "M310 460 V500 H922 V468",
    "M1004 430 H1036 V54 H1012",
)

_NAMES = {
    "webhook": "webhook",
    "ingest": "ingest",
    "chat": "chat, socket",
    "publish": "publish",
    "deliver": "deliver",
    "forward": "forward",
    "media": "media",
    "api": "api",
}
"""Functions are called the same in every language."""

_ENGLISH = {
    "providers": ("Providers", "WeChat, Slack, mail"),
    "browsers": ("Browsers", "web chat"),
    "webhook": (_NAMES["webhook"], "proves who sent it"),
    "chat": (_NAMES["chat"], "proves the session"),
    "inbound": ("inbound queue", "per-sender order"),
    "ingest": (_NAMES["ingest"], "finds the conversation"),
    "table": ("DynamoDB", "the log of record"),
    "publish": (_NAMES["publish"], "reads the table's stream"),
    "events": ("events topic", "per-conversation order"),
    "outbound": ("outbound queue", "replies to be sent"),
    "deliver": (_NAMES["deliver"], "sends, notes outcome"),
    "reached": ("Customer", "provider or open page"),
    "media_queue": ("media queue", "files to be fetched"),
    "media": (_NAMES["media"], "fetches and checks"),
    "bucket": ("S3 bucket", "files"),
    "forward_queue": ("forward queue", "per-subscriber order"),
    "forward": (_NAMES["forward"], "signed webhooks"),
    "yours": ("your queue", "any number of them"),
    "helpdesk": ("Helpdesk or bot", "yours"),
    "api": (_NAMES["api"], "HTTP under /v1"),
    "function": ("Lambda function", ""),
    "queue": ("SQS, SNS", ""),
    "store": ("store", ""),
    "outside": ("outside", ""),
    "title": ("How a message travels through onethread", ""),
}
_CHINESE = {
    "providers": ("平台", "微信、Slack、邮件"),
    "browsers": ("浏览器", "网页聊天"),
    "webhook": (_NAMES["webhook"], "验证来源"),
    "chat": (_NAMES["chat"], "验证会话令牌"),
    "inbound": ("入站队列", "按发送者保序"),
    "ingest": (_NAMES["ingest"], "归入会话"),
    "table": ("DynamoDB", "唯一的日志"),
    "publish": (_NAMES["publish"], "读取表的变更流"),
    "events": ("事件主题", "按会话保序"),
    "outbound": ("出站队列", "待发送的回复"),
    "deliver": (_NAMES["deliver"], "发送并记录结果"),
    "reached": ("客户", "平台或打开的网页"),
    "media_queue": ("媒体队列", "待下载的文件"),
    "media": (_NAMES["media"], "下载并检查"),
    "bucket": ("S3 存储桶", "文件"),
    "forward_queue": ("转发队列", "按订阅者保序"),
    "forward": (_NAMES["forward"], "带签名的回调"),
    "yours": ("您的队列", "数量不限"),
    "helpdesk": ("客服系统、机器人", "您自己的程序"),
    "api": (_NAMES["api"], "/v1 下的 HTTP 接口"),
    "function": ("Lambda 函数", ""),
    "queue": ("SQS、SNS", ""),
    "store": ("存储", ""),
    "outside": ("外部", ""),
    "title": ("消息如何流经 onethread", ""),
}
_WORDS: dict[Language, dict[str, tuple[str, str]]] = {"en": _ENGLISH, "zh-CN": _CHINESE}

_LEGEND: tuple[tuple[Kind, int], ...] = (("outside", 24), ("function", 170), ("queue", 350), ("store", 490))


def picture(language: Language) -> str:
    """The whole SVG document."""
    words = _WORDS[language]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-labelledby="title" lang="{language}">',
        f'<title id="title">{escape(words["title"][0])}</title>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
        f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="12"/>',
        *(f'<path class="line" d="{line}" marker-end="url(#head)"/>' for line in _LINES),
        *(_box(box, *words[box.name]) for box in _BOXES),
        *(_legend(kind, x, words[kind][0]) for kind, x in _LEGEND),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(box: Box, title: str, note: str) -> str:
    x, y = _COLUMNS[box.column], _ROWS[box.row]
    middle = x + _BOX_WIDTH // 2
    return (
        f'<rect class="{box.kind}" x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="8"/>'
        f'<text class="title" x="{middle}" y="{y + 26}" text-anchor="middle">{escape(title)}</text>'
        f'<text class="note" x="{middle}" y="{y + 45}" text-anchor="middle">{escape(note)}</text>'
    )


def _legend(kind: Kind, x: int, word: str) -> str:
    y = _HEIGHT - 32
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="16" height="16" rx="4"/>'
        f'<text class="note" x="{x + 24}" y="{y + 13}">{escape(word)}</text>'
    )
