"""Cutting a list of messages into the batches that SQS and SNS take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence


def batches[Entry](
    entries: Sequence[Entry], size: Callable[[Entry], int], *, maximum_entries: int, maximum_bytes: int
) -> Iterator[list[Entry]]:
    """Consecutive batches, in order, each within both limits. An entry over the limit alone gets a batch of its own."""
    batch: list[Entry] = []
    total = 0
    for entry in entries:
        entry_bytes = size(entry)
        if batch and (len(batch) == maximum_entries or total + entry_bytes > maximum_bytes):
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += entry_bytes
    if batch:
        yield batch
