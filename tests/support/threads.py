"""Running the same moment many times at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def together[Result](tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Runs every task in a thread of its own, all released at the same moment; results in order, errors raised."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], Result]) -> Result:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
