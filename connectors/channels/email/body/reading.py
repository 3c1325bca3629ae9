"""HTML read into lines of plain text, with what its markup says about quotes and signatures."""

from __future__ import annotations

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from connectors.channels.email.body.cutting import Hints
from connectors.channels.email.body.lines import BLOCKS, Writer
from connectors.channels.email.body.markup import Meaning, meaning
from connectors.channels.email.body.nesting import is_costly, without_tags
from connectors.channels.email.body.vocabulary import words

LIMIT = 1_000_000
"""Characters of HTML that are read."""

_SKIPPED = words("script style head title template textarea select svg math object iframe audio video canvas")
_MARKED = words("div blockquote hr section includetail")
_ATTRIBUTED = frozenset({"a", "img", "ol"})
_EMPTY = words("br hr img")
_SELDOM = re.compile("display|mso-hide|OLK_SRC")
_SELDOM_MARKED = words("span p td tr table li font center h1 h2 h3 b strong i")
_ACTIVE = BLOCKS | {"br", "a", "img", "td", "th"}
_RAW = "script|style|xmp|iframe|noembed|noframes|plaintext"
_TOKEN = re.compile(
    rf"([^<]++)|<(?:/([^>]*)>|!--.*?-->|(?:{_RAW})(?=[\s>]).*?</(?:{_RAW})>|([^\s>/]+)([^>]*)>)", re.DOTALL
)
_ATTRIBUTE = re.compile(r'([^\s="]+)="([^"]*)"')
_NONE: dict[str, str | None] = {}


def read_html(html: str) -> tuple[list[str], Hints]:
    """The lines that a reader of the HTML sees, and hints for the cutter. Lines in a quote start with ``>``."""
    html = html[:LIMIT].replace("\0", "")
    if is_costly(html):
        return unescape(without_tags(html)).split("\n"), Hints()
    body = LexborHTMLParser(html).body
    writer = Writer()
    if body is not None:
        _walk(body.html or "", writer, _MARKED | _SELDOM_MARKED if _SELDOM.search(html) else _MARKED)
    return writer.finished()


def _walk(html: str, writer: Writer, marked: frozenset[str]) -> None:
    """Every element and text once, in the order of reading, from the tree as the parser writes it out.

    There every tag is closed and every value quoted, so that one pattern finds the tokens, several times faster than
    asking the tree node by node. Most elements change neither lines nor their meaning, and are only passed through.
    """
    noted = _ACTIVE | marked | _SKIPPED
    above: list[Meaning | None] = []
    hidden = ""
    depth = 0
    if "<pre" not in html:
        html = _collapsed(html)
        writer.collapsed = True
    for text, closed, opened, written in _TOKEN.findall(html):
        if hidden:
            depth += (opened == hidden) - (closed == hidden)
            hidden = hidden if depth else ""
        elif text:
            writer.text(_unescaped(text) if "&" in text else text)
        elif closed:
            if closed in noted:
                writer.leave(closed, above.pop() if above else None)
        elif opened in noted:
            attributes = _attributes(written) if written and (opened in marked or opened in _ATTRIBUTED) else _NONE
            found = Meaning.QUOTE if opened == "includetail" else meaning(opened, attributes) if attributes else None
            if found is Meaning.HIDDEN or opened in _SKIPPED:
                if opened not in _EMPTY:
                    hidden, depth = opened, 1
                continue
            writer.enter(opened, attributes, found)
            if opened in _EMPTY:
                writer.leave(opened, found)
            else:
                above.append(found)


def _collapsed(html: str) -> str:
    """With runs of spaces as one; no-break spaces stand as entities here."""
    html = html.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " ")
    while "  " in html:
        html = html.replace("  ", " ")
    return html


def _attributes(written: str) -> dict[str, str | None]:
    return {name: _unescaped(value) if "&" in value else value for name, value in _ATTRIBUTE.findall(written)}


def _unescaped(text: str) -> str:
    """The parser writes no other entities."""
    text = text.replace("&nbsp;", "\u00a0").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&quot;", '"').replace("&amp;", "&")
