"""Giving dead letters another chance: back into the queue they came from, or published again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.model.identifiers import digest

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

    from infra.cli.dead_letters import DeadLetter

HIDDEN_SECONDS = 60
"""How long messages are taken for; as many are taken at once as can be handled in half of it."""


class Letters(Protocol):
    """The queue that dead letters are taken from; see :class:`infra.cli.dead_letters.DeadLetterQueue`."""

    def waiting(self) -> int: ...

    def take(self, most: int, seconds: int) -> list[DeadLetter]: ...

    def give_back(self, letters: list[DeadLetter]) -> None: ...

    def delete(self, letter: DeadLetter) -> None: ...


class Handler(Protocol):
    """What is done with one dead letter before it is deleted. Raises when it has to stay."""

    def __call__(self, letter: DeadLetter) -> None: ...


@dataclass(slots=True)
class Progress:
    """How many dead letters have been dealt with, for a report after an interruption as well."""

    done: int = 0


class SourceQueue:
    """Sends a dead letter to the queue it came from, as it was."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def __call__(self, letter: DeadLetter) -> None:
        request: dict[str, Any] = {"QueueUrl": self._url, "MessageBody": letter.body}
        if letter.attributes:
            request["MessageAttributes"] = dict(letter.attributes)
        if self._url.endswith(".fifo"):
            request["MessageGroupId"] = letter.group or letter.id
            # Another id than the first time, which the queue may still remember; the same one if we are interrupted
            # before the deletion and start again, so that the queue drops the repetition.
            request["MessageDeduplicationId"] = digest("redrive", letter.id)
        elif letter.group is not None:
            request["MessageGroupId"] = letter.group
        self._client.send_message(**request)


def redrive(
    queue: Letters,
    handle: Handler,
    progress: Progress,
    *,
    limit: int | None = None,
    rate: float | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Hands dead letters to ``handle`` one by one, in order within a group, and deletes each after that.

    Ends when ``limit`` is reached, or all that were there at the start have been handled: one that fails again and
    comes back is not handled twice. Safe to interrupt anywhere: at worst the next run handles one letter again.
    ``rate`` is the most per second.
    """
    started = clock()
    total = queue.waiting() if limit is None else limit
    size = 10 if rate is None else max(1, min(10, int(rate * HIDDEN_SECONDS / 2)))
    while progress.done < total:
        batch = queue.take(min(size, total - progress.done), HIDDEN_SECONDS)
        mine = [letter for letter in batch if letter.sent_at <= started]
        try:
            for letter in mine:
                handle(letter)
                queue.delete(letter)
                batch.remove(letter)
                progress.done += 1
                if rate is not None:
                    sleep(1 / rate)
        finally:
            queue.give_back(batch)
        if not mine:
            return
