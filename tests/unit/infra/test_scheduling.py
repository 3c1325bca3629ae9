"""Which tests run in one process, beside one local stack."""

from __future__ import annotations

import pytest

from tests.support.scheduling import group


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        ("tests/e2e/test_desk_states.py::test_one", "pages"),
        ("tests/e2e/test_widget.py::TestMany::test_one[a@b]", "pages"),
        ("tests/e2e/test_mail.py::test_one[desk]", "calls"),
        ("tests/e2e/test_fuzzed_interface.py::test_one[POST /v1/test_page]", "calls"),
    ],
)
def test_end_to_end_tests_share_two_stacks(nodeid: str, expected: str) -> None:
    assert group(nodeid) == expected


@pytest.mark.parametrize("nodeid", ["tests/unit/infra/test_page_parts.py::test_one", "tests/contract/test_parts.py::a"])
def test_all_others_go_to_whoever_is_free(nodeid: str) -> None:
    assert group(nodeid) == nodeid
