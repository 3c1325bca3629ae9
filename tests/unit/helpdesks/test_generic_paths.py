"""The paths by which the generic adapter finds things in what a helpdesk says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.helpdesks.generic.paths import PathError, holds, same, steps, value_at, word_at

DOCUMENT: dict[str, Any] = {
    "comment_id": 7,
    "ticket": {
        "id": 12,
        "closed": False,
        "comments": [{"id": 3, "body": "first"}, {"id": "7", "body": "second", "files": [{"url": "/f"}]}],
    },
    "empty": "",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ticket.id", 12),
        ("ticket.comments[0].body", "first"),
        ("ticket.comments[-1].body", "second"),
        ("ticket.comments[id=comment_id].body", "second"),
        ("ticket.comments[id=comment_id].files[0].url", "/f"),
        ("ticket.comments[2].body", None),
        ("ticket.comments[id=nothing].body", None),
        ("ticket.comments.body", None),
        ("ticket[0]", None),
        ("nowhere.at.all", None),
    ],
)
def test_a_path_goes_down_names_and_indexes_and_picks_a_member(path: str, value: object) -> None:
    assert value_at(DOCUMENT, path) == value


@pytest.mark.parametrize("path", ["", ".a", "a..b", "a[", "a[x]", "a[=b]", "a[b=]", "a]b", "a b", "a" * 501])
def test_what_is_no_path_says_where(path: str) -> None:
    with pytest.raises(PathError):
        steps(path)


def test_words_are_texts_numbers_and_truth_values() -> None:
    paths = ("ticket.id", "ticket.closed", "ticket.comments[0].body", "ticket", "empty", "nothing", None)
    assert [word_at(DOCUMENT, path) for path in paths] == ["12", "false", "first", None, None, None, None]


@pytest.mark.parametrize(
    ("value", "wanted", "equal"),
    [(7, "7", True), (7, 8, False), (True, True, True), (True, 1, False), ("true", True, False), (None, None, True)],
)
def test_settings_may_write_a_number_as_a_text_but_not_a_truth_value(value: Any, wanted: Any, equal: bool) -> None:
    assert same(value, wanted) is equal


def test_conditions_hold_when_all_of_them_do() -> None:
    assert holds(DOCUMENT, {"ticket.id": 12, "ticket.closed": False})
    assert not holds(DOCUMENT, {"ticket.id": 12, "ticket.closed": True})
    assert holds(DOCUMENT, {})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=10,
)


@given(values, st.sampled_from(["a", "a.b", "a[0]", "a[-1].b", "a[b=a].a", "a[a=b][0].b"]))
def test_no_document_makes_a_path_fail(document: Any, path: str) -> None:
    word_at(document, path)
