"""Linking people, and undoing it, whoever else is writing: what is planned from what was read happens whole, or is
planned anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.core.changes import TRIES, pause
from shared.core.linking.admitting import plan_admission
from shared.core.linking.joining import Arrival, Evidence, Party
from shared.core.linking.merging import check_mergeable, plan_merge
from shared.core.linking.records import NewCustomer, Outcome, Rearrangement, StoredLink
from shared.core.linking.unlinking import check_undoable, plan_expulsion, plan_unlink
from shared.core.opening import opened_conversation
from shared.core.records import Head, Reference
from shared.errors import Conflict, NotFound, WriteConflict
from shared.model import identifiers
from shared.model.conversation import Customer, Identity
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.linking.ports import Links
    from shared.core.linking.records import CustomerState, LinkCode
    from shared.core.storage import ConversationLog, People
    from shared.ports.clock import Clock

MOST_MERGES = 8
"""How often the customer of a code may have been merged since: each is one read."""


class Linker:
    """Links, and takes links back. Every method tries again after a lost race, and raises WriteConflict in the end."""

    def __init__(
        self,
        log: ConversationLog,
        people: People,
        links: Links,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._people = people
        self._links = links
        self._clock = clock
        self._sleep = sleep

    def merge(self, source_id: str, target_id: str, evidence: Evidence, *, dry_run: bool = False) -> Outcome:
        """All identities of one customer go to another. With ``dry_run`` nothing is written.

        Raises NotFound(``unknown_customer``), Unprocessable(``same_customer``), Conflict(``customer_merged``,
        ``too_many_identities``), WriteConflict.
        """
        for attempt in range(TRIES):
            source, target = self.party(source_id), self.party(target_id)
            check_mergeable(source.state, target.state)
            plan, outcome = plan_merge(self._new_id(), source, target, evidence, at=self._now())
            if dry_run or self._links.rearrange(plan):
                return outcome
            pause(attempt, self._sleep)
        raise WriteConflict("the customers are being written to by too many")

    def bring(
        self,
        identity_id: str,
        target_id: str,
        evidence: Evidence,
        *,
        arrival: Arrival | None = None,
        code: LinkCode | None = None,
        reference: Reference | None = None,
    ) -> Outcome | None:
        """The customer whose identity has brought a proof goes to ``target_id``, with all their identities; with
        ``code``, it is used up by it. None when the race was lost: ask again what is the case now.

        Raises NotFound, Conflict.
        """
        stored = self._people.identity(identity_id)
        if stored is None:
            raise NotFound("unknown_identity", "there is no such identity")
        if stored.identity.customer_id == target_id:
            return None
        source, target = self.party(stored.identity.customer_id), self.party(target_id)
        check_mergeable(source.state, target.state)
        plan, outcome = plan_merge(self._new_id(), source, target, evidence, at=self._now(), arrival=arrival)
        return self._done(plan, outcome, code, identity_id, reference)

    def admit(
        self,
        identity: Identity,
        target_id: str,
        evidence: Evidence,
        *,
        handles: Mapping[str, str],
        arrival: Arrival | None = None,
        code: LinkCode | None = None,
        reference: Reference | None = None,
    ) -> Outcome | None:
        """A new identity that has brought a proof joins ``target_id``; ``handles`` are those of its aliases by which it
        is found from now on. None when the race was lost. Raises NotFound, Conflict."""
        target = self.party(target_id)
        if target.state.merged_into is not None:
            return None
        plan, outcome = plan_admission(self._new_id(), identity, target, evidence, at=self._now(), arrival=arrival)
        return self._done(replace(plan, handles=dict(handles)), outcome, code, identity.id, reference)

    def unlink(self, customer_id: str, identity_id: str, by: dict[str, str], *, dry_run: bool = False) -> Outcome:
        """Takes back the link by which an identity came to its customer, with all that came by it.

        Raises NotFound(``unknown_customer``, ``unknown_identity``), Conflict(``not_linked``, ``link_superseded``),
        WriteConflict.
        """
        for attempt in range(TRIES):
            target = self.party(customer_id)
            stored = self._link_of(target.state, identity_id)
            plan, outcome = self._undoing(stored, target, by)
            if dry_run or self._links.rearrange(plan):
                return outcome
            pause(attempt, self._sleep)
        raise WriteConflict("the customers are being written to by too many")

    def party(self, customer_id: str) -> Party:
        """A customer and their latest conversation, as they are now. Raises NotFound(``unknown_customer``)."""
        state = self._links.state(customer_id)
        if state is None:
            raise NotFound("unknown_customer", "there is no such customer")
        head = None if state.conversation_id is None else self._log.head(state.conversation_id)
        return Party(state, head)

    def current(self, customer_id: str) -> str | None:
        """The customer, or the one they have been merged into since."""
        for _ in range(MOST_MERGES):
            state = self._links.state(customer_id)
            if state is None:
                return None
            if state.merged_into is None:
                return customer_id
            customer_id = state.merged_into
        return None

    def _done(
        self,
        plan: Rearrangement,
        outcome: Outcome,
        code: LinkCode | None,
        identity_id: str,
        reference: Reference | None,
    ) -> Outcome | None:
        whole = replace(plan, code=code, used_by=None if code is None else identity_id, reference=reference)
        return outcome if self._links.rearrange(whole) else None

    def _link_of(self, state: CustomerState, identity_id: str) -> StoredLink:
        found = next((each.identity for each in state.identities if each.identity.id == identity_id), None)
        if found is None:
            raise NotFound("unknown_identity", "the customer has no such identity")
        stored = None if found.link_id is None else self._links.link(state.id, found.link_id)
        if stored is None:
            raise Conflict("not_linked", "the customer was known by this identity first; there is no link to take back")
        return stored

    def _undoing(self, stored: StoredLink, target: Party, by: dict[str, str]) -> tuple[Rearrangement, Outcome]:
        if stored.link.from_customer_id is None:
            check_undoable(stored, target, None)
            return plan_expulsion(stored, target, self._new_customer(stored, target), by, self._now())
        source = self.party(stored.link.from_customer_id)
        check_undoable(stored, target, source)
        fresh = opened_conversation(stored.link.customer_id, self._clock(), reason="unlinked")
        return plan_unlink(stored, target, source, by, self._now(), left=self._left(stored), fresh=fresh)

    def _left(self, stored: StoredLink) -> Head | None:
        """The conversation that the customer had before another was brought to them; it may have gone with somebody
        else since."""
        head = None if stored.target_conversation is None else self._log.head(stored.target_conversation)
        return head if head is not None and head.customer_id == stored.link.customer_id else None

    def _new_customer(self, stored: StoredLink, target: Party) -> NewCustomer:
        now = self._clock()
        identity = next(each.identity for each in target.state.identities if each.identity.link_id == stored.link.id)
        customer = Customer(
            id=identifiers.customer_id(now), name=identity.name, language=identity.language, created_at=rfc3339(now)
        )
        return NewCustomer(customer, *opened_conversation(customer.id, now, reason="unlinked"))

    def _new_id(self) -> str:
        return identifiers.link_id(self._clock())

    def _now(self) -> tuple[float, str]:
        now = self._clock()
        return now, rfc3339(now)
