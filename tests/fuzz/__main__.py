"""Fuzzing that follows coverage (atheris, Linux): ``python -m tests.fuzz TARGET --seconds N``.

A target is a module in ``targets`` with ``one(data: bytes) -> None``, which raises when something is wrong, and may
have ``SEEDS``, folders of files to begin with; without, those are in tests/fixtures/TARGET. An input that fails is kept
in tests/fixtures/fuzz/TARGET, where the ordinary tests find it from then on. What was reached is remembered in
.cache/fuzz/TARGET.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGETS = Path(__file__).parent / "targets"
# Mails of some hundred bytes reach everything; longer ones only take longer.
MAXIMUM_BYTES = 8192


def main(arguments: list[str]) -> None:
    """Runs until the time is over (exit code 0) or an input fails (another code)."""
    names = sorted(path.stem for path in TARGETS.glob("*.py"))
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=names)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args(arguments)
    # It has no types, and is there on Linux only.
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["connectors", "shared"]):
        target = importlib.import_module(f"tests.fuzz.targets.{chosen.target}")
    findings = ROOT / "tests" / "fixtures" / "fuzz" / chosen.target
    corpus = ROOT / ".cache" / "fuzz" / chosen.target
    for folder in (findings, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    folders = (*getattr(target, "SEEDS", (ROOT / "tests" / "fixtures" / chosen.target,)), findings)
    seeds = [str(folder) for folder in folders if folder.is_dir()]
    limits = [f"-max_total_time={chosen.seconds}", f"-max_len={MAXIMUM_BYTES}", "-timeout=10", "-rss_limit_mb=4096"]
    atheris.Setup(["fuzz", str(corpus), *seeds, *limits, f"-artifact_prefix={findings}/"], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
