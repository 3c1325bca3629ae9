"""When a provider says that a route is closed, or a customer has opened one, the conversation says so from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.core.changes import Change, apply_change
from shared.core.records import Head, NewEntry, RouteState

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog, People


def block(log: ConversationLog, people: People, conversation_id: str, identity_id: str, now: float) -> None:
    """Notes that an identity takes no more messages, and closes its route. Raises NotFound, WriteConflict."""
    people.set_identity_status(identity_id, "blocked")
    close_route(log, conversation_id, identity_id, "blocked", now)


def close_route(log: ConversationLog, conversation_id: str, identity_id: str, reason: str, now: float) -> None:
    """Closes one route until the customer writes again: ``blocked`` for a customer who is gone or refuses messages,
    ``window_closed`` when the provider counts its window differently from us.

    Raises NotFound, WriteConflict.
    """

    def prepare(head: Head) -> Change | None:
        route = head.routes.get(identity_id)
        if route is None:
            return None
        closed = replace(route, windows={}, blocked=None if reason == "window_closed" else reason)
        if closed == route:
            return None
        following = replace(
            head, sequence=head.sequence + 1, updated_at=now, routes={**head.routes, identity_id: closed}
        )
        shown = {"identity_id": identity_id, "channel": route.channel, "can_reply": False, "reason": reason}
        data = {"conversation": {"id": conversation_id}, "changes": {"routes": [shown]}}
        return Change(following, NewEntry(type="conversation.updated", at=now, data=data))

    apply_change(log, conversation_id, prepare)


def route_opened(head: Head, identity_id: str, route: RouteState, now: float) -> tuple[Head, NewEntry]:
    """The conversation after something that is no message has opened a send window on a route, and the entry that says
    so."""
    following = replace(head, sequence=head.sequence + 1, updated_at=now, routes={**head.routes, identity_id: route})
    shown = {"identity_id": identity_id, "channel": route.channel, "can_reply": True}
    data = {"conversation": {"id": head.conversation_id}, "changes": {"routes": [shown]}}
    return following, NewEntry(type="conversation.updated", at=now, data=data)
