"""What a person sees while a command works: one line per step, with the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str], None]


def silent(line: str) -> None:
    """For callers that want no lines."""


@contextmanager
def step(report: Report, text: str) -> Iterator[None]:
    """Reports the step when it is done."""
    began = time.monotonic()
    yield
    report(f"  {text:<52}{time.monotonic() - began:6.1f} s")
