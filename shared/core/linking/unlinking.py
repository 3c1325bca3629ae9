"""Taking a link back: everybody is again where they were before it.

What was said while the link stood stays in the log in which it was said; the conversation of those who go names the
place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import msgspec

from shared.core.linking.merging import Party, looked_at
from shared.core.linking.records import (
    CustomerChange,
    IdentityBefore,
    IdentityMove,
    NewCustomer,
    Outcome,
    Rearrangement,
    StoredLink,
)
from shared.core.records import Head, NewEntry, RouteState
from shared.errors import Conflict
from shared.model.timestamps import seconds


def check_undoable(stored: StoredLink, target: Party, source: Party | None) -> None:
    """Raises Conflict(``link_superseded``) when a later link has moved one of the identities, or the customer they came
    from, again."""
    link = stored.link
    at_home = {each.identity.id for each in target.state.identities if each.identity.link_id == link.id}
    gone = source is not None and source.state.merged_into != link.customer_id
    if link.undone_at is not None or gone or not at_home.issuperset(link.identity_ids):
        raise Conflict("link_superseded", "a later link has moved what this one moved; undo that one first")


def plan_unlink(
    stored: StoredLink,
    target: Party,
    source: Party,
    by: dict[str, str],
    at: tuple[float, str],
    *,
    left: Head | None,
    fresh: tuple[Head, NewEntry],
) -> tuple[Rearrangement, Outcome]:
    """The identities of the link go back to ``source``, the customer they came from. ``left`` is the conversation that
    the customer they came to had before, if it is still theirs; ``fresh`` is one that can be opened for them if not."""
    link = msgspec.structs.replace(stored.link, undone_at=at[1], undone_by=by)
    leaving = set(link.identity_ids)
    written: list[tuple[Head, NewEntry]] = []
    outcome = Outcome(link, stored.source_conversation, moved=stored.source_conversation if stored.moved else None)
    target_conversation = target.state.conversation_id
    opened: tuple[Head, NewEntry] | None = None
    goes_on = stored.moved and target_conversation == stored.source_conversation
    if goes_on:
        staying = {each.identity.id for each in target.state.identities} - leaving
        if left is None:
            opened = replace(fresh[0], routes=_staying(target.head, staying)), fresh[1]
            target_conversation = fresh[0].conversation_id
        else:
            target_conversation = left.conversation_id
            back_there = {each.identity_id for each in _followers(target, stored, leaving, target_conversation)}
            written.extend(_routes_by_now(left, target.head, staying, back_there, at[0]))
    elif target.head is not None:
        following = _without(target.head, link.identity_ids, stored, _still_waiting(target.head, stored))
        written.append(_written(following, "identity.unlinked", _unlinked(following, stored, link), at[0]))
    if stored.moved and source.head is not None:
        # The conversation that they brought goes with them.
        following = _taken_back(stored, source, None if goes_on else target.head)
        written.append(_written(following, "identity.unlinked", _unlinked(following, stored, link), at[0]))
    else:
        back = _given_back(stored, source.head, target.head)
        if back is not None:
            written.append(_written(back, "conversation.updated", _reopened(back, stored, link, target), at[0]))
            outcome = replace(outcome, reopened=back.conversation_id)
        else:
            written.extend(_routes_by_now(source.head, target.head, leaving, leaving, at[0]))
    heads = [head for head in (source.head, target.head) if head is not None]
    touched = {head.conversation_id for head, _ in written}
    plan = Rearrangement(
        link=replace(stored, link=link),
        identities=(
            *(_moved_back(name, stored, source.state.id) for name in link.identity_ids),
            *_followers(target, stored, leaving, target_conversation),
        ),
        customers=(
            CustomerChange(source.state, source.state.conversation_id),
            CustomerChange(target.state, target_conversation),
        ),
        written=tuple(written),
        unchanged=tuple(head for head in heads if head.conversation_id not in touched),
        opened=opened,
    )
    return plan, outcome


def plan_expulsion(
    stored: StoredLink, target: Party, new: NewCustomer, by: dict[str, str], at: tuple[float, str]
) -> tuple[Rearrangement, Outcome]:
    """The identity of the link, which was new when it came, becomes a customer of its own."""
    link = msgspec.structs.replace(stored.link, undone_at=at[1], undone_by=by)
    written: list[tuple[Head, NewEntry]] = []
    if target.head is not None:
        following = _without(target.head, link.identity_ids, stored, _still_waiting(target.head, stored))
        written.append(_written(following, "identity.unlinked", _unlinked(following, stored, link), at[0]))
        new = replace(new, head=replace(new.head, routes=_staying(target.head, link.identity_ids)))
    before = {name: replace(was, conversation_id=new.head.conversation_id) for name, was in stored.before.items()}
    plan = Rearrangement(
        link=replace(stored, link=link),
        identities=tuple(
            _moved_back(name, replace(stored, before=before), new.customer.id) for name in link.identity_ids
        ),
        customers=(CustomerChange(target.state, target.state.conversation_id),),
        written=tuple(written),
        created=new,
    )
    return plan, Outcome(link, new.head.conversation_id)


def _staying(head: Head | None, names: Collection[str]) -> dict[str, RouteState]:
    """Some of a conversation's routes, for a new one, which has nothing in it that must not be shown."""
    routes = {} if head is None else head.routes
    return {name: replace(route, shows_from=0) for name, route in routes.items() if name in names}


