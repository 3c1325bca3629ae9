"""Lines of plain text under construction, while HTML is read from its beginning to its end."""

from __future__ import annotations

import re

from connectors.channels.email.body.cutting import Hints
from connectors.channels.email.body.markup import Meaning
from connectors.channels.email.body.vocabulary import words

BLOCKS = words(
    "div p ul ol li dl dt dd table tr blockquote pre h1 h2 h3 h4 h5 h6 hr section article header footer main aside "
    "address center figure figcaption form fieldset caption thead tbody tfoot includetail details summary"
)
"""Elements that begin and end lines."""

_ITEMS = frozenset({"li", "tr"})
_SPACED = words("p h1 h2 h3 h4 h5 h6 pre ul ol table dl")
_ADDRESSES = ("http://", "https://", "mailto:", "tel:")
_SPACES = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
_SCHEME = re.compile(r"(?:https?://|tel:|mailto:)?(?:www\.)?")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u034f]")
_PADDING = re.compile("(?<![^\\s\u200c\u200e\u200f])\u200c|\u200c(?![^\\s\u200c\u200e\u200f])")
"""Non-joiners that part no two letters: newsletters fill up their preview with them. Persian words need the others."""

_MARKS_OF_DIRECTION = "\u200e\u200f \t"


class Writer:
    """Lines under construction."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._gap = False
        self.collapsed = False
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
            for following in more:
                self._end_line(even_empty=True)
                self._write(following)
            return
        words = text if self.collapsed else _SPACES.sub(" ", text)
        line = self._line
        if words[0] == " " and (not line or line[-1][-1] == " "):
            words = words[1:]
        if words == " ":
            line.append(words)
        elif words:
            if self._separate:
                self._end_line()
            self._fresh = self._cell_is_empty = False
            line.append(words)

    def enter(self, tag: str, attributes: dict[str, str | None], found: Meaning | None) -> None:
        if tag == "br":
            self._end_line(even_empty=True)
            return
        if tag in BLOCKS:
            self._enter_block(tag, attributes)
        elif tag == "a":
            href = (attributes.get("href") or "").strip()
            usable = href if len(href) <= 2000 and href.lower().startswith(_ADDRESSES) else ""
            self._link.append((usable, len(self._lines), len(self._line)))
        elif tag == "img":
            alt = attributes.get("alt")
            if alt:
                self._write(alt)
        elif tag in {"td", "th"}:
            self._enter_cell()
        if found is not None:
            self._enter_meaning(found)

    def leave(self, tag: str, found: Meaning | None) -> None:
        if found is not None:
            self._leave_meaning(found)
        if tag in BLOCKS:
            self._leave_block(tag)
        elif tag == "a":
            self._leave_link()
        elif tag in {"td", "th"}:
            self._leave_cell()

    def _enter_block(self, tag: str, attributes: dict[str, str | None]) -> None:
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
            start = attributes.get("start") or "1"
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
        if address != label and _bare(address) != _bare(label):
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
        line = "".join(self._line)
        self._line.clear()
        if not line.isascii():
            line = _PADDING.sub("", _INVISIBLE.sub("", line.replace("\u00a0", " ")))
        line = line.rstrip()
        if not line.strip(_MARKS_OF_DIRECTION):
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
    return _SCHEME.sub("", address.lower(), 1).rstrip("/")
