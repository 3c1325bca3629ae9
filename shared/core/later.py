"""What can be done later, and not now."""

from __future__ import annotations


class TryLater(Exception):
    """This delivery should be tried again after ``delay`` seconds; what follows in its conversation waits for it."""

    def __init__(self, delay: float) -> None:
        super().__init__(f"try again in {delay:.0f} s")
        self.delay = delay
