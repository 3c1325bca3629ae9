"""Formatted text made plain, for channels that show no formatting: HTML and Markdown to text with readable links."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

Link = Callable[[str, str], str]
"""How a link is written: (label, address) -> text."""

Quote = Callable[[str], str]
"""How text that is not a link is written, for a channel where some characters have a meaning."""

_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\((https?://[^\s()]{1,2000})\)")
_MARKDOWN_MARKS = (
    (re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}```[^\n]*\n?", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__|~~)(?=\S)([^\n]{1,2000}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,2000}?)(?<=\S)_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]{1,2000})`"), r"\1"),
)


def label_and_address(label: str, address: str) -> str:
    """A link in plain text: ``label (address)``, or the address alone when both are the same."""
    return address if not label or label == address else f"{label} ({address})"


def _unchanged(text: str) -> str:
    return text


def html_to_text(html: str, link: Link = label_and_address, quote: Quote = _unchanged) -> str:
    """What a reader of the HTML sees, in lines.

    Scripts, styles and everything that is not text or a web link is left out.
    """
    reader = _Reader(link, quote)
    reader.feed(html)
    reader.close()
    return reader.text()


def markdown_to_text(markdown: str, link: Link = label_and_address, quote: Quote = _unchanged) -> str:
    """The Markdown without its marks: headings, emphasis, code and links; lists and quotes read well as they are."""
    pieces: list[str] = []
    position = 0
    for found in _MARKDOWN_LINK.finditer(markdown):
        pieces.append(quote(_without_marks(markdown[position : found.start()])))
        pieces.append(link(_without_marks(found[1]), found[2]))
        position = found.end()
    pieces.append(quote(_without_marks(markdown[position:])))
    return "".join(pieces)


def _without_marks(markdown: str) -> str:
    for pattern, replacement in _MARKDOWN_MARKS:
        markdown = pattern.sub(replacement, markdown)
    return markdown


class _Reader(HTMLParser):
    def __init__(self, link: Link, quote: Quote) -> None:
        super().__init__(convert_charrefs=True)
        self._link = link
        self._quote = quote
        self._pieces: list[str] = []
        self._hidden = 0
        self._address: str | None = None
        self._label: list[str] = []

    def text(self) -> str:
        self._end_link()
        lines = [re.sub(r"[ \t]+", " ", line).strip() for line in "".join(self._pieces).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "a":
            self._end_link()
            address = dict(attrs).get("href") or ""
            self._address = address if _WEB_ADDRESS.match(address) else None
        elif tag == "br" or tag in _BLOCKS:
            self._write("\n")
        elif tag == "li":
            self._write("\n- ")
        elif tag == "img":
            self._write(self._quote(dict(attrs).get("alt") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a":
            self._end_link()
        elif tag in _BLOCKS:
            self._write("\n")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        words = re.sub(r"\s+", " ", data)
        if self._address is None:
            self._write(self._quote(words))
        else:
            self._label.append(words)

    def _write(self, text: str) -> None:
        if self._address is not None and text.strip() == "":
            self._label.append(" ")
        else:
            self._pieces.append(text)

    def _end_link(self) -> None:
        if self._address is not None:
            self._pieces.append(self._link("".join(self._label).strip(), self._address))
        self._address = None
        self._label = []
