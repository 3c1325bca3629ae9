"""Where in a conversation's log a time is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog

PAGE: Final = 25
"""Entries that are looked through at once."""


def sequence_before(log: ConversationLog, conversation_id: str, at: float, up_to: int) -> int:
    """The sequence that the entries at or after ``at`` come after, looked for from ``up_to`` back to the first entry
    that is older. One call per page of entries."""
    while up_to > 0:
        page = log.recent(conversation_id, up_to, PAGE)
        older = next((entry.sequence for entry in page if entry.at < at), None)
        if older is not None:
            return older
        up_to = page[-1].sequence - 1 if page else up_to - PAGE
    return 0


def last_sequence(log: ConversationLog, conversation_id: str) -> int:
    """That of the last entry; 0 when there is no such conversation."""
    head = log.head(conversation_id)
    return 0 if head is None else head.sequence
