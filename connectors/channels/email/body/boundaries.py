"""Where the mail that is answered begins: attributions, separators, header blocks, and where a forwarded one does."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from connectors.channels.email.body.vocabulary import (
    FORWARD_BEGINS,
    FORWARDED,
    LABELS,
    ORIGINAL,
    STARTERS,
    WROTE,
)

LONGEST_ATTRIBUTION = 400
"""Characters of an attribution, over all its lines."""

_LONGEST_LABEL = 28
_HEADER_LINES = 14
_DASHES = " \t-_=*~—–─"
_INITIALS = "-_=*~—–─|"
_FINALS = ":：道到성씀-—"
_COLONS = (":", "：")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2}月\s?\d{1,2}日|\d{1,2}월\s?\d{1,2}일"
)
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:：h時时点點시]\s?\d{0,2}|(?:kl\.?|klo|um|at|ore) \d{1,2}\.\d\d", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@()\[\]:;,\"]{1,64}@[^\s<>@()\[\]:;,\"]{3,255}")
_ADDRESS_LAST = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{3,255}[>)\]\"'*]{1,3}\s*[:：]$")
_MYSELF = re.compile(r"\b(?:I|we|ich|wir|je|j'ai|yo|nous) (?:\w+ )?(?:wrote|schrieb|schrieben|écrit)\b", re.IGNORECASE)
_BEGINS = re.compile(r"[\W_]{0,4}(?:\d|\w{2,14}[.,]{0,2}\s+\d|(?:在|于|於)\s*\d)")


class Boundary(NamedTuple):
    """Lines that stand above another mail.

    ``sure`` is false where a ``>`` quote has to follow, for they could be a sentence.
    """

    start: int
    end: int
    forward: bool = False
    sure: bool = True


def is_candidate(line: str) -> bool:
    """Whether it is worth asking for the boundary at the line, which is stripped and not empty: few lines are."""
    return line[0] in _INITIALS or line[-1] in _FINALS or ((":" in line or "：" in line) and _label(line) is not None)


def boundary_at(lines: list[str], number: int, first: int) -> Boundary | None:
    """The boundary to which the line belongs, if it is one; lines before ``first`` are taken already."""
    line = lines[number].strip()
    found = None
    if line[0] in _DASHES:
        found = _separator(lines, number, line)
    if found is None and line[-1] in _FINALS:
        found = _forward_begins(number, line) or _attribution(lines, number, first)
    return found or _header_block(lines, number, line)


def attribution_above(lines: list[str], quote: int, first: int) -> Boundary | None:
    """The attribution above a quote, where a program writes no colon at its end."""
    above = quote - 1
    while above >= first and not lines[above].strip():
        above -= 1
    found = _attribution(lines, above, first) if above >= first else None
    return found if found is not None and found.sure else None


def quoted_forward(line: str) -> bool:
    """Whether the first line of a quote says that it was forwarded."""
    line = line.lstrip("> \t").rstrip()
    if not line or len(line) > LONGEST_ATTRIBUTION:
        return False
    return _forwarded().fullmatch(line.strip(_DASHES)) is not None and (line[0] in _DASHES or line[-1] in ":：")


def is_rule(line: str) -> bool:
    """Whether the line is drawn, as programs do above what they quote."""
    line = line.strip()
    return len(line) >= 3 and not line.strip("-_=─—")


def _separator(lines: list[str], number: int, line: str) -> Boundary | None:
    if len(line) > LONGEST_ATTRIBUTION:
        return None
    words = line.strip(_DASHES)
    if not words:
        below = number + 1
        while below < len(lines) and below < number + 3 and not lines[below].strip():
            below += 1
        if below < len(lines) and is_rule(line) and lines[below].strip():
            block = _header_block(lines, below, lines[below].strip(), ruled=True)
            return block and Boundary(number, block.end, block.forward)
        return None
    words = words.rstrip(":：").rstrip(_DASHES)
    if line.startswith(("--", "__", "==", "—", "─", "~~", "- -")):
        if _original().fullmatch(words):
            return Boundary(number, number + 1)
        if _forwarded().fullmatch(words):
            return Boundary(number, number + 1, forward=True)
    return None


def _forward_begins(number: int, line: str) -> Boundary | None:
    if (
        len(line) > LONGEST_ATTRIBUTION
        or line[-1] not in _COLONS
        or not _begins_forward().fullmatch(line.rstrip(" :：").strip("*"))
    ):
        return None
    return Boundary(number, number + 1, forward=True)


def _attribution(lines: list[str], number: int, first: int) -> Boundary | None:
    """An attribution that ends on this line. Programs wrap it: it may begin up to three lines above."""
    joined = ""
    weak: Boundary | None = None
    for start in range(number, max(first, number - 3) - 1, -1):
        line = lines[start].strip()
        if not line or line.startswith(">") or len(joined) + len(line) > LONGEST_ATTRIBUTION:
            break
        joined = f"{line} {joined}".strip()
        sure = _is_attribution(joined)
        if sure:
            return Boundary(_extended(lines, start, first, joined), number + 1)
        if sure is False and weak is None:
            weak = Boundary(start, number + 1, sure=False)
        if weak is not None and start < number and _starts().match(joined) and _wrote().search(joined):
            weak = Boundary(start, number + 1, sure=False)
    return weak


def _extended(lines: list[str], start: int, first: int, joined: str) -> int:
    """With the line above, when that is where the attribution began: ``On Tue,``."""
    if start <= first or (_starts().match(joined) and joined[0] not in "于於"):
        return start
    above = lines[start - 1].strip()
    if joined[0] in "于於" and above.endswith(">") and _ADDRESS.search(above) and len(above) < LONGEST_ATTRIBUTION:
        return start - 1  # the name and address of Gmail's Chinese attribution
    begins = _starts().match(above) and len(above) < 120 and above[-1:] not in ".!?:：。！？"
    return start - 1 if begins and (start - 1 == first or not lines[start - 2].strip()) else start


def _is_attribution(line: str) -> bool | None:
    """Whether the text is an attribution: surely, only if a ``>`` quote follows (False), or not at all (None)."""
    framed = line.startswith("--") and line.endswith("-")
    line = line.strip("-—* ")
    if _MYSELF.search(line):
        return None
    dated = _DATE.search(line) is not None and _TIME.search(line) is not None
    if dated and _ADDRESS_LAST.search(line):
        return True
    wrote = _wrote().search(line) is not None
    address = _ADDRESS.search(line) is not None
    if not wrote:
        return False if dated or address else None
    begins = _starts().match(line) is not None or _BEGINS.match(line) is not None
    return (dated and (begins or address)) or (address and (begins or framed))


def _header_block(lines: list[str], number: int, line: str, *, ruled: bool = False) -> Boundary | None:
    kind = _label(line)
    if kind is None or (kind == "cc"):
        return None
    kinds = {kind}
    at = "@" in line
    end = number + 1
    strangers = blanks = 0
    for below in range(number + 1, min(number + _HEADER_LINES, len(lines))):
        text = lines[below].strip()
        if not text:
            blanks += 1
            if blanks > 1:
                break
            continue
        label = _label(text)
        if label is None:
            strangers += 1
            if strangers > 2 or blanks:
                break
        else:
            if blanks and label in kinds:
                break
            kinds.add(label)
            end = below + 1
            strangers = blanks = 0
        at = at or "@" in text
    enough = "from" in kinds and (
        (len(kinds) >= 3 and ("subject" in kinds or at))
        or (ruled and len(kinds) >= 2)
        or (len(kinds) >= 2 and at and ruled)
    )
    return Boundary(number, end) if enough else None


def _label(line: str) -> str | None:
    """What the label of a header line labels; full-width colons, bold marks, spaces and table bars do not matter."""
    if line[0] == "|":
        cells = line[: _LONGEST_LABEL * 2].split("|")
        return LABELS.get(_bare(cells[1])) if len(cells) > 2 else None
    head = line[:_LONGEST_LABEL]
    ends = [position for colon in _COLONS if (position := head.find(colon)) > 0]
    return LABELS.get(_bare(head[: min(ends)])) if ends else None


def _bare(label: str) -> str:
    return "".join(label.split()).strip("*>:：").lower()


@cache
def _wrote() -> re.Pattern[str]:
    return re.compile(rf"(?:(?<=[^\w])|(?<=[一-鿿ぁ-ヿ가-힣\d]))(?:{WROTE})(?![a-zà-ÿа-я])", re.IGNORECASE)


@cache
def _starts() -> re.Pattern[str]:
    return re.compile(rf"(?:{STARTERS})\b|(?:在|于|於)\s*\d")


@cache
def _original() -> re.Pattern[str]:
    return re.compile(ORIGINAL, re.IGNORECASE)


@cache
def _forwarded() -> re.Pattern[str]:
    return re.compile(f"(?:{FORWARDED}|{FORWARD_BEGINS})[\\s:：]*", re.IGNORECASE)


@cache
def _begins_forward() -> re.Pattern[str]:
    return re.compile(FORWARD_BEGINS, re.IGNORECASE)
