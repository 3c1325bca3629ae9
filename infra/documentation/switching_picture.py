"""The picture of a customer who moves: one log, and the channel each of its entries was on. SVG, light and dark."""

from __future__ import annotations

from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from infra.documentation.picture import STYLE
from infra.documentation.words import Language

Kind = Literal["in", "out", "link", "switch", "opened"]

_WIDTH, _HEIGHT = 1056, 400
_LEFT, _STEP = 196, 62
_LANES = {"webchat": 96, "wechat": 176, "email": 256}
_LOG = 330

_OWN_STYLE = """
.lane { fill: #f6f8fa; stroke: #d1d9e0; } .number { font-size: 12px; fill: #59636e; }
.thread { fill: none; stroke: #818b98; stroke-width: 3; stroke-linejoin: round; }
.in { fill: #0969da; } .out { fill: #ffffff; stroke: #1a7f37; stroke-width: 3; } .link { fill: #9a6700; }
.switch { fill: #818b98; } .opened { fill: #818b98; }
@media (prefers-color-scheme: dark) {
  .lane { fill: #161b22; stroke: #3d444d; } .thread { stroke: #656c76; }
  .in { fill: #4493f8; } .out { fill: #0d1117; stroke: #3fb950; } .link { fill: #d29922; }
  .number { fill: #9198a1; }
}
"""


class Entry(NamedTuple):
    """An entry of the log, the channel it was on, and the key of its words."""

    kind: Kind
    lane: str
    words: str = ""


_ENTRIES = (
    Entry("opened", "webchat"),
    Entry("in", "webchat", "question"),
    Entry("out", "webchat", "answer"),
    Entry("link", "wechat", "scan"),
    Entry("switch", "wechat"),
    Entry("out", "wechat", "answer"),
    Entry("in", "wechat", "question"),
    Entry("link", "email", "mail"),
    Entry("switch", "email"),
    Entry("in", "email", "question"),
    Entry("out", "email", "answer"),
    Entry("switch", "webchat"),
    Entry("in", "webchat", "question"),
    Entry("out", "webchat", "answer"),
)

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "One conversation over three channels",
        "webchat": "Web chat",
        "wechat": "WeChat",
        "email": "Email",
        "log": "The log",
        "question": "customer",
        "answer": "agent",
        "scan": "scans the code",
        "mail": "follows the link",
        "in": "message of the customer",
        "out": "reply",
        "link": "identity.linked",
        "switch": "conversation.channel_switched",
        "sequence": "one conversation id, sequence 1 to 14 without a gap",
    },
    "zh-CN": {
        "title": "一个会话，三个渠道",
        "webchat": "网页聊天",
        "wechat": "微信",
        "email": "邮件",
        "log": "日志",
        "question": "客户",
        "answer": "客服",
        "scan": "扫码",
        "mail": "点链接",
        "in": "客户的消息",
        "out": "回复",
        "link": "identity.linked",
        "switch": "conversation.channel_switched",
        "sequence": "同一个会话编号，序号 1 到 14，没有缺号",
    },
}
_LEGEND: tuple[tuple[Kind, int], ...] = (("in", 24), ("out", 236), ("link", 336), ("switch", 480))


def switching_picture(language: Language) -> str:
    """The whole SVG document."""
    words = _WORDS[language]
    points = [(_LEFT + number * _STEP, _LANES[entry.lane]) for number, entry in enumerate(_ENTRIES)]
    thread = "M" + " L".join(f"{x} {y}" for x, y in points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-labelledby="title" lang="{language}">',
        f'<title id="title">{escape(words["title"])}</title>',
        f"<style>{STYLE}{_OWN_STYLE}</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="12"/>',
        f'<text class="title" x="24" y="34">{escape(words["title"])}</text>',
        *(_lane(words[name], y) for name, y in _LANES.items()),
        f'<path class="thread" d="{thread}"/>',
        *(_entry(number, points, words) for number in range(len(_ENTRIES))),
        f'<text class="title" x="24" y="{_LOG + 5}">{escape(words["log"])}</text>',
        *(_number(number, x) for number, (x, _) in enumerate(points, 1)),
        f'<text class="note" x="{_WIDTH - 24}" y="{_HEIGHT - 19}" text-anchor="end">{escape(words["sequence"])}</text>',
        *(_legend(kind, x, words[kind]) for kind, x in _LEGEND),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lane(word: str, y: int) -> str:
    return (
        f'<rect class="lane" x="136" y="{y - 32}" width="{_WIDTH - 160}" height="64" rx="8"/>'
        f'<text class="title" x="24" y="{y + 5}">{escape(word)}</text>'
    )


def _entry(number: int, points: list[tuple[int, int]], words: dict[str, str]) -> str:
    """The mark and its words, on the side where the thread does not run."""
    entry, (x, y) = _ENTRIES[number], points[number]
    mark = _mark(entry.kind, x, y)
    if not entry.words:
        return mark
    runs_above = any(other < y for _, other in points[max(number - 1, 0) : number + 2])
    height = y + 24 if runs_above else y - 15
    return f'{mark}<text class="note" x="{x}" y="{height}" text-anchor="middle">{escape(words[entry.words])}</text>'


def _mark(kind: Kind, x: int, y: int) -> str:
    if kind == "link":
        return f'<path class="link" d="M{x} {y - 9} L{x + 9} {y} L{x} {y + 9} L{x - 9} {y} Z"/>'
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="{8 if kind in ("in", "out") else 5}"/>'


def _number(number: int, x: int) -> str:
    return (
        f'<rect class="lane" x="{x - 22}" y="{_LOG - 16}" width="44" height="32" rx="6"/>'
        f'<text class="number" x="{x}" y="{_LOG + 5}" text-anchor="middle">{number}</text>'
    )


def _legend(kind: Kind, x: int, word: str) -> str:
    y = _HEIGHT - 23
    return f'{_mark(kind, x + 8, y)}<text class="note" x="{x + 26}" y="{y + 4}">{escape(word)}</text>'
