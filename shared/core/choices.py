"""What a customer typed, matched to an option of the question that was asked: by its words, or by its number.

Channels that have no buttons show options as a numbered list, and on those that have them people type all the same.
Only what can mean nothing else is matched: whoever asks something or adds a wish is answered by somebody who reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.core.counting import NUMBER, folded, positions_in, read_count, value_of

if TYPE_CHECKING:
    from shared.core.counting import Count
    from shared.model.parts import Option

LONGEST = 2_000
"""Characters; a longer text is not looked at."""

_QUESTION_MARKS = ("?", "؟", "՞", ";")
_ENDS_OF_QUESTIONS = "".join((*_QUESTION_MARKS, " "))
_NUMBER_AND_TITLE = re.compile(rf"[#(]?({NUMBER})[\s.)\]:、。,;\-–—]*(.+)", re.DOTALL)
_AMOUNT = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


def chosen(text: str, options: Sequence[Option]) -> Option | None:
    """The one option that ``text`` is, else None.

    Words come before numbers: of the options "2", "1" the answer "2" is the first. Two options that the text fits
    equally well are none. A number is no answer either when another option speaks of the same number ("1" of "2 kg",
    "1 kg"), unless it says that it is a position ("option 1", "第一个").
    """
    if not options or len(text) > LONGEST:
        return None
    words = folded(text)
    titles = [folded(option.title or option.id) for option in options]
    bare_titles = [_bare(title.rstrip(_ENDS_OF_QUESTIONS)) for title in titles]
    for typed, named in ((words, titles), (_bare(words), bare_titles)):
        found = [place for place, title in enumerate(named) if title and title == typed]
        if found:
            return options[found[0]] if len(found) == 1 else None
    if words.endswith(_QUESTION_MARKS):
        return None
    place = _by_number(words, titles)
    return None if place is None else options[place]


def _by_number(words: str, titles: list[str]) -> int | None:
    """The place in the list that is named; None when it is not there, or when something else may be meant."""
    count = read_count(words)
    if count is None:
        return _by_number_and_title(words, titles)
    if count.kind == "bare":
        called = [place for place, title in enumerate(titles) if _value(title) == count.value]
        if called:
            return called[0] if len(called) == 1 else None
        if any(_AMOUNT.fullmatch(title) for title in titles):
            return None
    place = count.value - 1
    others = [title for other, title in enumerate(titles) if other != place]
    if place >= len(titles) or any(_speaks_of(count, words, title) for title in others):
        return None
    return place


def _by_number_and_title(words: str, titles: list[str]) -> int | None:
    """``2. Blue``, when the second is Blue."""
    found = _NUMBER_AND_TITLE.fullmatch(words)
    place = value_of(found[1]) - 1 if found else len(titles)
    if found is None or place >= len(titles) or not found[2].strip():
        return None
    return place if found[2] == titles[place] or _bare(found[2]) == _bare(titles[place]) else None


def _value(title: str) -> int | None:
    count = read_count(title)
    return count.value if count is not None and count.kind == "bare" else None


def _speaks_of(count: Count, words: str, title: str) -> bool:
    """Whether a title could be what is meant by a number that is not its own."""
    if _at_an_end(_bare(words), title):
        return True
    match count.kind:
        case "bare":
            return _at_an_end(count.said, title)
        case "order":
            return count.value in positions_in(title)
        case "label":
            return False


def _at_an_end(said: str, title: str) -> bool:
    """Whether a title begins or ends with these words, and not in the middle of a word or a number."""
    title = _bare(title)
    if not said or said == title:
        return False
    after, before = title[len(said) :], title[: -len(said)]
    begins = title.startswith(said) and not _goes_on(said[-1], after[:1])
    return begins or (title.endswith(said) and not _goes_on(before[-1:], said[0]))


def _goes_on(left: str, right: str) -> bool:
    if left.isdecimal() or right.isdecimal():
        return left.isdecimal() and right.isdecimal()
    return left.isalpha() and right.isalpha() and not (_is_han(left) and _is_han(right))


def _is_han(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff"


def _bare(words: str) -> str:
    """Without punctuation and white space around it, except what makes a question of it."""
    start, end = 0, len(words)
    while start < end and _is_around(words[start]):
        start += 1
    while end > start and _is_around(words[end - 1]) and not words.endswith(_QUESTION_MARKS):
        end -= 1
    return words[start:end] or words


def _is_around(character: str) -> bool:
    return unicodedata.category(character)[0] in "PZ"
