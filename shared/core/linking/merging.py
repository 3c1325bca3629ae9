"""Two customers become one: what moves, and which conversation goes on.

The logs of conversations are never merged. When both customers have an open conversation, that of the customer who is
come to goes on and the other one is closed; when only the one who comes has one, it goes on as the other's.
"""

from __future__ import annotations

from dataclasses import replace

from shared.core.linking.joining import (
    Arrival,
    Evidence,
    Party,
    linked_entry,
    linked_verification,
    looked_at,
    made_link,
    showing,
)
from shared.core.linking.records import (
    MOST_IDENTITIES,
    CustomerChange,
    CustomerState,
    IdentityBefore,
    IdentityMove,
    Outcome,
    Rearrangement,
    StoredLink,
)
from shared.core.records import Head, NewEntry, RouteState
from shared.errors import Conflict, Unprocessable


def check_mergeable(source: CustomerState, target: CustomerState) -> None:
    """Raises Unprocessable(``same_customer``), Conflict(``customer_merged``, ``too_many_identities``)."""
    if source.id == target.id:
        raise Unprocessable("same_customer", "a customer cannot be merged into themselves")
    for state in (source, target):
        if state.merged_into is not None:
            detail = "the customer has been merged into another one"
            raise Conflict("customer_merged", detail, customer_id=state.id, merged_into=state.merged_into)
    if len(source.identities) + len(target.identities) > MOST_IDENTITIES:
        raise Conflict("too_many_identities", f"a customer has at most {MOST_IDENTITIES} identities")


def plan_merge(
    link_id: str,
    source: Party,
    target: Party,
    evidence: Evidence,
    *,
    at: tuple[float, str],
    arrival: Arrival | None = None,
) -> tuple[Rearrangement, Outcome]:
    """All identities of ``source`` go to ``target``. ``at`` is the time, in seconds and as text."""
    moves_conversation = target.head is None or (source.open and not target.open)
    kept = source.head if moves_conversation else target.head
    if kept is None:
        raise Conflict("no_conversation", "the customer has no conversation that could go on")
    names = [stored.identity.id for stored in source.state.identities]
    link = made_link(link_id, target.state.id, names, evidence, at=at[1], source=source.state.id)
    following = _joined(kept, source, target, evidence, arrival)
    following = replace(following, customer_id=target.state.id, sequence=kept.sequence + 1, updated_at=at[0])
    following = looked_at(following)
    stored = StoredLink(
        link=link,
        conversation_id=kept.conversation_id,
        sequence=following.sequence,
        source_conversation=source.state.conversation_id,
        source_status=source.head.status if source.head is not None else None,
        moved=moves_conversation,
        target_conversation=target.state.conversation_id,
        waiting_since=target.head.waiting_since if target.open and target.head is not None else None,
        before={
            each.identity.id: IdentityBefore(each.conversation_id, each.identity.verification, each.identity.link_id)
            for each in source.state.identities
        },
    )
    written = [(following, linked_entry(stored, [each.identity for each in source.state.identities], following))]
    unchanged = [head for head in (source.head, target.head) if head is not None and head is not kept]
    closed = None
    if source.head is not None and source.open and not moves_conversation:
        closed = source.head.conversation_id
        unchanged.remove(source.head)
        written.append(_closed(source.head, target.state.id, kept.conversation_id, at[0]))
    plan = Rearrangement(
        link=stored,
        identities=tuple(
            IdentityMove(
                identity_id=each.identity.id,
                source=source.state.id,
                target=target.state.id,
                conversation_id=kept.conversation_id,
                verification=linked_verification(each.identity.verification, evidence.verification),
                link_id=link_id,
                was_linked_by=each.identity.link_id,
            )
            for each in source.state.identities
        ),
        customers=(
            CustomerChange(source.state, source.state.conversation_id, merged_into=target.state.id),
            CustomerChange(target.state, kept.conversation_id),
        ),
        written=tuple(written),
        unchanged=tuple(unchanged),
    )
    moved = kept.conversation_id if moves_conversation else None
    return plan, Outcome(link, kept.conversation_id, closed=closed, moved=moved)


def _joined(kept: Head, source: Party, target: Party, evidence: Evidence, arrival: Arrival | None) -> Head:
    """The conversation that goes on, with the routes of the other side behind its own: they may be written to at once.

    What the one who comes may see of it depends on the evidence; the same holds, when their conversation is the one
    that goes on, for those who were there before.
    """
    joins = target if kept is source.head else source
    routes_there = _routes(joins)
    joining = {name: showing(route, kept, evidence) for name, route in routes_there.items() if name not in kept.routes}
    routes = {**joining, **kept.routes}
    if arrival is not None:
        routes[arrival.identity_id] = arrival.came(routes.pop(arrival.identity_id, None))
    heads = [head for head in (source.head, target.head) if head is not None]
    waiting = [head.waiting_since for head in heads if head.waiting_since is not None]
    return replace(kept, routes=routes, waiting_since=min(waiting, default=None))


def _routes(party: Party) -> dict[str, RouteState]:
    """The routes of a customer's identities, those first that never wrote in their conversation."""
    there = {} if party.head is None else party.head.routes
    identities = {stored.identity.id: stored.identity for stored in party.state.identities}
    silent = {
        name: RouteState(channel=identity.channel, account=identity.account)
        for name, identity in identities.items()
        if name not in there
    }
    return {**silent, **{name: route for name, route in there.items() if name in identities}}


def _closed(head: Head, customer_id: str, conversation_id: str, now: float) -> tuple[Head, NewEntry]:
    data = {
        "conversation": {"id": head.conversation_id},
        "changes": {"status": "closed"},
        "reason": "merged",
        "merged_into": {"customer_id": customer_id, "conversation_id": conversation_id},
    }
    following = replace(
        head, status="closed", sequence=head.sequence + 1, updated_at=now, controller=None, offered_to=None
    )
    return following, NewEntry(type="conversation.closed", at=now, data=data)
