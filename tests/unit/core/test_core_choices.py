"""An answer that was typed is the option that it names, and nothing that could mean something else is."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.choices import chosen
from shared.model.parts import Option

TYPED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fixtures/choices/typed.json").read_text(encoding="utf-8")
)
WORDS = st.text(string.ascii_letters + "äöüßéñçøåабвгд你好再见谢ねこ고양이مرحبאבגनमस्ते👍🎉", min_size=4, max_size=12)
PROSE = [
    "Where",
    "is",
    "the",
    "parcel",
    "that",
    "you",
    "sent?",
    "I",
    "asked",
    "for",
    "3",
    "of",
    "them",
    "you know",
]


def options(titles: list[str]) -> list[Option]:
    return [Option(id=f"option-{place}", title=title) for place, title in enumerate(titles, 1)]


def place_of(text: str, titles: list[str]) -> int | None:
    found = chosen(text, options(titles))
    return None if found is None else int(found.id.rpartition("-")[2])


@pytest.mark.parametrize("case", TYPED["chosen"], ids=lambda case: f"{case['language']}-{case['list']}-{case['text']}")
def test_what_was_typed_is_the_option(case: dict[str, Any]) -> None:
    assert place_of(case["text"], TYPED["lists"][case["list"]]) == case["place"]


@pytest.mark.parametrize(
    "case", TYPED["not_chosen"], ids=lambda case: f"{case['language']}-{case['list']}-{case['text']}"
)
def test_what_could_mean_something_else_is_no_option(case: dict[str, Any]) -> None:
    assert place_of(case["text"], TYPED["lists"][case["list"]]) is None


def test_the_table_has_cases_enough_in_languages_enough() -> None:
    assert len(TYPED["chosen"]) >= 60
    assert len(TYPED["not_chosen"]) >= 40
    assert len({case["language"] for case in TYPED["chosen"]}) >= 8


def written(number: int) -> list[str]:
    """A number from 1 in the forms of a list."""
    arabic = "".join(chr(0x660 + int(digit)) for digit in str(number))
    return [str(number), f"{number}.", f"#{number}", f"({number})", arabic, f"option {number}", f"第{number}个"]


@given(st.lists(WORDS, min_size=1, max_size=30, unique_by=str.casefold))
def test_every_option_is_found_by_its_number_and_by_its_title(titles: list[str]) -> None:
    for place, title in enumerate(titles, 1):
        assert place_of(title, titles) == place
        assert place_of(f"  “{title.upper().lower()}”. ", titles) == place
        assert place_of(f"{place}. {title}", titles) == place
        assert [form for form in written(place) if place_of(form, titles) != place] == []


@given(st.lists(st.text(max_size=8), min_size=1, max_size=12), st.integers(1, 14))
def test_a_number_is_never_another_place_than_its_own_unless_a_title_is_that_number(
    titles: list[str], number: int
) -> None:
    found = place_of(f"option {number}", titles)
    assert found in (None, number) or f"{number}" in titles[found - 1].casefold() or not titles[found - 1].isascii()


@given(st.lists(st.sampled_from(PROSE), min_size=2, max_size=8), st.lists(WORDS, min_size=1, max_size=5))
def test_prose_is_no_option(words: list[str], titles: list[str]) -> None:
    assert place_of(" ".join(words), titles) is None


@given(st.text(max_size=80), st.lists(st.text(max_size=10), max_size=6))
def test_any_text_is_an_option_of_the_list_or_none(text: str, titles: list[str]) -> None:
    given_options = options(titles)
    assert chosen(text, given_options) in (None, *given_options)


def test_an_option_without_a_title_is_called_by_its_id() -> None:
    assert chosen("Large", [Option(id="small", title=""), Option(id="large", title="")]) == Option(id="large", title="")


def test_there_is_nothing_to_choose_without_options_and_in_a_text_of_pages() -> None:
    assert chosen("1", []) is None
    assert place_of("x" * 2_001, ["x" * 2_001]) is None
