"""Interleaving the database calls of several writers as a schedule says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from shared.aws.client import AwsClient
from shared.aws.connection import READ_TIMEOUT
from tests.support.clients import CREDENTIALS, REGION

PATIENCE = 60.0
"""Seconds until a writer that does not come to its next call is taken for stuck."""


class Schedule:
    """Runs writers in threads, one at a time, so that a run can be repeated: a writer stops before each of its calls,
    and ``turns`` says whose call is next. Numbers are taken modulo the writers that are still at work; when the turns
    are used up, writers finish one after the other.
    """

    def __init__(self, turns: Sequence[int]) -> None:
        self._turns = list(turns)
        self._mine = [threading.Semaphore(0)]
        self._stopped = threading.Semaphore(0)
        self._errors: list[BaseException] = []

    def run(self, endpoint: str, writers: Sequence[Callable[[AwsClient], object]]) -> None:
        """Raises the first error of a writer."""
        self._mine = [threading.Semaphore(0) for _ in writers]
        at_work = list(range(len(writers)))
        finished: set[int] = set()
        threads = [
            threading.Thread(target=self._write, args=(number, endpoint, writer, finished), daemon=True)
            for number, writer in enumerate(writers)
        ]
        for thread in threads:
            thread.start()
            self._wait(self._stopped)
        while at_work := [number for number in at_work if number not in finished]:
            turn = self._turns.pop(0) if self._turns else 0
            self._mine[at_work[turn % len(at_work)]].release()
            self._wait(self._stopped)
        for thread in threads:
            thread.join(PATIENCE)
        if self._errors:
            raise self._errors[0]

    def stop(self, number: int) -> None:
        """Called by a writer before each call: lets the others go on until it is this one's turn."""
        self._stopped.release()
        self._wait(self._mine[number])

    def _write(self, number: int, endpoint: str, writer: Callable[[AwsClient], object], finished: set[int]) -> None:
        try:
            writer(_TurnTaking(endpoint, self, number))
        except BaseException as error:
            self._errors.append(error)
        finished.add(number)
        self._stopped.release()

    @staticmethod
    def _wait(semaphore: threading.Semaphore) -> None:
        if not semaphore.acquire(timeout=PATIENCE):
            raise TimeoutError("a writer does not go on")


class _TurnTaking(AwsClient):
    def __init__(self, endpoint: str, schedule: Schedule, number: int) -> None:
        super().__init__(REGION, CREDENTIALS, endpoint)
        self._schedule = schedule
        self._number = number

    def call(
        self, service: str, operation: str, payload: dict[str, Any], *, timeout: float = READ_TIMEOUT
    ) -> dict[str, Any]:
        self._schedule.stop(self._number)
        return super().call(service, operation, payload, timeout=timeout)
