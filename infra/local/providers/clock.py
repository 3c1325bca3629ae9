"""A clock that tests can move: providers' rules last for days."""

from __future__ import annotations

import time


class Clock:
    """Unix seconds plus an offset. A provider's own rules follow it; what is signed or shown carries the wall clock."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset
