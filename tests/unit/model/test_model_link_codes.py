"""Link codes: drawn at random, shown in two groups, and read however a person may write one; prose is none."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model import link_codes
from shared.model.link_codes import ALPHABET, LENGTH, new_code, read_code, read_scene, scene, shown

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH).filter(
    lambda code: any(map(str.isdigit, code)) and any(map(str.isalpha, code))
)
BETWEEN = st.sampled_from(["", "-", " ", "‐", "‑", "‒", "–", "—", "―", "−", "－", "\u3000"])
AROUND = st.text(" \t\n\u3000", max_size=3)


def full_width(text: str) -> str:
    """As a Chinese or Japanese keyboard writes it."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


class TestNewCodes:
    def test_a_new_code_has_eight_characters_with_a_letter_and_a_digit(self) -> None:
        for _ in range(500):
            code = new_code()
            assert re.fullmatch(f"[{ALPHABET}]{{8}}", code)
            assert re.search("[0-9]", code)
            assert re.search("[A-Z]", code)

    def test_no_character_is_taken_for_another(self) -> None:
        assert len(ALPHABET) == len(set(ALPHABET)) == 31
        assert not set("0O1IL") & set(ALPHABET)

    def test_codes_are_not_drawn_twice(self) -> None:
        assert len({new_code() for _ in range(2000)}) == 2000

    def test_a_code_lives_for_a_quarter_of_an_hour(self) -> None:
        assert link_codes.SECONDS == 15 * 60


class TestReading:
    @given(code=CODES)
    def test_a_code_that_is_shown_is_read_back(self, code: str) -> None:
        assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", shown(code))
        assert read_code(shown(code)) == code

    @settings(max_examples=300)
    @given(
        code=CODES,
        between=BETWEEN,
        before=AROUND,
        after=AROUND,
        case=st.sampled_from([str.upper, str.lower, str.title]),
        width=st.sampled_from([str, full_width]),
    )
    def test_every_way_of_writing_a_code_is_the_code(
        self, code: str, between: str, before: str, after: str, case: type, width: type
    ) -> None:
        assert read_code(before + width(case(code[:4] + between + code[4:])) + after) == code

    @pytest.mark.parametrize(
        "text",
        ["K7QM-2XPD", "k7qm-2xpd", "K7QM2XPD", " k7qm 2xpd\n", "Ｋ７ＱＭ－２ＸＰＤ", "K7QM—2XPD", "ｋ７ｑｍ２ｘｐｄ"],
    )
    def test_these_are_one_code(self, text: str) -> None:
        assert read_code(text) == "K7QM2XPD"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "-",
            "K7QM-2XP",
            "K7QM-2XPDD",
            "K7QM--2XPD",
            "K7-QM2XPD",
            "K7QM/2XPD",
            "K7QM\n2XPD",
            "K7QM-2XPD!",
            "K7QM-2XP0",
            "K7QM-2XPO",
            "K7QM-2XPI",
            "my code is K7QM-2XPD",
            "K7QM-2XPD please",
            "K7QM-2XPD K7QM-2XPD",
            "K7QM-2XPD\nsent from my phone",
            "23456789",
            "2345-6789",
            "password",
            "SUNSHADE",
            "what next",
            "ΑBCD-2345",
            "АBCD-2345",
            "K7QM-2XPD\u200b",
            " " * 50 + "K7QM-2XPD",
            "K7QM2XPD" * 1000,
        ],
    )
    def test_these_are_none(self, text: str) -> None:
        assert read_code(text) is None

    @given(text=st.text(max_size=60))
    def test_what_is_read_is_a_code_and_its_spelling_in_the_text(self, text: str) -> None:
        code = read_code(text)
        if code is not None:
            folded = unicodedata.normalize("NFKC", text).upper()
            assert [letter for letter in folded if letter.isalnum()] == list(code)
            assert read_code(shown(code)) == code

    @pytest.mark.parametrize("word", ["tomorrow", "shipping", "thank you", "good afternoon", "bestellt", "danke sehr"])
    def test_words_and_numbers_of_eight_are_never_codes(self, word: str) -> None:
        assert read_code(word) is None
        assert read_code("98765432") is None


class TestScenes:
    @given(code=CODES)
    def test_a_code_comes_back_out_of_its_scene(self, code: str) -> None:
        assert read_scene(scene(code)) == code

    @given(code=CODES)
    def test_a_scene_is_letters_digits_and_underscores_within_what_channels_take(self, code: str) -> None:
        assert re.fullmatch(r"[A-Za-z0-9_]{1,64}", scene(code))

    @pytest.mark.parametrize(
        "text",
        ["", "link_", "shop-window", "K7QM2XPD", "LINK_K7QM2XPD", "link-K7QM2XPD", "link_summer", "xlink_K7QM2XPD"],
    )
    def test_a_scene_of_the_companys_own_is_none_of_ours(self, text: str) -> None:
        assert read_scene(text) is None
