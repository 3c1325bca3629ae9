"""Two customers become one: what moves, and which conversation goes on.

The logs of conversations are never merged. When both customers have an open conversation, that of the customer who is
come to goes on and the other one is closed; when only the one who comes has one, it goes on as the other's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

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
from shared.model.conversation import Identity, Link, Verification


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why people are linked: the kind of proof, its level, who brought it, and whether the one who comes may see what
    was said before."""

    kind: str
    verification: Verification
    by: dict[str, str]
    shows_all: bool


@dataclass(frozen=True, slots=True)
class Party:
    """A customer and the conversation last opened with them."""

    state: CustomerState
    head: Head | None

    @property
    def open(self) -> bool:
        return self.head is not None and self.head.status != "closed"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The identity that brings the proof; ``came`` gives its route as it is after what it did (a scan opens a window)
    from what the route was before, if it had one."""

    identity_id: str
    came: Callable[[RouteState | None], RouteState]


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
    link = _link(link_id, target.state.id, names, evidence, at=at[1], source=source.state.id)
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


def plan_admission(
    link_id: str,
    identity: Identity,
    target: Party,
    evidence: Evidence,
    *,
    at: tuple[float, str],
    arrival: Arrival | None,
) -> tuple[Rearrangement, Outcome]:
    """An identity that is new joins ``target``."""
    if target.head is None:
        raise Conflict("no_conversation", "the customer has no conversation")
    if len(target.state.identities) >= MOST_IDENTITIES:
        raise Conflict("too_many_identities", f"a customer has at most {MOST_IDENTITIES} identities")
    link = _link(link_id, target.state.id, [identity.id], evidence, at=at[1], source=None)
    before = {identity.id: IdentityBefore(None, identity.verification)}
    verification = linked_verification(identity.verification, evidence.verification)
    identity = msgspec.structs.replace(
        identity, customer_id=target.state.id, verification=verification, link_id=link_id
    )
    head = target.head
    plain = RouteState(channel=identity.channel, account=identity.account)
    route = plain if arrival is None else arrival.came(None)
    following = replace(
        head,
        sequence=head.sequence + 1,
        updated_at=at[0],
        routes={**head.routes, identity.id: _showing(route, head, evidence)},
    )
    following = looked_at(following)
    stored = StoredLink(
        link=link,
        conversation_id=head.conversation_id,
        sequence=following.sequence,
        target_conversation=target.state.conversation_id,
        waiting_since=head.waiting_since,
        before=before,
    )
    plan = Rearrangement(
        link=stored,
        customers=(CustomerChange(target.state, target.state.conversation_id),),
        written=((following, linked_entry(stored, [identity], following)),),
        admitted=identity,
    )
    return plan, Outcome(link, head.conversation_id)


def looked_at(head: Head) -> Head:
    """The conversation, to be looked at soon when somebody waits in it: which of its routes has a send window that
    shuts next is for those to find who know the rules of the channels."""
    return head if head.waiting_since is None else replace(head, due_at=head.updated_at)


def linked_verification(known: Verification, proof: Verification) -> Verification:
    """How an identity is verified once it is linked: as the link says, when that is a person's word or a code."""
    return proof if proof in ("code", "agent") else known


def linked_entry(stored: StoredLink, identities: Sequence[Identity], head: Head) -> NewEntry:
    """``identity.linked``: who came, by what evidence, and who says so."""
    link = stored.link
    data: dict[str, Any] = {
        "conversation": {"id": head.conversation_id},
        "customer": {"id": link.customer_id},
        "link": msgspec.to_builtins(link),
        "identities": [
            {"id": each.id, "channel": each.channel, "account": each.account, "verification": each.verification}
            for each in identities
        ],
    }
    return NewEntry(type="identity.linked", at=head.updated_at, data=data, tasks=("push",))


def _link(link_id: str, target: str, identities: list[str], evidence: Evidence, *, at: str, source: str | None) -> Link:
    return Link(
        id=link_id,
        evidence=evidence.kind,
        verification=evidence.verification,
        by=evidence.by,
        at=at,
        customer_id=target,
        identity_ids=identities,
        from_customer_id=source,
    )


def _joined(kept: Head, source: Party, target: Party, evidence: Evidence, arrival: Arrival | None) -> Head:
    """The conversation that goes on, with the routes of the other side behind its own: they may be written to at once.

    What the one who comes may see of it depends on the evidence; the same holds, when their conversation is the one
    that goes on, for those who were there before.
    """
    joins = target if kept is source.head else source
    routes_there = _routes(joins)
    joining = {name: _showing(route, kept, evidence) for name, route in routes_there.items() if name not in kept.routes}
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


def _showing(route: RouteState, head: Head, evidence: Evidence) -> RouteState:
    return replace(route, shows_from=0 if evidence.shows_all else head.sequence + 1)


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
