"""What it takes to join a customer, and what is written of it, whether one identity comes or a whole customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from shared.core.linking.records import CustomerState, StoredLink
from shared.core.records import Head, NewEntry, RouteState
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


def made_link(
    link_id: str, target: str, identities: list[str], evidence: Evidence, *, at: str, source: str | None
) -> Link:
    """A link as the API shows it; ``source`` is the customer who came, if there was one."""
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


def linked_verification(known: Verification, proof: Verification) -> Verification:
    """How an identity is verified once it is linked: as the link says, when that is a person's word or a code."""
    return proof if proof in ("code", "agent") else known


def showing(route: RouteState, head: Head, evidence: Evidence) -> RouteState:
    """A route that joins a conversation: what was said before shows on it only if the evidence is good enough."""
    return replace(route, shows_from=0 if evidence.shows_all else head.sequence + 1)


def looked_at(head: Head) -> Head:
    """The conversation, to be looked at soon when somebody waits in it: which of its routes has a send window that
    shuts next is for those to find who know the rules of the channels."""
    return head if head.waiting_since is None else replace(head, due_at=head.updated_at)


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
