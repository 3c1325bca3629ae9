"""The parts of the benchmark, each of which is run in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from bench.report import Report

PARTS = {
    "imports": "bench.imports",
    "parse": "bench.parsing",
    "calls": "bench.calls",
    "idle": "bench.idle",
    "sustained": "bench.sustained",
    "local": "bench.local",
}


def measured(part: str) -> Report:
    """What a part found. Its progress goes to standard error."""
    measure: Callable[[Callable[[str], None]], Report] = import_module(PARTS[part]).measure
    return measure(_say)


def _say(line: str) -> None:
    print(f"... {line}", file=sys.__stderr__, flush=True)
