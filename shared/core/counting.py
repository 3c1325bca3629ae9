"""Numbers as people write them when they pick from a list: ``2``, ``②``, ``option 2``, ``the second``, ``第二个``.

Texts are given folded (:func:`folded`). Only what names one number and nothing else is read: neither an amount
(``2 kg``, ``2个``) nor a number among other words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

_HIDDEN = re.compile("[\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufe0e\ufe0f\u20e3]")
"""Marks of direction, and what makes an emoji of a character."""

_SPELLED_OUT = str.maketrans({"🔟": "10", "’": "'", "º": ".", "ª": "."})
_DIGIT = "一二三四五六七八九"
_HAN = rf"[{_DIGIT}]?十[{_DIGIT}]?|[{_DIGIT}]"
NUMBER = rf"[1-9][0-9]{{0,2}}|{_HAN}"
"""How a number is written, as a pattern: see :func:`value_of`."""

_BARE = re.compile(NUMBER)
_EAST_ASIAN = re.compile(
    rf"第(?P<a>{NUMBER})(?:个|個|项|項|种|種|条|條|款|番|番目)?"
    rf"|我?(?:选|選|选择|選擇)(?:第?(?P<b>{NUMBER})|第(?P<c>{NUMBER})(?:个|個|项|項|种|種|条|條|款))"
    rf"|(?:选项|選項|選択肢)(?P<d>{NUMBER})"
    rf"|(?P<e>{NUMBER})(?:番|番目|つ目|번|번째)"
)
_ENGLISH_ORDINAL = re.compile(r"([1-9][0-9]?)(?:st|nd|rd|th)")
_ENDING = re.compile(r"[\s.。,，、!！;；:：…]+$")
_PAIRS = ("()", "[]", "{}", "「」", "『』", "【】", "《》", "〈〉", '""', "''", "“”", "‘’", "«»", "**", "__", "``")


@dataclass(frozen=True, slots=True)
class Count:
    """A number from 1. ``said`` is the word or the digits that it stands in. ``kind``: a bare number ("2") may as well
    be an amount, an order ("the second") may be part of a name, a label ("option 2") can be nothing but a place."""

    value: int
    said: str
    kind: Literal["bare", "order", "label"]


@dataclass(frozen=True, slots=True)
class _Language:
    """Words of one language, each separated by a space: what may stand before a position, what an option is called,
    and the numbers from 1 (forms of the same number with ``/`` between them)."""

    articles: str
    labels: str
    cardinals: str
    ordinals: str


_LANGUAGES = (
    _Language(
        "the",
        "option choice number answer no nr num n",
        "one two three four five six seven eight nine ten",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
    ),
    _Language(
        "el la",
        "opción opcion número numero",
        "uno dos tres cuatro cinco seis siete ocho nueve diez",
        "primero/primera/primer segundo/segunda tercero/tercera/tercer cuarto/cuarta quinto/quinta sexto/sexta",
    ),
    _Language(
        "le la l'",
        "option numéro n°",
        "un deux trois quatre cinq six sept huit neuf dix",
        "premier/première/1er/1re deuxième/2e/2ème/seconde troisième/3e/3ème quatrième/4e/4ème cinquième/5e/5ème",
    ),
    _Language(
        "der die das den",
        "nummer option nr",
        "eins zwei drei vier fünf sechs sieben acht neun zehn",
        "erste/erster/erstes/ersten zweite/zweiter/zweites/zweiten dritte/dritter/drittes/dritten vierte/vierter"
        " fünfte/fünfter/fünftes",
    ),
    _Language(
        "o a",
        "opção número",
        "- dois três quatro cinco seis sete oito nove dez",
        "primeiro/primeira segundo/segunda terceiro/terceira quarto/quarta quinto/quinta",
    ),
    _Language(
        "il la lo",
        "opzione numero",
        "uno due tre quattro cinque - sette otto nove dieci",
        "primo/prima secondo/seconda terzo/terza quarto/quarta quinto/quinta",
    ),
    _Language(
        "",
        "номер вариант",
        "один два три четыре пять шесть семь восемь девять десять",
        "первый/первая/первое/первую второй/вторая/второе/вторую третий/третья/третье/третью"
        " четвёртый/четвертый/четвёртая/четвертая пятый/пятая",
    ),
    _Language(
        "",
        "رقم الخيار الرقم",
        "واحد اثنان/اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
        "الأول/الأولى الثاني/الثانية الثالث/الثالثة الرابع/الرابعة الخامس/الخامسة",
    ),
    _Language("", "नंबर विकल्प", "एक", "पहला/पहली दूसरा/दूसरी तीसरा/तीसरी चौथा/चौथी पाँचवाँ/पांचवां"),
    _Language("", "번호 옵션", "하나 둘 셋 넷 다섯", "첫번째/첫째 두번째/둘째 세번째/셋째 네번째/넷째 다섯번째/다섯째"),
    _Language("", "אפשרות מספר", "אחת שתיים שלוש ארבע חמש", "הראשון/הראשונה השני/השנייה השלישי/השלישית"),
    _Language("", "số nomor seçenek numara ข้อ หมายเลข", "", ""),
)


def folded(text: str) -> str:
    """The text without differences that nobody means: width, case, circles around numbers, kinds of digits, runs of
    white space, marks of direction."""
    shown = _HIDDEN.sub("", text).translate(_SPELLED_OUT)
    shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold())
    return " ".join("".join(map(_digit, shown)).split())


def read_count(words: str) -> Count | None:
    """The number that a folded text is; None for a text that is anything else."""
    bare = _unwrapped(words)
    if _BARE.fullmatch(bare):
        return Count(value_of(bare), bare, "bare")
    found = _EAST_ASIAN.fullmatch(bare.replace(" ", ""))
    if found:
        said = next(each for each in found.groups() if each)
        return Count(value_of(said), said, "order" if "第" in bare else "label")
    return next((count for count in (_in(language, bare) for language in _LANGUAGES) if count), None)


def positions_in(words: str) -> set[int]:
    """The positions that a folded text speaks of: "second class" speaks of the second."""
    tokens = re.findall(r"[\w'°]+", words)
    found = {value for token in tokens for language in _LANGUAGES for value in _ordinals(language, token)}
    return found | {value_of(number) for number in re.findall(rf"第({NUMBER})", words)}


def value_of(number: str) -> int:
    """The number that digits or Chinese numerals from 1 to 99 are."""
    if number.isdecimal():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return 10 * (_DIGIT.index(tens) + 1 if tens else 1 if ten else 0) + (_DIGIT.index(ones) + 1 if ones else 0)


def _in(language: _Language, words: str) -> Count | None:
    cardinal = _index(language.cardinals, words)
    if cardinal:
        return Count(cardinal, words, "bare")
    named = _without_first(words.replace("l'", "l' "), language.articles)
    ordinal = _noun_dropped(language, _without_first(named, language.labels))
    for value in _ordinals(language, ordinal):
        return Count(value, ordinal, "order")
    return _labelled(language, named)


def _without_first(words: str, dropped: str) -> str:
    first, _, rest = words.partition(" ")
    return rest.strip() if rest and first in dropped.split() else words


def _labelled(language: _Language, words: str) -> Count | None:
    """``option 2``, ``option no. 2``, ``number two``, ``2 नंबर``."""
    tokens = [token for token in re.split(r"[\s.:#]+|(?<=[^\W\d])(?=\d)|(?<=°)", words) if token]
    labels = language.labels.split()
    while len(tokens) > 1 and tokens[0] in labels:
        tokens = tokens[1:]
    if len(tokens) != 1 or tokens[0] == words:
        return None
    value = value_of(tokens[0]) if _BARE.fullmatch(tokens[0]) else _index(language.cardinals, tokens[0])
    return Count(value, tokens[0], "label") if value else None


def _noun_dropped(language: _Language, words: str) -> str:
    """``second`` of ``second one`` and of ``second option``; Korean may write its ordinals with a space."""
    first, _, noun = words.partition(" ")
    if noun and (noun in language.labels.split() or noun == "one"):
        return first
    return words.replace(" ", "") if words.endswith("째") else words


def _ordinals(language: _Language, word: str) -> list[int]:
    numbered = _ENGLISH_ORDINAL.fullmatch(word)
    value = int(numbered[1]) if numbered else _index(language.ordinals, word)
    return [value] if value else []


def _index(numbers: str, word: str) -> int:
    """The place of a word in a row of numbers, from 1; 0 when it is not among them."""
    found = (place for place, forms in enumerate(numbers.split(), 1) if word in forms.split("/"))
    return 0 if word in ("", "-") else next(found, 0)


def _unwrapped(words: str) -> str:
    """Without the brackets, quotes and points that people put around a number."""
    before = ""
    while words != before:
        before = words
        words = _ENDING.sub("", words.removeprefix("#").removeprefix("№").strip())
        if any(len(words) > 2 and words[0] == pair[0] and words[-1] == pair[1] for pair in _PAIRS):
            words = words[1:-1].strip()
        elif words.endswith((")", "]")) and not words.startswith(("(", "[")):
            words = words[:-1].rstrip()
    return words


def _digit(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is None and unicodedata.category(character) == "No":
        number = unicodedata.numeric(character, 0.0)
        return str(int(number)) if number >= 1 and number.is_integer() else character
    return character if digit is None else str(digit)
