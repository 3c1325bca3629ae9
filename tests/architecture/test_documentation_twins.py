"""Every page for users is there in English and in Chinese, and the two say the same: the same headings, tables, code,
names and links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import pytest

from infra.documentation.tables import ROOT
from tests.support.pages import TWIN, Page, page, pages, twin

ENGLISH_ONLY = ("docs/adr/", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "requirements/", "tests/")
"""For those who work on the project: decisions, history, rules, dependencies, tests."""

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
SPANS = re.compile(r"`[^`\n]+`")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


ENGLISH = [each for each in pages() if not each.name.endswith(TWIN) and not name_of(each).startswith(ENGLISH_ONLY)]
every_pair = pytest.mark.parametrize("english", ENGLISH, ids=name_of)


def both(english: Path) -> tuple[Page, Page]:
    return page(english), page(twin(english))


def differing(lines: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    """Lines of code that are not the same, though the Chinese one has no Chinese words in it."""
    return [
        pair for pair in zip_longest(lines, others, fillvalue="") if pair[0] != pair[1] and not CHINESE.search(pair[1])
    ]


def leads_to(link: tuple[str, str], standing_on: Path) -> str:
    """Where a link leads, said in the same words for either language: an English page, and a heading by its number."""
    path, anchor = link
    if re.match(r"[a-z]+:", path):
        return path
    target = (standing_on.parent / path).resolve() if path else standing_on
    number = page(target).anchors.index(anchor) if anchor else ""
    return f"{name_of(target).replace('.zh-CN.', '.')}#{number}"


def test_pages_for_users_are_looked_at() -> None:
    assert {"README.md", "docs/api.md", "docs/channels/slack.md", "docs/runbook.md"} <= {
        name_of(each) for each in ENGLISH
    }


@every_pair
def test_a_page_has_a_twin_and_each_names_the_other_under_its_title(english: Path) -> None:
    for this, other, language in ((english, twin(english), "简体中文"), (twin(english), english, "English")):
        lines = this.read_text("utf-8").splitlines()
        assert lines[2] == f"[{language}]({other.name})"


@every_pair
def test_twins_have_the_same_headings(english: Path) -> None:
    ours, theirs = both(english)
    assert theirs.levels == ours.levels


@every_pair
def test_twins_have_the_same_tables(english: Path) -> None:
    """As many rows and cells; and the same code in the first cell of each row, which says what the row is about."""
    ours, theirs = both(english)
    shape = [[len(row) for row in table] for table in ours.tables]
    assert [[len(row) for row in table] for table in theirs.tables] == shape
    for table, other in zip(ours.tables, theirs.tables, strict=True):
        for row, same in zip(table, other, strict=True):
            assert differing(SPANS.findall(row[0]), SPANS.findall(same[0])) == []


@every_pair
def test_twins_have_the_same_code_but_for_the_words_in_it(english: Path) -> None:
    ours, theirs = both(english)
    assert [len(block) for block in theirs.code] == [len(block) for block in ours.code]
    for block, other in zip(ours.code, theirs.code, strict=True):
        assert differing(block, other) == []


@every_pair
def test_twins_name_the_same_fields_files_and_settings(english: Path) -> None:
    ours, theirs = both(english)
    assert theirs.names == ours.names


@every_pair
def test_twins_have_the_same_links_and_a_chinese_page_leads_to_chinese_ones(english: Path) -> None:
    ours, theirs = both(english)
    head, *links = theirs.links
    assert head == (english.name, "")
    for path, _ in links:
        target = (english.parent / path).resolve()
        assert target not in ENGLISH, f"{path} is there in Chinese"
    assert Counter(leads_to(each, theirs.path) for each in links) == Counter(
        leads_to(each, ours.path) for each in ours.links[1:]
    )


@every_pair
def test_twins_mark_the_same_things_as_generated_or_tested(english: Path) -> None:
    ours, theirs = both(english)
    assert theirs.comments == ours.comments


@every_pair
def test_twins_say_what_each_picture_shows_in_their_own_language(english: Path) -> None:
    ours, theirs = both(english)
    assert len(theirs.pictures) == len(ours.pictures)
    assert [said for said in theirs.pictures if not CHINESE.search(said)] == []
    assert [said for said in ours.pictures if not said or CHINESE.search(said)] == []
