"""Replies as mail programs write them, in many languages: what the person wrote is found, and no word of it is lost."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.channels.email.body import Visible, visible_html, visible_text

FOLDER = Path(__file__).parents[2] / "fixtures" / "email" / "replies"
LANGUAGES = ("en", "zh", "ja", "ko", "de", "fr", "es")


class Case(NamedTuple):
    """A mail in the fixtures: ``reply`` is what a reader says the person wrote, ``miss`` why we do not see it so."""

    name: str
    language: str
    html: bool
    body: str
    reply: str | None
    negative: bool
    miss: str | None

    def seen(self) -> Visible:
        return visible_html(self.body) if self.html else visible_text(self.body)

    def expected(self) -> str:
        return self.body.strip("\n").rstrip() if self.reply is None else self.reply

    def failure(self) -> str | None:
        text = self.seen().text
        if text == self.expected():
            return None
        why = f" (known: {self.miss})" if self.miss else ""
        return f"{self.language} | {self.name}{why}\n    wanted {self.expected()!r}\n    got    {text!r}"


def _cases() -> list[Case]:
    cases = []
    for file in sorted(FOLDER.glob("*.json")):
        for case in json.loads(file.read_text("utf-8")):
            name = f"{case.get('client', 'a person')}: {case['name']}"
            reply = None if case["reply"] == "all" else "\n".join(case["reply"])
            cases.append(
                Case(
                    name,
                    case["language"],
                    case["format"] == "html",
                    "\n".join(case["body"]),
                    reply,
                    case.get("negative", False),
                    case.get("miss"),
                )
            )
    return cases


CASES = _cases()


def test_there_are_enough_cases_of_every_language() -> None:
    positives = Counter(case.language for case in CASES if not case.negative)

    assert len(CASES) >= 120
    assert all(positives[language] >= 10 for language in LANGUAGES)
    assert len(positives) >= 8
    assert sum(case.negative for case in CASES) >= 25


def test_at_least_95_of_100_replies_are_seen_as_a_reader_sees_them() -> None:
    failures = [failure for case in CASES if (failure := case.failure())]
    table = f"{len(CASES) - len(failures)} of {len(CASES)} right. Not right:\n" + "\n".join(failures)
    print(table)

    assert len(failures) <= 0.05 * len(CASES), table


@pytest.mark.parametrize("language", sorted({case.language for case in CASES}))
def test_at_least_90_of_100_replies_of_a_language_are_seen(language: str) -> None:
    cases = [case for case in CASES if case.language == language]
    failures = [failure for case in cases if (failure := case.failure())]
    table = "\n".join(failures)
    print(table)

    assert len(failures) <= 0.1 * len(cases), table


def test_only_the_misses_that_are_known_are_missed() -> None:
    missed = {case for case in CASES if case.failure()}
    known = {case for case in CASES if case.miss}

    assert missed == known, "\n".join(case.failure() or f"no longer missed: {case.name}" for case in missed ^ known)


def test_the_whole_body_is_always_there() -> None:
    for case in CASES:
        seen = case.seen()
        assert seen.cut == (seen.text != seen.full)
        if not case.html:
            assert seen.full == case.body.strip("\n").rstrip()


def test_line_ends_of_mail_make_no_difference() -> None:
    for case in CASES:
        if not case.html:
            assert visible_text(case.body.replace("\n", "\r\n")) == case.seen(), case.name
