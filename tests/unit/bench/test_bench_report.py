"""Tables and targets as they are printed."""

from __future__ import annotations

import pytest

from bench.report import Report, Table, Target, as_json, summary, text_of


@pytest.mark.parametrize(
    ("measured", "at_most", "reached"),
    [(0.30, True, True), (0.36, True, False), (0.354, True, True), (0.30, False, False), (None, True, None)],
)
def test_a_target_is_judged_by_what_is_printed(measured: float | None, at_most: bool, reached: bool | None) -> None:
    assert Target("P1", "cold start", measured, 0.35, "x", at_most).reached is reached


def test_columns_are_aligned_and_the_note_is_below() -> None:
    table = Table("Title", ["name", "value"], [["a", "1"], ["longer", "200"]], "How to read it.")

    assert text_of(table).splitlines() == [
        "Title",
        "  name    value",
        "  ------  -----",
        "  a           1",
        "  longer    200",
        "  How to read it.",
    ]


def test_the_summary_shows_every_target_with_its_verdict() -> None:
    report = Report(
        "imports", [], [Target("P1", "cold", 0.3, 0.35, "x", True), Target("P7", "far", None, 1, " s", True)]
    )

    assert summary([report]).rows == [
        ["P1", "cold", "0.30x", "<= 0.35x", "yes"],
        ["P7", "far", "not measured", "<= 1 s", "-"],
    ]


def test_the_json_form_holds_tables_and_verdicts() -> None:
    report = Report("parse", [Table("T", ["a"], [["1"]])], [Target("P3", "fast", 2.4, 2.3, "x", False)])

    (value,) = as_json([report])

    assert value["part"] == "parse"
    assert value["targets"] == [
        {"code": "P3", "what": "fast", "measured": 2.4, "goal": 2.3, "unit": "x", "at_most": False, "reached": True}
    ]
