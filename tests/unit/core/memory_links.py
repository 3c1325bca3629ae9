"""Links and link codes in memory, with the same conditions as the real store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from msgspec import structs

from shared.core.linking.records import Claim, CustomerState, LinkCode, Rearrangement, StoredLink
from shared.core.records import Head, Located, StoredIdentity
from tests.unit.core.memory import MemoryStore


@dataclass
class MemoryLinks:
    """Implements Links and LinkCodes of shared.core.linking.ports. ``races`` is how many of the next rearrangements
    lose against somebody else; ``meanwhile`` is what others do just before the next ones."""

    store: MemoryStore
    clock: Callable[[], float]
    revisions: dict[str, int] = field(default_factory=dict)
    links: dict[tuple[str, str], StoredLink] = field(default_factory=dict)
    noted: dict[str, list[Claim]] = field(default_factory=dict)
    codes: dict[str, LinkCode] = field(default_factory=dict)
    issued: dict[str, list[float]] = field(default_factory=dict)
    wrong_at: dict[str, list[float]] = field(default_factory=dict)
    races: int = 0
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def state(self, customer_id: str) -> CustomerState | None:
        found = self.store.customers.get(customer_id)
        if found is None:
            return None
        theirs = (each for each in self.store.identities.values() if each.identity.customer_id == customer_id)
        return CustomerState(
            customer=found[0],
            conversation_id=found[1],
            revision=self.revisions.get(customer_id, 0),
            identities=tuple(sorted(theirs, key=lambda each: each.identity.id)),
            merged_into=found[0].merged_into,
        )

    def holder(self, kind: str, value: str) -> str | None:
        return self.store.handles.get((kind, value))

    def prove(
        self,
        identity_id: str,
        aliases: Mapping[str, str],
        held: Sequence[str],
        given_up: Mapping[tuple[str, str], str | None] = MappingProxyType({}),
    ) -> None:
        stored = self.store.identities[identity_id]
        found = [(kind, value) for kind, value in aliases.items() if kind not in held]
        if any(handle in self.store.handles for handle in found):
            return
        if any(self.store.handles.get(handle) != identity_id for handle in given_up):
            return
        for handle, to in given_up.items():
            del self.store.handles[handle]
            if to is not None:
                self.store.handles[handle] = to
        identity = structs.replace(stored.identity, aliases={**stored.identity.aliases, **aliases})
        self.store.identities[identity_id] = StoredIdentity(identity, stored.conversation_id)
        self.store.handles.update(dict.fromkeys(found, identity_id))

    def note(self, customer_id: str, claims: Sequence[Claim]) -> None:
        known = self.noted.setdefault(customer_id, [])
        said = {(each.kind, each.value) for each in known}
        known.extend(claim for claim in claims if (claim.kind, claim.value) not in said)

    def claims(self, customer_id: str) -> list[Claim]:
        return list(self.noted.get(customer_id, ()))

    def link(self, customer_id: str, link_id: str) -> StoredLink | None:
        return self.links.get((customer_id, link_id))

    def rearrange(self, plan: Rearrangement) -> bool:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if self.races > 0:
            self.races -= 1
            return False
        if not self._is_as_read(plan):
            return False
        self._rearrange(plan)
        return True

    def issue(self, code: LinkCode) -> bool:
        if code.code in self.codes:
            return False
        self.codes[code.code] = code
        return True

    def find(self, code: str) -> LinkCode | None:
        return self.codes.get(code)

    def use(self, code: LinkCode, identity_id: str) -> bool:
        if not self._usable(code):
            return False
        self.codes[code.code] = replace(code, used_by=identity_id)
        return True

    def count_issued(self, customer_id: str, most: int, seconds: float) -> float | None:
        times = [at for at in self.issued.get(customer_id, ()) if at > self.clock() - seconds]
        if len(times) >= most:
            return times[0] + seconds - self.clock()
        self.issued[customer_id] = [*times, self.clock()]
        return None

    def count_wrong(self, identity_id: str, seconds: float) -> None:
        self.wrong_at.setdefault(identity_id, []).append(self.clock())

    def wrong(self, identity_id: str, seconds: float) -> int:
        return len([at for at in self.wrong_at.get(identity_id, ()) if at > self.clock() - seconds])

    def _usable(self, code: LinkCode) -> bool:
        known = self.codes.get(code.code)
        return known is not None and known.used_by is None and known.expires_at > self.clock()

    def _is_as_read(self, plan: Rearrangement) -> bool:
        store = self.store
        stored = {move.identity_id: store.identities.get(move.identity_id) for move in plan.identities}
        return all(
            (
                *(self.state(each.before.id) == each.before for each in plan.customers),
                *(self._sequence(head) == head.sequence - 1 for head, _ in plan.written),
                *(self._sequence(head) == head.sequence for head in plan.unchanged),
                *(
                    found is not None
                    and found.identity.customer_id == move.source
                    and found.identity.link_id == move.was_linked_by
                    for move in plan.identities
                    for found in (stored[move.identity_id],)
                ),
                plan.admitted is None or plan.admitted.id not in store.identities,
                not any(handle in store.handles for handle in plan.handles.items()),
                plan.code is None or self._usable(plan.code),
                plan.reference is None or plan.reference not in store.references,
            )
        )

    def _sequence(self, head: Head) -> int | None:
        found = self.store.heads.get(head.conversation_id)
        return None if found is None else found.sequence

    def _rearrange(self, plan: Rearrangement) -> None:
        store, link = self.store, plan.link
        for change in plan.customers:
            customer = structs.replace(store.customers[change.before.id][0], merged_into=change.merged_into)
            store.customers[change.before.id] = (customer, change.conversation_id)
            self.revisions[change.before.id] = change.before.revision + 1
        for move in plan.identities:
            identity = structs.replace(
                store.identities[move.identity_id].identity,
                customer_id=move.target,
                verification=move.verification,
                link_id=move.link_id,
            )
            store.identities[move.identity_id] = StoredIdentity(identity, move.conversation_id)
        if plan.admitted is not None:
            store.identities[plan.admitted.id] = StoredIdentity(plan.admitted, link.conversation_id)
            store.handles.update(dict.fromkeys(plan.handles.items(), plan.admitted.id))
        if plan.created is not None:
            new = plan.created
            store.customers[new.customer.id] = (new.customer, new.head.conversation_id)
            store.write(new.head, new.entry)
        if plan.opened is not None:
            store.write(*plan.opened)
        for head, entry in plan.written:
            store.write(head, entry)
        self.links[link.link.customer_id, link.link.id] = link
        if plan.code is not None and plan.used_by is not None:
            self.codes[plan.code.code] = replace(self.codes[plan.code.code], used_by=plan.used_by)
        if plan.reference is not None:
            store.references[plan.reference] = Located(link.conversation_id, link.sequence, None)
