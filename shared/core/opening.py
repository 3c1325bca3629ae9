"""A conversation begins: its state, and the first entry of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from shared.core.records import Head, NewEntry, RouteState
from shared.model import identifiers
from shared.model.timestamps import rfc3339

_NONE: Mapping[str, RouteState] = MappingProxyType({})


def opened_conversation(
    customer_id: str, now: float, routes: Mapping[str, RouteState] = _NONE, reason: str | None = None
) -> tuple[Head, NewEntry]:
    """A new conversation, ``pending`` until somebody waits for an answer. It begins with the ``routes`` of the one
    before; ``reason`` says why, when it was not a message."""
    head = Head(
        conversation_id=identifiers.conversation_id(now),
        customer_id=customer_id,
        status="pending",
        sequence=1,
        created_at=now,
        updated_at=now,
        routes={name: replace(route, shows_from=0) for name, route in routes.items()},
    )
    data: dict[str, Any] = {
        "conversation": {"id": head.conversation_id, "customer_id": customer_id, "created_at": rfc3339(now)}
    }
    if reason is not None:
        data["reason"] = reason
    return head, NewEntry(type="conversation.opened", at=now, data=data)
