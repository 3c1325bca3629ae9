"""Text of ours as HTML: plain text with its lines and links, Markdown, and agents' HTML with everything that could run
taken out.

Nothing that a customer or an agent wrote becomes a tag here unless it is on a list.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESS = re.compile(r"https?://[^\s<>\"'\u3000-\u303f\uff00-\uff65\ue000\ue001]{1,2000}", re.IGNORECASE)
_NOT_AT_THE_END = ".,;:!?)]}*_~`"
_PRIVATE = re.compile("[\ue000\ue001]")
_KEPT = re.compile("\ue000(\\d+)\ue001")
_CODE = re.compile(r"`([^`\n]{1,2000})`")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\((https?://[^\s()<>\"]{1,2000})\)", re.IGNORECASE)
_EMPHASIS = (
    (re.compile(r"(\*\*|__)(?=\S)([^\n]{1,2000}?)(?<=\S)\1"), r"<strong>\2</strong>"),
    (re.compile(r"~~(?=\S)([^\n]{1,2000}?)(?<=\S)~~"), r"<s>\1</s>"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*(?![\w*])"), r"<em>\1</em>"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,2000}?)(?<=\S)_(?!\w)"), r"<em>\1</em>"),
)
_HEADING = re.compile(r" {0,3}(#{1,6}) +(.*?)[ #]*")
_FENCE = re.compile(r" {0,3}```[^`]*")
_RULE = re.compile(r" {0,3}(?:-{3,}|\*{3,}|_{3,}) *")
_BULLET = re.compile(r" {0,8}[-*+] +(.*)")
_NUMBER = re.compile(r" {0,8}(\d{1,9})[.)] +(.*)")
_QUOTED = re.compile(r" {0,3}> ?(.*)")

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em"),
    *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol"),
    *("p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead"),
    *("tr", "u", "ul"),
}
_ATTRIBUTES = {
    "*": {"dir", "lang", "style", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"align", "valign", "colspan", "rowspan"},
    "th": {"align", "valign", "colspan", "rowspan"},
}
_STYLES = {
    *("background-color", "border", "border-collapse", "border-radius", "color", "font-family", "font-size"),
    *("font-style", "font-weight", "line-height", "list-style-type", "margin", "padding", "text-align"),
    *("text-decoration", "vertical-align", "white-space", "width"),
}


def paragraph(inner: str) -> str:
    """A block of the mail. Each finds its own direction, so that Arabic and Hebrew read from the right."""
    return f'<div dir="auto" style="margin:0 0 12px">{inner}</div>'


def own_direction(inner: str) -> str:
    """HTML that is not ours: what it does not say of its direction follows from its letters."""
    return f'<div dir="auto">{inner}</div>' if inner.strip() else ""


def link(address: str, label: str) -> str:
    """``address`` is one that :func:`shared.model.plain_parts.is_web_address` has let through."""
    return f'<a href="{html.escape(address)}" rel="noopener noreferrer">{html.escape(label)}</a>'


def plain(text: str) -> str:
    """Plain text: lines stay lines, several blanks stay several, web addresses become links."""
    pieces: list[str] = []
    position = 0
    for found in _ADDRESS.finditer(text):
        address = _trimmed(found[0])
        pieces += [_spaced(html.escape(text[position : found.start()])), link(address, address)]
        position = found.start() + len(address)
    pieces.append(_spaced(html.escape(text[position:])))
    return "".join(pieces)


def markdown(text: str) -> str:
    """The common part of Markdown: headings, lists, quotes, code, rules, links and emphasis. Tags in it are text."""
    lines = _PRIVATE.sub("", text).replace("\r\n", "\n").split("\n")
    pieces: list[str] = []
    start = 0
    while start < len(lines):
        end, piece = _block(lines, start)
        pieces.append(piece)
        start = end
    return "".join(pieces)


def cleaned(text: str) -> str:
    """HTML with nothing in it but text, its layout, links to the web, mail and telephone, and pictures on the web."""
    import nh3

    return nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        filter_style_properties=_STYLES,
        url_relative="deny",
    )


def _block(lines: list[str], start: int) -> tuple[int, str]:
    """The block that begins at a line, and where the next one begins."""
    line = lines[start]
    if not line.strip():
        return start + 1, ""
    if _FENCE.fullmatch(line):
        return _fenced(lines, start)
    if heading := _HEADING.fullmatch(line):
        level = len(heading[1])
        return start + 1, f'<h{level} dir="auto">{_inline(heading[2])}</h{level}>'
    if _RULE.fullmatch(line):
        return start + 1, "<hr>"
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol"), (_QUOTED, "blockquote")):
        if first := pattern.fullmatch(line):
            return _group(lines, start, pattern, tag, first)
    end = start + 1
    while end < len(lines) and lines[end].strip() and not _begins_block(lines[end]):
        end += 1
    return end, paragraph("<br>".join(map(_inline, lines[start:end])))


def _fenced(lines: list[str], start: int) -> tuple[int, str]:
    end = start + 1
    while end < len(lines) and not _FENCE.fullmatch(lines[end]):
        end += 1
    code = html.escape("\n".join(lines[start + 1 : end]))
    return end + 1, f'<pre dir="auto" style="margin:0 0 12px"><code>{code}</code></pre>'


def _group(lines: list[str], start: int, pattern: re.Pattern[str], tag: str, first: re.Match[str]) -> tuple[int, str]:
    """Lines of one list, or of one quote."""
    items: list[str] = []
    end = start
    while end < len(lines) and (found := pattern.fullmatch(lines[end])):
        items.append(_inline(found[found.re.groups]))
        end += 1
    if tag == "blockquote":
        return end, f'<blockquote dir="auto">{"<br>".join(items)}</blockquote>'
    number = f' start="{int(first[1])}"' if tag == "ol" and int(first[1]) != 1 else ""
    return end, f'<{tag}{number} dir="auto">{"".join(f"<li>{item}</li>" for item in items)}</{tag}>'


def _begins_block(line: str) -> bool:
    if _FENCE.fullmatch(line):
        return True
    return any(pattern.fullmatch(line) for pattern in (_HEADING, _RULE, _BULLET, _NUMBER, _QUOTED))


def _inline(text: str) -> str:
    """Links and code are set aside before marks of emphasis are read, so that none is found inside them."""
    kept: list[str] = []

    def keep(piece: str) -> str:
        kept.append(piece)
        return f"\ue000{len(kept) - 1}\ue001"

    text = _LINK.sub(lambda found: keep(link(found[2], found[1].replace("`", "") or found[2])), text)
    text = _CODE.sub(lambda found: keep(f"<code>{html.escape(found[1])}</code>"), text)
    text = _ADDRESS.sub(lambda found: _kept_address(found[0], keep), text)
    text = html.escape(text)
    for pattern, replacement in _EMPHASIS:
        text = pattern.sub(replacement, text)
    return _KEPT.sub(lambda found: _KEPT.sub(lambda inner: kept[int(inner[1])], kept[int(found[1])]), text)


def _kept_address(found: str, keep: Callable[[str], str]) -> str:
    address = _trimmed(found)
    return keep(link(address, address)) + found[len(address) :]


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence that the address stands in."""
    return address.rstrip(_NOT_AT_THE_END)


def _spaced(escaped: str) -> str:
    return escaped.replace("\r\n", "\n").replace("\n", "<br>").replace("  ", "&nbsp; ")
