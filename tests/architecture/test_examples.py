"""The programs that the documentation shows are files, are shown as they are, and are run by a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.documentation import examples
from infra.documentation.tables import ROOT

FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").glob("*.*"))


@pytest.mark.parametrize("page", examples.PAGES)
def test_a_page_shows_the_files_as_they_are(page: str) -> None:
    """Run ``python -m infra.documentation`` when this fails."""
    text = (ROOT / page).read_text("utf-8")
    assert examples.with_examples(text, ROOT) == text


@pytest.mark.parametrize("page", examples.PAGES)
def test_every_program_is_on_the_page(page: str) -> None:
    assert sorted(examples.shown((ROOT / page).read_text("utf-8"))) == FILES


def test_a_page_that_has_fallen_behind_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    (folder / "new.py").write_text("print('new')\n", "utf-8")
    page = "Before.\n\n<!-- file: examples/new.py -->\n\n```python\nprint('old')\n```\n\n<!-- end of file -->\n"
    assert examples.with_examples(page, tmp_path) == page.replace("old", "new")


@pytest.mark.parametrize("name", FILES)
def test_every_program_is_run_by_a_test(name: str) -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests/e2e").glob("test_*.py"))
    assert f'"{Path(name).name}"' in tests
