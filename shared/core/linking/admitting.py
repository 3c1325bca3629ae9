"""An identity that is new joins a customer."""

from __future__ import annotations

from dataclasses import replace

import msgspec

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
    IdentityBefore,
    Outcome,
    Rearrangement,
    StoredLink,
)
from shared.core.records import RouteState
from shared.errors import Conflict
from shared.model.conversation import Identity


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
    link = made_link(link_id, target.state.id, [identity.id], evidence, at=at[1], source=None)
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
        routes={**head.routes, identity.id: showing(route, head, evidence)},
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
