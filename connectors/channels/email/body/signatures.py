"""Signatures below what a person wrote: after the delimiter, or the line of a device or an app."""

from __future__ import annotations

import re
from functools import cache

from connectors.channels.email.body.vocabulary import DEVICE

LAST_LINES = 15
"""Only so many lines at the end are looked at: a delimiter higher up belongs to what was written."""

_DELIMITERS = frozenset({"--", "—", "——", "-- ", "－－"})
_RULE = re.compile(r"[-_=*—─~\s]{2,}")
_LONGEST = 160
_CARD = "签名由"
"""Below a visiting card of NetEase's app, which is a table: bars, name, bars, address, bars."""


def without_signature(lines: list[str]) -> list[str]:
    """The lines up to the signature. The first line is never one."""
    end = _without_blank_end(lines, len(lines))
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for number in range(max(first + 1, end - LAST_LINES), end):
        if lines[number].strip() in _DELIMITERS:
            end = _without_blank_end(lines, number)
            break
    while end - 1 > first and is_device_line(lines[end - 1]):
        card = _CARD in lines[end - 1]
        end = _without_blank_end(lines, end - 1)
        if card:
            end = next(
                (above for above in range(max(first + 1, end - LAST_LINES), end) if lines[above][:1] == "|"), end
            )
        end = _without_rule(lines, end, first)
    return lines[:end]


def is_signature(lines: list[str]) -> bool:
    """Whether there is nothing in the lines but a signature."""
    words = [line for line in lines if line.strip()]
    return not words or words[0].strip() in _DELIMITERS or all(map(is_device_line, words))


def is_device_line(line: str) -> bool:
    """Whether a device or an app wrote the line."""
    line = line.strip().strip("|*_()[]【】<> -—")
    return len(line) <= _LONGEST and _device().match(line) is not None


@cache
def _device() -> re.Pattern[str]:
    return re.compile(DEVICE, re.IGNORECASE)


def _without_blank_end(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _without_rule(lines: list[str], end: int, first: int) -> int:
    """Without the line of dashes or the empty table cells that stood above a device's line."""
    while end - 1 > first and (_RULE.fullmatch(lines[end - 1].strip()) or not lines[end - 1].strip(" |\t")):
        end = _without_blank_end(lines, end - 1)
    return end
