"""Text in Slack's own markup, mrkdwn.

Only ``& < >`` are escaped, each once and at one place: what an agent writes can therefore never become a mention, and
``<!channel>`` arrives as it was typed. Source: docs.slack.dev, "Formatting message text".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.model.capabilities import TextLimit
from shared.model.plain import html_to_text
from shared.model.text import split_text, without_space

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.parts import TextPart

_LONGEST_ADDRESS = 2_000
_LONGEST_LABEL = 500
_ADDRESS = re.compile(r"https?://[^\s<>\"'`|\x00\x01]{1,2000}")
_TRAILING = ".,;:!?)]}*_~。，！？）"
_FENCE = re.compile(r"^ {0,3}```[^\n`]*\n(.*?)(?:\n {0,3}```[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]{1,2000})`")
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]\(((?:https?://|mailto:)[^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200})?)\)"
)
_AUTOLINK = re.compile(r"<(https?://[^\s<>|]{1,2000})>")
_BOLDS = (
    re.compile(r"\*\*(?=\S)(\*?(?:[^*\n]|\*(?!\*))+?\*?)(?<=\S)\*\*(?!\*)"),
    re.compile(r"(?<!\w)__(?=\S)(_?(?:[^_\n]|_(?!_))+?_?)(?<=\S)__(?!\w)"),
)
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,1000}?)(?<=\S)\*(?![\w*])")
_STRIKE = re.compile(r"~~(?=\S)([^~\n]{1,1000}?)(?<=\S)~~")
_HEADING = re.compile(r"^ {0,3}#{1,6} +(.+?)(?: +#+)? *$", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]{0,16})[-*+] +", re.MULTILINE)
_QUOTE = re.compile(r"^ {0,3}&gt; ?", re.MULTILINE)
_KEPT = re.compile("\x00(\\d{1,7})\x00")
_BARE_ENTITY = re.compile(r"&[a-z]{0,3}\Z")
_SLACK_MARK = "\x01"
"""Stands for the ``*`` of bold until italics are done."""


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """Text as it is; web addresses in it become links."""
    pieces, position = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_TRAILING)
        pieces += [escape(text[position : found.start()]), link("", address)]
        position = found.start() + len(address)
    pieces.append(escape(text[position:]))
    return "".join(pieces)


def link(label: str, address: str) -> str:
    """``<address|label>``; in words where that would be too long to stay in one piece."""
    label = " ".join(label.split())
    if len(address) > _LONGEST_ADDRESS or len(label) > _LONGEST_LABEL:
        return escape(f"{label} ({address})" if label else address)
    target = escape(address).replace("|", "%7C")
    return f"<{target}|{escape(label).replace('|', '¦')}>" if label and label != address else f"<{target}>"


def text_content(part: TextPart) -> str:
    """The text of a part in mrkdwn."""
    if part.format == "html":
        return html_to_text(part.text, link, escape)
    return from_markdown(part.text) if part.format == "markdown" else literal(part.text)


def from_markdown(markdown: str) -> str:
    """Bold, italics, strikes, links, code, headings (as bold), lists and quotes; all else stays as it was typed."""
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return f"\x00{len(kept) - 1}\x00"

    text = markdown.replace("\x00", "").replace(_SLACK_MARK, "")
    text = _FENCE.sub(lambda found: keep(f"```\n{escape(found[1])}\n```"), text)
    text = _CODE.sub(lambda found: keep(f"`{escape(found[1])}`"), text)
    text = _LINK.sub(lambda found: keep(link(_restored(found[1], kept), found[2])), text)
    text = _AUTOLINK.sub(lambda found: keep(link("", found[1])), text)
    text = _ADDRESS.sub(lambda found: _kept_address(found[0], keep), text)
    text = _styled(escape(text))
    return _restored(text, kept)


def pieces(mrkdwn: str, maximum: int) -> list[str]:
    """The text in pieces of at most ``maximum`` characters (1,000 or more), cut where it hurts least: never inside a
    link or an escaped character. Code that is cut is code in both pieces."""
    found = []
    rest = mrkdwn
    while len(rest) > maximum:
        limit = TextLimit(maximum=maximum - 8, unit="characters")
        first = split_text(rest[: maximum + 64], limit)
        head = rest[: rest.index(first[0]) + len(first[0])] if first else ""
        cut = _safe_cut(rest, len(head) or maximum - 8)
        head, rest = rest[:cut], without_space(rest[cut:])
        if head.count("```") % 2:
            head, rest = f"{head.rstrip()}\n```", f"```\n{rest}"
        if head.strip():
            found.append(head.strip("\n"))
    return [*found, rest] if rest.strip() else found


def _safe_cut(text: str, cut: int) -> int:
    opened = text.rfind("<", 0, cut)
    if opened > 0 and ">" not in text[opened:cut]:
        return opened
    entity = _BARE_ENTITY.search(text, max(0, cut - 4), cut)
    return entity.start() if entity and entity.start() > 0 else cut


def _styled(text: str) -> str:
    """The marks of Markdown in escaped text become those of mrkdwn."""
    text = _HEADING.sub(lambda found: f"{_SLACK_MARK}{_bold(found[1], '')}{_SLACK_MARK}", text)
    text = _BULLET.sub(r"\1• ", text)
    text = _QUOTE.sub(">", text)
    text = _bold(text, _SLACK_MARK)
    text = _ITALIC.sub(r"_\1_", text)
    text = _STRIKE.sub(r"~\1~", text)
    return text.replace(_SLACK_MARK, "*")


def _bold(text: str, mark: str) -> str:
    for bold in _BOLDS:
        text = bold.sub(rf"{mark}\1{mark}", text)
    return text


def _kept_address(address: str, keep: Callable[[str], str]) -> str:
    shown = address.rstrip(_TRAILING)
    return keep(link("", shown)) + address[len(shown) :]


def _restored(text: str, kept: list[str]) -> str:
    return _KEPT.sub(lambda found: kept[int(found[1])], text)
