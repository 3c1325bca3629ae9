"""Changing a conversation by one entry of its log, whoever else is writing to it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.core.records import AlreadyStored, Head, NewEntry, Raced, Reference, Rewrite
from shared.errors import NotFound, WriteConflict

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog

TRIES = 6
BASE_DELAY = 0.02
"""Seconds; the wait after a lost race is random, under a ceiling that doubles."""


@dataclass(frozen=True, slots=True)
class Change:
    """A conversation's next state and the entry that says so. For the rest, see ConversationLog.append."""

    following: Head
    entry: NewEntry
    latest_of: str | None = None
    reference: Reference | None = None
    rewrite: Rewrite | None = None


def apply_change(
    log: ConversationLog,
    conversation_id: str,
    prepare: Callable[[Head], Change | None],
    sleep: Callable[[float], None] = time.sleep,
) -> Head:
    """The conversation after the change; ``prepare`` makes it from the state it finds, or None when nothing is to
    change. A change whose reference is known has been made before, and is not made again.

    After a lost race it is prepared anew. Raises NotFound, WriteConflict, and what ``prepare`` raises.
    """
    for attempt in range(TRIES):
        head = log.head(conversation_id)
        if head is None:
            raise NotFound("unknown_conversation", "there is no such conversation")
        change = prepare(head)
        if change is None:
            return head
        outcome = log.append(
            change.following,
            change.entry,
            reference=change.reference,
            latest_of=change.latest_of,
            rewrite=change.rewrite,
        )
        if isinstance(outcome, AlreadyStored):
            return head
        if not isinstance(outcome, Raced):
            return change.following
        pause(attempt, sleep)
    raise WriteConflict("the conversation is being written to by too many")


def pause(attempt: int, sleep: Callable[[float], None]) -> None:
    """Waits after a lost race; ``attempt`` counts from 0."""
    sleep(random.uniform(0, BASE_DELAY * 2**attempt))
