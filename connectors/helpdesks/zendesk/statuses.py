"""Statuses of tickets and of conversations. Source: developer.zendesk.com/api-reference/ticketing/tickets/tickets."""

from __future__ import annotations

from typing import Literal

Status = Literal["open", "pending", "closed"]

THEIRS: dict[str, str] = {"open": "open", "pending": "pending", "closed": "solved"}
OURS: dict[str, Status] = {
    "new": "open",
    "open": "open",
    "pending": "pending",
    "hold": "pending",
    "solved": "closed",
    "closed": "closed",
}
"""A solved ticket can be opened again; a ``closed`` one takes no change at all, and a follow-up is made instead."""

CLOSED = "closed prevents ticket update"
"""How Zendesk refuses a change of a closed ticket (422, RecordInvalid)."""
