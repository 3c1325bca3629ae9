"""Time that passes when nothing is left to do: hours of waiting take no time at all, and everything happens in the same
order whenever it is run."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable


class VirtualTime:
    """A clock and a list of what is to happen. With ``sleeping``, work may take time: it runs in a thread of its own,
    of which one runs at a time, and hands over when it sleeps."""

    def __init__(self, now: float = 1_760_000_000.0, *, sleeping: bool = False) -> None:
        self.now = now
        self._sleeping = sleeping
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._idle = threading.Semaphore(0)
        self._own = threading.local()

    def __call__(self) -> float:
        return self.now

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (max(when, self.now), next(self._numbers), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.at(self.now + seconds, action)

    def start(self, work: Callable[[], None]) -> None:
        """Runs ``work`` until it sleeps, or is done. It may not raise."""
        if not self._sleeping:
            work()
            return
        baton = threading.Semaphore(0)

        def run() -> None:
            baton.acquire()
            self._own.baton = baton
            try:
                work()
            finally:
                self._idle.release()

        threading.Thread(target=run, daemon=True).start()
        self._hand_to(baton)

    def sleep(self, seconds: float) -> None:
        """For work that was started by :meth:`start`."""
        if seconds <= 0:
            return
        baton = self._own.baton
        self.after(seconds, lambda: self._hand_to(baton))
        self._idle.release()
        baton.acquire()

    def run(self, until: float) -> None:
        """Lets everything happen that is due by then."""
        while self._due and self._due[0][0] <= until:
            when, _, action = heapq.heappop(self._due)
            self.now = max(self.now, when)
            action()
        self.now = max(self.now, until)

    def pass_by(self, seconds: float) -> None:
        self.run(self.now + seconds)

    def settle(self) -> None:
        """Lets everything happen, whenever it is due."""
        while self._due:
            self.run(self._due[0][0])

    def _hand_to(self, baton: threading.Semaphore) -> None:
        baton.release()
        self._idle.acquire()
