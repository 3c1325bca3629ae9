"""What of a mail's lines its writer wrote now: quotes go, answers stay wherever they stand.

- Above a quote (top posting): the quote goes. Below a single quote: the quote goes. Between quotes: they stay as the
  context of the answers, up to the last answer.
- A forwarded mail is what the person wanted to be seen: from there on everything stays.
- Where a quote is neither marked with ``>`` nor by the markup, nothing tells its end: everything below goes.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.channels.email.body.boundaries import Boundary, boundary_at, is_candidate, is_rule, quoted_forward
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
    blocks: list[_Block] = []
    count = len(lines)
    start = number = 0
    quotes = False
    candidates = 0

    def close(quote: int, end: int) -> None:
        nonlocal start, quotes
        quotes = True
        own_end = _without_rules(lines, start, quote)
        if own_end > start:
            blocks.append(_Block(start, own_end, own=True))
        if end > own_end:
            blocks.append(_Block(own_end, end, own=False))
        start = end

    while number < count:
        if number == hints.forward:
            break
        if number == hints.rest:
            close(number, count)
            return blocks
        line = lines[number].strip()
        if not line:
            number += 1
            continue
        if line[0] == ">":
            if quoted_forward(line):
                break
            end = _quote_end(lines, number)
            if quotes or number in hints.quoted or _is_quote(lines, start, number):
                close(number, end)
            number = end
            continue
        found = None
        if candidates < MOST_CANDIDATES and is_candidate(line):
            candidates += 1
            found = boundary_at(lines, number, start)
        if found is None and number in hints.attributions:
            found = Boundary(number, number + 1, sure=False)
        if found is None:
            number += 1
            continue
        if found.forward:
            break
        below = _next_words(lines, found.end)
        quoted = below < count and lines[below].lstrip().startswith(">")
        if quoted and quoted_forward(lines[below]):
            break
        if quoted:
            number = _quote_end(lines, below)
            close(found.start, number)
        elif found.sure:
            close(found.start, count)
            return blocks
        else:
            number += 1
    if start < count:
        blocks.append(_Block(start, count, own=True))
    return blocks


def _next_words(lines: list[str], number: int) -> int:
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number


def _quote_end(lines: list[str], number: int) -> int:
    """Where the quote that begins here ends; blank lines inside it and words that were wrapped out of it belong to it."""
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
