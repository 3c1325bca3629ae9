"""The body of a mail as plain text, and the part of it that the person wrote now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from connectors.channels.email.body.cutting import Hints

LOOKED_AT = 200_000
"""Characters that are looked at for cutting; what is longer is not a reply with a quote, and is kept whole."""


class Visible(NamedTuple):
    """A mail's words: ``text`` is what the person wrote now, ``full`` the whole body, ``cut`` whether they differ."""

    text: str
    full: str
    cut: bool


def visible_text(text: str) -> Visible:
    """The visible reply in a body of plain text.

    Quotes are cut, then signatures. When nothing would be left, or the mail is forwarded, all of it is kept.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _visible(text.split("\n"))


def visible_html(html: str) -> Visible:
    """The visible reply in a body of HTML, of which the first megabyte is read.

    Blocks become lines, links ``label (address)``, table cells are separated by `` | ``, quotes start with ``>``.
    """
    from connectors.channels.email.body.reading import read_html  # parsing HTML is not part of a cold start

    lines, hints = read_html(html)
    return _visible(lines, hints)


def _visible(lines: list[str], hints: Hints | None = None) -> Visible:
    from connectors.channels.email.body.cutting import Hints, kept_lines  # patterns are not part of a cold start
    from connectors.channels.email.body.signatures import without_signature

    full = _joined(lines)
    looked_at = lines if len(full) <= LOOKED_AT else _bounded(lines)
    kept = kept_lines(looked_at, hints or Hints())
    if looked_at is not lines and (not kept or kept[-1] is looked_at[-1] or _goes_on(lines, len(looked_at))):
        return Visible(full, full, cut=False)
    text = _joined(without_signature(kept)) or full
    return Visible(text, full, cut=text != full)


def _goes_on(lines: list[str], number: int) -> bool:
    """Whether a quote that ends further down than is looked at may have an answer below it."""
    quoted = lines[number - 1].lstrip().startswith(">")
    return quoted and any(line.strip() and not line.lstrip().startswith(">") for line in lines[number:])


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _bounded(lines: list[str]) -> list[str]:
    total = 0
    for number, line in enumerate(lines):
        total += len(line) + 1
        if total > LOOKED_AT:
            return [*lines[:number], line[: LOOKED_AT - total]]
    return lines