def _moved_back(name: str, stored: StoredLink, customer_id: str) -> IdentityMove:
    was: IdentityBefore = stored.before[name]
    return IdentityMove(
        identity_id=name,
        source=stored.link.customer_id,
        target=customer_id,
        conversation_id=was.conversation_id,
        verification=was.verification,
        link_id=was.link_id,
        was_linked_by=stored.link.id,
    )


def _followers(target: Party, stored: StoredLink, leaving: set[str], conversation_id: str | None) -> list[IdentityMove]:
    """Those who stay and wrote in the conversation that goes: they are where their customer was before."""
    if conversation_id == target.state.conversation_id:
        return []
    return [
        IdentityMove(
            identity_id=each.identity.id,
            source=target.state.id,
            target=target.state.id,
            conversation_id=conversation_id,
            verification=each.identity.verification,
            link_id=each.identity.link_id,
            was_linked_by=each.identity.link_id,
        )
        for each in target.state.identities
        if each.identity.id not in leaving and each.conversation_id == stored.source_conversation
    ]


def _without(head: Head, names: Iterable[str], stored: StoredLink, waiting_since: float | None) -> Head:
    """The conversation without some of its routes. When the customer wrote from one of them last, the one before that
    is the active one again, and of the questions only one that was asked before the link is still open."""
    gone = frozenset(names)
    routes = {name: route for name, route in head.routes.items() if name not in gone}
    left = replace(head, routes=routes, waiting_since=waiting_since)
    if head.active_identity not in gone:
        return left
    earlier = head.conversation_id == stored.conversation_id and (head.asked or 0) < stored.sequence
    return replace(left, active_identity=next(reversed(routes), None), asked=head.asked if earlier else None)


def _still_waiting(head: Head, stored: StoredLink) -> float | None:
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


def _taken_back(stored: StoredLink, source: Party, later: Head | None) -> Head:
    """The conversation that those who go had brought. ``later`` is the one that it was followed by, if there is one:
    the send windows are as they are there."""
    if source.head is None:
        raise LookupError("the conversation of the link is not there")
    staying = [name for name in source.head.routes if name not in stored.link.identity_ids]
    back = _without(source.head, staying, stored, source.head.waiting_since)
    known = {} if later is None else later.routes
    routes = {name: _as_by_now(route, known.get(name)) for name, route in back.routes.items()}
    return replace(back, routes=routes, customer_id=source.state.id)


def _given_back(stored: StoredLink, source: Head | None, target: Head | None) -> Head | None:
    """The conversation that was closed by the link, as it was before, with the send windows as they are by now; None
    when the link closed none."""
    if source is None or stored.source_status in (None, "closed") or source.status != "closed":
        return None
    known = {} if target is None else target.routes
    routes = {name: _as_by_now(route, known.get(name)) for name, route in source.routes.items()}
    return replace(source, status=stored.source_status or "open", routes=routes)


def _as_by_now(route: RouteState, later: RouteState | None) -> RouteState:
    return route if later is None else replace(route, windows=later.windows, blocked=later.blocked)


def _routes_by_now(
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
    return [_written(replace(head, routes=routes, active_identity=active), "conversation.updated", data, now)]


def _written(head: Head, kind: str, data: dict[str, Any], now: float) -> tuple[Head, NewEntry]:
    following = looked_at(replace(head, sequence=head.sequence + 1, updated_at=now))
    tasks = ("push",) if kind == "identity.unlinked" else ()
    return following, NewEntry(type=kind, at=now, data=data, tasks=tasks)


def _unlinked(head: Head, stored: StoredLink, link: Any) -> dict[str, Any]:
    return {
        "conversation": {"id": head.conversation_id},
        "customer": {"id": stored.link.customer_id},
        "link": msgspec.to_builtins(link),
    }


def _reopened(head: Head, stored: StoredLink, link: Any, target: Party) -> dict[str, Any]:
    """``while_linked`` says where to read what was said in the meantime: after ``from_sequence`` of that log."""
    until = target.head.sequence if target.head is not None else stored.sequence
    return {
        "conversation": {"id": head.conversation_id},
        "changes": {"status": head.status},
        "reason": "unlinked",
        "link": msgspec.to_builtins(link),
        "while_linked": {
            "conversation_id": stored.conversation_id,
            "from_sequence": stored.sequence,
            "to_sequence": until if target.state.conversation_id == stored.conversation_id else None,
        },
    }
