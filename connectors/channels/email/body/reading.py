"""HTML read into lines of plain text, with what its markup says about quotes and signatures."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from connectors.channels.email.body.cutting import Hints
from connectors.channels.email.body.markup import Meaning, meaning
from connectors.channels.email.body.nesting import is_costly, without_tags

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

LIMIT = 1_000_000
"""Characters of HTML that are read."""

_SKIPPED = frozenset(
    "script style head title template textarea select svg math object iframe audio video canvas -comment".split()
)
_BLOCKS = frozenset(
    "div p ul ol li dl dt dd table tr blockquote pre h1 h2 h3 h4 h5 h6 hr section article header footer main aside "
    "address center figure figcaption form fieldset caption thead tbody tfoot includetail details summary".split()
)
_ITEMS = frozenset({"li", "tr"})
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 pre ul ol table dl".split())
_MARKED = frozenset("div blockquote hr section includetail".split())
_LINKS = frozenset({"a"})
_HIDEABLE = frozenset("span p td tr table li font center h1 h2 h3 b strong i".split())
_ACTIVE = _BLOCKS | {"br", "a", "img", "td", "th"}
_NONE: dict[str, str | None] = {}
_ADDRESSES = ("http://", "https://", "mailto:", "tel:")
_SPACES = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u2060\ufeff\u00ad\u034f]")


def read_html(html: str) -> tuple[list[str], Hints]:
    """The lines that a reader of the HTML sees, and hints for the cutter. Lines in a quote start with ``>``."""
    html = html[:LIMIT].replace("\0", "")
    if is_costly(html):
        return unescape(without_tags(html)).split("\n"), Hints()
    body = LexborHTMLParser(html).body
    writer = _Writer()
    if body is not None:
        hiding = "display" in html or "mso-hide" in html
        _walk(body, writer, _MARKED | _LINKS | _HIDEABLE if hiding else _MARKED | _LINKS)
    return writer.finished()


def _walk(body: LexborNode, writer: _Writer, marked: frozenset[str]) -> None:
    """Every node once, in the order of reading; deep nesting costs no recursion.

    Most elements of a mail change neither lines nor their meaning, and are only passed through.
    """
    above: list[tuple[LexborNode, str, Meaning | None]] = []
    node = body.child
    while node is not None:
        tag = node.tag or ""
        following = None
        if tag == "-text":
            writer.text(node.text_content or "")
        elif tag not in _SKIPPED:
            attributes = node.attributes if tag in marked else _NONE
            found = Meaning.QUOTE if tag == "includetail" else meaning(tag, attributes) if attributes else None
            if found is not Meaning.HIDDEN:
                if tag in _ACTIVE or found is not None:
                    writer.enter(tag, node, attributes, found)
                following = node.child
                if following is not None:
                    above.append((node, tag, found))
                elif tag in _ACTIVE or found is not None:
                    writer.leave(tag, found)
        if following is None:
            following = node.next
            while following is None and above:
                parent, tag, found = above.pop()
                if tag in _ACTIVE or found is not None:
                    writer.leave(tag, found)
                following = parent.next
        node = following


class _Writer:
    """Lines under construction."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._gap = False
        self._preformatted = 0
        self._link: list[tuple[str, int, int]] = []
        self._lists: list[int | None] = []
        self._rows: list[int] = []
        self._fresh = False
        self._cell_is_empty = True
        self._separate = False
        self._quoted: set[int] = set()
        self._signature_starts: list[int] = []
        self._signatures: list[tuple[int, int]] = []
        self._attributions: list[int] = []
        self._rest: int | None = None
        self._forward: int | None = None

    def finished(self) -> tuple[list[str], Hints]:
        self._end_line()
        return self._lines, Hints(
            self._rest,
            self._forward,
            tuple(self._signatures),
            frozenset(self._attributions),
            frozenset(self._quoted),
        )

    def text(self, text: str) -> None:
        if self._preformatted:
            first, *more = text.split("\n")
            self._write(first)
            for line in more:
                self._end_line(even_empty=True)
                self._write(line)
            return
        words = _SPACES.sub(" ", text)
        line = self._line
        if not line or line[-1][-1] == " ":
            words = words.lstrip(" ")
        if words == " ":
            line.append(words)
        elif words:
            self._write(words)

    def enter(self, tag: str, node: LexborNode, attributes: dict[str, str | None], found: Meaning | None) -> None:
        if tag == "br":
            self._end_line(even_empty=True)
            return
        if tag in _BLOCKS:
            self._enter_block(tag, node)
        elif tag == "a":
            href = (attributes.get("href") or "").strip()
            usable = href if len(href) <= 2000 and href.lower().startswith(_ADDRESSES) else ""
            self._link.append((usable, len(self._lines), len(self._line)))
        elif tag == "img":
            alt = node.attributes.get("alt")
            if alt:
                self._write(alt)
        elif tag in {"td", "th"}:
            self._enter_cell()
        if found is not None:
            self._enter_meaning(found)

    def leave(self, tag: str, found: Meaning | None) -> None:
        if found is not None:
            self._leave_meaning(found)
        if tag in _BLOCKS:
            self._leave_block(tag)
        elif tag == "a":
            self._leave_link()
        elif tag in {"td", "th"}:
            self._leave_cell()

    def _enter_block(self, tag: str, node: LexborNode) -> None:
        if not (self._fresh and self._line and tag not in _ITEMS):
            self._end_line()
            self._gap = self._gap or (tag in _SPACED and not (self._rows and self._cell_is_empty))
        if tag == "li":
            self._enter_item()
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "ul":
            self._lists.append(None)
        elif tag == "ol":
            start = node.attributes.get("start") or "1"
            self._lists.append(int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1)
        elif tag == "tr":
            self._rows.append(len(self._lines))

    def _leave_block(self, tag: str) -> None:
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        elif tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        elif tag == "tr" and self._rows:
            self._rows.pop()
        if self._rows and tag not in {"tr", "table", "tbody"}:
            self._separate = True
            return
        self._end_line()
        self._gap = self._gap or (tag in _SPACED and not (tag in {"ul", "ol"} and self._lists))

    def _enter_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._line.append("- ")
        else:
            self._line.append(f"{number}. ")
            self._lists[-1] = number + 1
        self._fresh = True

    def _enter_cell(self) -> None:
        self._separate = False
        self._fresh = False
        self._cell_is_empty = True
        if not self._rows or not self._line:
            return
        if len(self._lines) > self._rows[-1]:
            self._end_line()
        else:
            self._line.append(" | ")
            self._fresh = True

    def _leave_cell(self) -> None:
        self._separate = False

    def _leave_link(self) -> None:
        href, lines, position = self._link.pop()
        if not href:
            return
        label = "".join(self._line[position:] if lines == len(self._lines) else self._line).strip()
        address = href[7:].partition("?")[0] if href[:7].lower() == "mailto:" else href
        if _bare(address) != _bare(label):
            self._write(f" ({address})" if label else address)

    def _enter_meaning(self, found: Meaning) -> None:
        self._end_line()
        if found is Meaning.QUOTE:
            self._depth += 1
        elif found is Meaning.SIGNATURE:
            self._signature_starts.append(len(self._lines))
        elif found is Meaning.ATTRIBUTION:
            self._attributions.append(len(self._lines))
        elif found is Meaning.REST and self._rest is None:
            self._rest = len(self._lines)
        elif found is Meaning.FORWARD and self._forward is None:
            self._forward = len(self._lines)

    def _leave_meaning(self, found: Meaning) -> None:
        self._end_line()
        if found is Meaning.QUOTE:
            self._depth -= 1
        elif found is Meaning.SIGNATURE:
            self._signatures.append((self._signature_starts.pop(), len(self._lines)))

    def _write(self, text: str) -> None:
        if not text:
            return
        if self._separate:
            self._separate = False
            self._end_line()
        if text != " ":
            self._fresh = self._cell_is_empty = False
        self._line.append(text)

    def _end_line(self, *, even_empty: bool = False) -> None:
        self._separate = False
        if not self._line:
            if even_empty:
                self._gap = True
            return
        line = "".join(self._line).replace("\u00a0", " ")
        self._line = []
        line = _INVISIBLE.sub("", line) if not line.isascii() else line
        line = line.rstrip()
        if not line:
            self._gap = True
            return
        if self._depth:
            self._quoted.add(len(self._lines) + (self._gap and bool(self._lines)))
        quote = ">" * min(self._depth, 20) + " " if self._depth else ""
        if self._gap and self._lines:
            self._lines.append(quote.rstrip() if self._lines[-1].startswith(">") else "")
        self._gap = False
        self._lines.append(quote + line)


def _bare(address: str) -> str:
    address = address.lower()
    for scheme in ("https://", "http://", "tel:", "mailto:"):
        address = address.removeprefix(scheme)
    return address.removeprefix("www.").rstrip("/")
