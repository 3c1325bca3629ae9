"""What of a mail's lines its writer wrote now: quotes go, answers stay wherever they stand.

- Above a quote (top posting): the quote goes. Below a single quote: the quote goes. Between quotes: they stay as the
  context of the answers, up to the last answer.
- A forwarded mail is what the person wanted to be seen: from there on everything stays.
- Where a quote is neither marked with ``>`` nor by the markup, nothing tells its end: everything below goes.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.channels.email.body.boundaries import (
    Boundary,
    attribution_above,
    boundary_at,
    is_candidate,
    is_rule,
    quoted_forward,
)
from connectors.channels.email.body.signatures import is_signature

MOST_CANDIDATES = 150
"""Lines of a mail that are examined for a boundary; no letter has so many, and examining all would take long."""


class Hints(NamedTuple):
    """What markup says about lines, by their numbers."""

    rest: int | None = None
    forward: int | None = None
    signatures: tuple[tuple[int, int], ...] = ()
    attributions: frozenset[int] = frozenset()
    quoted: frozenset[int] = frozenset()


class _Block(NamedTuple):
    start: int
    end: int
    own: bool


def kept_lines(lines: list[str], hints: Hints) -> list[str]:
    """The lines without quotes; none when there is nothing but quotes."""
    blocks = _blocks(lines, hints)
    if len(blocks) == 1 and blocks[0].own and not hints.signatures:
        return lines
    signed = {number for start, end in hints.signatures for number in range(start, end)}
    own = [position for position, block in enumerate(blocks) if block.own and _says_something(lines, block, signed)]
    if not own:
        return []
    last = own[-1]
    if len(own) > 1 and is_signature(_own(lines, blocks[last], signed)):
        last = own[-2]
    first = own[0]
    before = {position for position in range(last) if not blocks[position].own}
    if first > 0 and len(before) == 1:
        before = set()
    wanted = [block for position, block in enumerate(blocks[: last + 1]) if block.own or position in before]
    return [lines[number] for block in wanted for number in range(block.start, block.end) if number not in signed]


def _own(lines: list[str], block: _Block, signed: set[int]) -> list[str]:
    return [lines[number] for number in range(block.start, block.end) if number not in signed]


def _says_something(lines: list[str], block: _Block, signed: set[int]) -> bool:
    return any(lines[number].strip() and number not in signed for number in range(block.start, block.end))


def _blocks(lines: list[str], hints: Hints) -> list[_Block]:
    """The lines in blocks, which are the writer's own or a quote with what stands above it."""
    cutter = _Cutter(lines, hints)
    number = 0
    while number < len(lines) and number != hints.forward:
        line = lines[number].strip()
        if number == hints.rest:
            following: int | None = cutter.close(number, len(lines))
        elif not line:
            following = number + 1
        elif line[0] == ">":
            following = cutter.pass_quote(number)
        else:
            following = cutter.pass_words(number, line)
        if following is None:
            break
        number = following
    return cutter.finished()


class _Cutter:
    """Goes through the lines. Each ``pass_`` answers where to go on; None is a forwarded mail, of which all is kept."""

    def __init__(self, lines: list[str], hints: Hints) -> None:
        self._lines = lines
        self._hints = hints
        self._blocks: list[_Block] = []
        self._start = 0
        self._has_quotes = False
        self._candidates = 0

    def close(self, quote: int, end: int) -> int:
        """The writer's own lines end where the quote begins; the quote ends at ``end``."""
        self._has_quotes = True
        own_end = _without_rules(self._lines, self._start, quote)
        if own_end > self._start:
            self._blocks.append(_Block(self._start, own_end, own=True))
        if end > own_end:
            self._blocks.append(_Block(own_end, end, own=False))
        self._start = end
        return end

    def finished(self) -> list[_Block]:
        if self._start < len(self._lines):
            self._blocks.append(_Block(self._start, len(self._lines), own=True))
        return self._blocks

    def pass_quote(self, number: int) -> int | None:
        if quoted_forward(self._lines[number]):
            return None
        end = _quote_end(self._lines, number)
        attribution = None
        if self._candidates < MOST_CANDIDATES:
            self._candidates += 1
            attribution = attribution_above(self._lines, number, self._start)
        certain = attribution is not None or self._has_quotes or number in self._hints.quoted
        if certain or _is_quote(self._lines, self._start, number):
            self.close(attribution.start if attribution else number, end)
        return end

    def pass_words(self, number: int, line: str) -> int | None:
        found = self._boundary(number, line)
        if found is None:
            return number + 1
        if found.forward:
            return None
        below = _next_words(self._lines, found.end)
        if below < len(self._lines) and self._lines[below].lstrip().startswith(">"):
            if quoted_forward(self._lines[below]):
                return None
            return self.close(found.start, _quote_end(self._lines, below))
        return self.close(found.start, len(self._lines)) if found.sure else number + 1

    def _boundary(self, number: int, line: str) -> Boundary | None:
        found = None
        if self._candidates < MOST_CANDIDATES and is_candidate(line):
            self._candidates += 1
            found = boundary_at(self._lines, number, self._start)
        if found is None and number in self._hints.attributions:
            return Boundary(number, number + 1, sure=False)
        return found


def _next_words(lines: list[str], number: int) -> int:
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number


def _quote_end(lines: list[str], number: int) -> int:
    """Where the quote ends; blank lines inside it and words that were wrapped out of it belong to it."""
    end = number + 1
    below = end
    while below < len(lines):
        line = lines[below].lstrip()
        if line.startswith(">"):
            end = below = below + 1
        elif not line or _is_wrapped(lines, below):
            below += 1
        else:
            break
    return end


def _is_wrapped(lines: list[str], number: int) -> bool:
    """A short line between two lines of a quote, of which the first is as long as lines get."""
    return (
        number + 1 < len(lines)
        and len(lines[number - 1]) >= 66
        and len(lines[number]) < 40
        and lines[number - 1].lstrip().startswith(">")
        and lines[number + 1].lstrip().startswith(">")
    )


def _is_quote(lines: list[str], start: int, number: int) -> bool:
    """Whether lines with ``>`` and nothing above that says so are a quote, and not a list of the writer's own."""
    above = number - 1
    while above >= start and not lines[above].strip():
        above -= 1
    if above < start:
        return True
    if above == number - 1:
        return False
    return lines[above].rstrip()[-1] not in ":："


def _without_rules(lines: list[str], start: int, end: int) -> int:
    """Without the blank and drawn lines at the end."""
    while end > start and (not lines[end - 1].strip() or is_rule(lines[end - 1])):
        end -= 1
    return end
