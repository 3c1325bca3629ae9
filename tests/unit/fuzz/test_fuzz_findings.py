"""Inputs that fuzzing found, and those kept beside them, are read without fault."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = sorted(path.stem for path in (ROOT / "fuzz" / "targets").glob("*.py"))
FINDINGS = sorted(path for path in (ROOT / "fixtures" / "fuzz").glob("*/*") if path.is_file())


def test_every_finding_belongs_to_a_target() -> None:
    assert {path.parent.name for path in FINDINGS} <= set(TARGETS)


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_finding_stays_fixed(path: Path) -> None:
    importlib.import_module(f"tests.fuzz.targets.{path.parent.name}").one(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_reads_what_its_fuzzing_begins_with(name: str) -> None:
    target = importlib.import_module(f"tests.fuzz.targets.{name}")
    folders = getattr(target, "SEEDS", (ROOT / "fixtures" / name,))

    seeds = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]

    assert seeds
    for path in seeds:
        target.one(path.read_bytes())
