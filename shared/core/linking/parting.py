"""What becomes of conversations when a link is taken back: who leaves takes their routes along, and what was closed or
brought by the link is theirs again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.linking.joining import looked_at
from shared.core.records import Head, NewEntry, RouteState
from shared.model.timestamps import seconds

if TYPE_CHECKING:
    from shared.core.linking.joining import Party
    from shared.core.linking.records import StoredLink


def staying(head: Head | None, names: Collection[str]) -> dict[str, RouteState]:
    """Some of a conversation's routes, for a new one, which has nothing in it that must not be shown."""
    routes = {} if head is None else head.routes
    return {name: replace(route, shows_from=0) for name, route in routes.items() if name in names}


def without(head: Head, names: Iterable[str], stored: StoredLink, waiting_since: float | None) -> Head:
    """The conversation without some of its routes. When the customer wrote from one of them last, the one before that
    is the active one again, and of the questions only one that was asked before the link is still open."""
    gone = frozenset(names)
    routes = {name: route for name, route in head.routes.items() if name not in gone}
    left = replace(head, routes=routes, waiting_since=waiting_since)
    if head.active_identity not in gone:
        return left
    earlier = head.conversation_id == stored.conversation_id and (head.asked or 0) < stored.sequence
    return replace(left, active_identity=next(reversed(routes), None), asked=head.asked if earlier else None)


def still_waiting(head: Head, stored: StoredLink) -> float | None:
    """Since when those who stay wait for an answer. A conversation does not say which of its identities wait: when
    somebody wrote after the link and was not answered, it may have been them."""
    if head.waiting_since is None:
        return None
    if stored.waiting_since is not None and head.waiting_since <= stored.waiting_since:
        return stored.waiting_since
    linked_at = seconds(stored.link.at)
    if head.waiting_since > linked_at:
        return head.waiting_since
    # Those who go have waited since before they came.
    wrote = head.sequence > stored.sequence and head.active_identity not in stored.link.identity_ids
    return linked_at if wrote else None


def taken_back(stored: StoredLink, source: Party, later: Head | None) -> Head:
    """The conversation that those who go had brought. ``later`` is the one that it was followed by, if there is one:
    the send windows are as they are there."""
    if source.head is None:
        raise LookupError("the conversation of the link is not there")
    staying = [name for name in source.head.routes if name not in stored.link.identity_ids]
    back = without(source.head, staying, stored, source.head.waiting_since)
    known = {} if later is None else later.routes
    routes = {name: _as_by_now(route, known.get(name)) for name, route in back.routes.items()}
    return replace(back, routes=routes, customer_id=source.state.id)


def given_back(stored: StoredLink, source: Head | None, target: Head | None) -> Head | None:
    """The conversation that was closed by the link, as it was before, with the send windows as they are by now; None
    when the link closed none."""
    if source is None or stored.source_status in (None, "closed") or source.status != "closed":
        return None
    known = {} if target is None else target.routes
    routes = {name: _as_by_now(route, known.get(name)) for name, route in source.routes.items()}
    return replace(source, status=stored.source_status or "open", routes=routes)


def _as_by_now(route: RouteState, later: RouteState | None) -> RouteState:
    return route if later is None else replace(route, windows=later.windows, blocked=later.blocked)


def routes_by_now(
    head: Head | None, later: Head | None, theirs: set[str], back: set[str], now: float
) -> list[tuple[Head, NewEntry]]:
    """A conversation that was closed before the link, with the routes that are still ``theirs`` and those of who is
    ``back``, as they are by now: what was sent on them since counts. Nothing when that changes nothing."""
    if head is None or later is None:
        return []
    routes = {name: _as_by_now(route, later.routes.get(name)) for name, route in head.routes.items() if name in theirs}
    for name, route in later.routes.items():
        if name in back and name not in routes:
            routes[name] = replace(route, shows_from=head.sequence + 1 if route.shows_from else 0)
    if routes == head.routes:
        return []
    changed = {name: route.channel for name, route in routes.items() if route != head.routes.get(name)}
    shown = [{"identity_id": name, "channel": channel} for name, channel in changed.items()]
    data = {"conversation": {"id": head.conversation_id}, "changes": {"routes": shown}, "reason": "unlinked"}
    active = head.active_identity if head.active_identity in routes else next(reversed(routes), None)
    return [written(replace(head, routes=routes, active_identity=active), "conversation.updated", data, now)]


def written(head: Head, kind: str, data: dict[str, Any], now: float) -> tuple[Head, NewEntry]:
    """A conversation and the next entry of its log."""
    following = looked_at(replace(head, sequence=head.sequence + 1, updated_at=now))
    tasks = ("push",) if kind == "identity.unlinked" else ()
    return following, NewEntry(type=kind, at=now, data=data, tasks=tasks)


def unlinked(head: Head, undone: StoredLink) -> dict[str, Any]:
    """The data of ``identity.unlinked``."""
    return {
        "conversation": {"id": head.conversation_id},
        "customer": {"id": undone.link.customer_id},
        "link": msgspec.to_builtins(undone.link),
    }


def reopened(head: Head, undone: StoredLink, target: Party) -> dict[str, Any]:
    """``while_linked`` says where to read what was said in the meantime: after ``from_sequence`` of that log."""
    until = target.head.sequence if target.head is not None else undone.sequence
    return {
        "conversation": {"id": head.conversation_id},
        "changes": {"status": head.status},
        "reason": "unlinked",
        "link": msgspec.to_builtins(undone.link),
        "while_linked": {
            "conversation_id": undone.conversation_id,
            "from_sequence": undone.sequence,
            "to_sequence": until if target.state.conversation_id == undone.conversation_id else None,
        },
    }
