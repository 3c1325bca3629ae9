"""Texts are cut where it hurts least, and nothing is lost."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from shared.model.capabilities import TextLimit
from shared.model.media import Media
from shared.model.parts import PART_TYPES, ChoicesPart, ImagePart, LocationPart, Option, Part, TextPart
from shared.model.plain import html_to_text, markdown_to_text
from shared.model.text import beginning, flatten, split_text, without_space
from tests.contract.messages import SAMPLES

Unit = Literal["characters", "bytes"]
CLUSTERS = [
    "👩‍👩‍👧‍👦",
    "🇨🇳",
    "🇩🇪",
    "e\u0301",
    "각",
    "ᄀ\u1161\u11a8",
    "❤️",
    "👍🏽",
    "\r\n",
    "नि",
    "你",
    "。",
    ". ",
    "\n\n",
    "a",
    " ",
    "…",
    "”",
]


def limit(maximum: int, unit: Unit = "bytes") -> TextLimit:
    return TextLimit(maximum=maximum, unit=unit)


def size(text: str, unit: Unit) -> int:
    return len(text.encode("utf-8", "surrogatepass")) if unit == "bytes" else len(text)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(
    st.lists(st.sampled_from(CLUSTERS), max_size=200).map("".join) | st.text(max_size=300),
    st.integers(4, 60),
    st.sampled_from(["bytes", "characters"]),
)
def test_pieces_keep_to_the_limit_and_make_up_the_text(text: str, maximum: int, unit: Unit) -> None:
    pieces = split_text(text, limit(maximum, unit))
    assert all(size(piece, unit) <= maximum for piece in pieces)
    assert squeezed("".join(pieces)) == squeezed(text)
    assert len(pieces) == 1 or all(piece.strip() for piece in pieces)


@given(st.lists(st.sampled_from(CLUSTERS), max_size=200).map("".join), st.integers(30, 60))
def test_no_piece_begins_or_ends_inside_a_character_as_people_see_it(text: str, maximum: int) -> None:
    whole = regex.findall(r"\X", text)
    cut = [cluster for piece in split_text(text, limit(maximum)) for cluster in regex.findall(r"\X", piece)]
    assert [cluster for cluster in cut if not cluster.isspace()] == [each for each in whole if not each.isspace()]


@pytest.mark.parametrize(
    ("text", "maximum", "pieces"),
    [
        ("short", 10, ["short"]),
        ("", 10, [""]),
        ("  kept as it is \n", 40, ["  kept as it is \n"]),
        ("One. Two. Three.", 10, ["One. Two.", "Three."]),
        ("One.\n\nTwo words here", 12, ["One.", "Two words", "here"]),
        ("3.14159 is not an end", 12, ["3.14159 is", "not an end"]),
        ("你好。再见。", 9, ["你好。", "再见。"]),
        ("他说：“好。”然后走了", 24, ["他说：“好。”", "然后走了"]),
        ("Really?! Yes", 10, ["Really?!", "Yes"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("👍🏽👍🏽👍🏽", 16, ["👍🏽👍🏽", "👍🏽"]),
        ("aaaa   bbbb", 4, ["aaaa", "bbbb"]),
        ("e\u0301e\u0301", 4, ["e\u0301", "e\u0301"]),
    ],
)
def test_a_text_is_cut_after_sentences_then_at_spaces_then_between_characters(
    text: str, maximum: int, pieces: list[str]
) -> None:
    assert split_text(text, limit(maximum)) == pieces


def test_a_character_that_alone_is_over_the_limit_is_taken_apart_rather_than_lost() -> None:
    pile = "e" + "\u0301" * 50
    pieces = split_text(pile, limit(20))
    assert "".join(pieces) == pile
    assert all(size(piece, "bytes") <= 20 for piece in pieces)


def test_a_flag_counts_by_the_unit_of_the_limit() -> None:
    assert len(split_text("🇨🇳" * 4, limit(8, "bytes"))) == 4
    assert len(split_text("🇨🇳" * 4, limit(8, "characters"))) == 1


@pytest.mark.parametrize("kind", PART_TYPES)
def test_every_part_says_something_in_the_flattened_text(kind: str) -> None:
    assert flatten([SAMPLES[kind]]).strip()


def test_parts_stand_on_lines_of_their_own() -> None:
    parts: list[Part] = [
        TextPart(text="Hi"),
        ImagePart(media=Media(filename="a.png")),
        LocationPart(latitude=1.0, longitude=2.0),
        TextPart(text="<p>Hello <b>you</b></p><script>x</script>", format="html"),
        ChoicesPart(text="Which?", options=[Option(id="a", title="This"), Option(id="b", title="That")]),
    ]
    assert flatten(parts) == "Hi\n[image] a.png\n[location] 1.0, 2.0\nHello you\nWhich?\n1. This\n2. That"


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# Title\ntext", "Title\ntext"),
        ("**bold** and *slanted* and ~~gone~~", "bold and slanted and gone"),
        ("snake_case_name stays, 2 * 3 * 4 too", "snake_case_name stays, 2 * 3 * 4 too"),
        ("[label](https://e.com/a_b_c)", "label (https://e.com/a_b_c)"),
        ("[https://e.com](https://e.com)", "https://e.com"),
        ("[no](javascript:x)", "[no](javascript:x)"),
        ("```python\ncode\n```", "code\n"),
        ("- one\n- two", "- one\n- two"),
    ],
)
def test_markdown_reads_well_without_its_marks(markdown: str, plain: str) -> None:
    assert markdown_to_text(markdown) == plain


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("<a href='https://e.com/'>e</a>", "e (https://e.com/)"),
        ("<a href='javascript:x'>e</a>", "e"),
        ("<style>p{}</style><img alt='cat'>", "cat"),
        ("<a href='https://e.com/'>never closed", "never closed (https://e.com/)"),
        ("<b>unclosed <i>tags", "unclosed tags"),
    ],
)
def test_html_reads_well_without_its_tags(html: str, plain: str) -> None:
    assert html_to_text(html) == plain


@given(st.text(max_size=200))
def test_any_text_passes_as_html_or_markdown(text: str) -> None:
    assert isinstance(html_to_text(text), str)
    assert isinstance(markdown_to_text(text), str)


def test_plain_words_come_out_of_markdown_and_html_as_they_went_in() -> None:
    words = "Grüße, 你好 " + unicodedata.lookup("GRINNING FACE")
    assert html_to_text(words) == markdown_to_text(words) == words


@pytest.mark.parametrize("cluster", ["🇨🇳", "👩‍👩‍👧‍👦", "e" + "\u0301" * 700, "각"], ids=ascii)
@pytest.mark.parametrize("before", ["", "a", "ab" * 255, "🇩🇪" * 200 + "x"], ids=len)
def test_a_long_text_is_cut_between_the_same_characters_as_a_short_one(cluster: str, before: str) -> None:
    text = before + cluster * 1_500

    pieces = split_text(text, TextLimit(maximum=1_001, unit="characters"))

    assert "".join(pieces) == text
    assert [found for piece in pieces for found in regex.findall(r"\X", piece)] == regex.findall(r"\X", text)


def test_a_text_of_a_hundred_thousand_flags_is_cut_in_a_moment() -> None:
    assert len(split_text("🇨🇳" * 100_000, TextLimit(maximum=100_000, unit="characters"))) == 2


@given(st.lists(st.sampled_from(CLUSTERS), max_size=60).map("".join), st.integers(30, 60))
def test_the_beginning_of_a_text_ends_between_two_characters(text: str, maximum: int) -> None:
    kept = beginning(text, limit(maximum))
    assert text.startswith(kept)
    assert regex.findall(r"\X", text)[: len(regex.findall(r"\X", kept))] == regex.findall(r"\X", kept)
    rest = regex.findall(r"\X", text[len(kept) :])
    assert size(kept, "bytes") <= maximum
    assert not rest or size(kept + rest[0], "bytes") > maximum


def test_a_character_over_the_limit_still_gives_a_beginning() -> None:
    assert beginning("e" + "\u0301" * 50, limit(5)) == "e" + "\u0301" * 2
    assert beginning("short", limit(5)) == "short"


@pytest.mark.parametrize(
    ("text", "bare"),
    [(" \n a b ", "a b "), ("a ", "a "), ("  \u0301a", " \u0301a"), (" \u0e33", " \u0e33"), ("  ", "")],
)
def test_white_space_that_carries_a_mark_is_a_character(text: str, bare: str) -> None:
    assert without_space(text) == bare
