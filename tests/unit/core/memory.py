"""The store in memory: what shared.core.storage asks for, with the same conditions as the real one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from shared.core.publishing import entry_event
from shared.core.records import (
    AlreadyAnswered,
    AlreadyStored,
    Appended,
    Entry,
    Head,
    IdempotencyRecord,
    Located,
    NewEntry,
    Raced,
    Reference,
    Rewrite,
    StoredIdentity,
    Written,
)
from shared.model.conversation import Customer, Identity
from shared.model.inbound import AccountNotice
from shared.model.message import Message
from tests.support.event_contract import check_event
from tests.unit.core.memory_deliveries import MemoryDeliveries


@dataclass
class MemoryStore(MemoryDeliveries):
    """Implements ConversationLog, People, Deliveries, Notices, AccountHealth and MediaAddresses of the core.

    ``races`` is how many of the next writes lose against somebody else.
    """

    heads: dict[str, Head] = field(default_factory=dict)
    logs: dict[str, list[Entry]] = field(default_factory=dict)
    records: dict[tuple[str, str], AlreadyAnswered] = field(default_factory=dict)
    identities: dict[str, StoredIdentity] = field(default_factory=dict)
    customers: dict[str, tuple[Customer, str | None]] = field(default_factory=dict)
    notices: list[AccountNotice] = field(default_factory=list)
    health: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    handles: dict[tuple[str, str], str] = field(default_factory=dict)
    filled: list[str] = field(default_factory=list)
    races: int = 0

    def head(self, conversation_id: str) -> Head | None:
        return self.heads.get(conversation_id)

    def append(
        self,
        head: Head,
        entry: NewEntry,
        *,
        reference: Reference | None = None,
        idempotency: IdempotencyRecord | None = None,
        latest_of: str | None = None,
        rewrite: Rewrite | None = None,
        unless: Reference | None = None,
    ) -> Appended:
        stored = next((each for each in (reference, unless) if each in self.references), None)
        if stored is not None:
            located = self.references[stored]
            return AlreadyStored(located.conversation_id, located.sequence)
        if idempotency is not None and (idempotency.key_id, idempotency.key) in self.records:
            return self.records[idempotency.key_id, idempotency.key]
        if self.races > 0:
            self.races -= 1
            return Raced()
        if latest_of is not None and self.open_conversation(latest_of) != head.conversation_id:
            return Raced()
        if self.heads[head.conversation_id].sequence != head.sequence - 1:
            return Raced()
        self.write(head, entry)
        if rewrite is not None:
            log = self.logs[head.conversation_id]
            before = log[rewrite.sequence - 1]
            sources = {} if rewrite.forgets_files else before.media_sources
            log[rewrite.sequence - 1] = replace(before, data=rewrite.data, media_sources=sources)
        if reference is not None:
            self.references[reference] = Located(head.conversation_id, head.sequence, entry.message_id)
        if idempotency is not None:
            answer = AlreadyAnswered(idempotency.request_hash, idempotency.response)
            self.records[idempotency.key_id, idempotency.key] = answer
        return Written(head)

    def answered(self, key_id: str, idempotency_key: str) -> AlreadyAnswered | None:
        return self.records.get((key_id, idempotency_key))

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        found = [entry for entry in self.logs.get(conversation_id, []) if entry.sequence > after]
        return [replace(entry, delivery=self.state(conversation_id, entry.sequence)) for entry in found[:limit]]

    def entry(self, conversation_id: str, sequence: int) -> Entry | None:
        found = self.entries(conversation_id, sequence - 1, 1)
        return found[0] if found else None

    def recent(self, conversation_id: str, up_to: int, limit: int) -> list[Entry]:
        return [entry for entry in self.logs[conversation_id] if entry.sequence <= up_to][::-1][:limit]

    def find(self, reference: Reference) -> Located | None:
        return self.references.get(reference)

    def conversations(self, status: str | None, before: str | None, limit: int) -> tuple[list[Head], str | None]:
        return [head for head in self.heads.values() if status in (None, head.status)][:limit], None

    def identity(self, identity_id: str) -> StoredIdentity | None:
        return self.identities.get(identity_id)

    def customer(self, customer_id: str) -> tuple[Customer, str | None] | None:
        return self.customers.get(customer_id)

    def identities_of(self, customer_id: str) -> frozenset[str]:
        stored = self.identities.values()
        return frozenset(each.identity.id for each in stored if each.identity.customer_id == customer_id)

    def open_conversation(self, customer_id: str) -> str | None:
        found = self.customers.get(customer_id)
        return found[1] if found and found[0].merged_into is None else None

    def admit(
        self, identity: Identity, customer: Customer, head: Head, entry: NewEntry, handles: Mapping[str, str]
    ) -> bool:
        if identity.id in self.identities or any(handle in self.handles for handle in handles.items()):
            return False
        self.handles.update(dict.fromkeys(handles.items(), identity.id))
        self.identities[identity.id] = StoredIdentity(identity, head.conversation_id)
        self.customers[customer.id] = (customer, head.conversation_id)
        self.write(head, entry)
        return True

    def reopen(
        self, identity_id: str, previous: str | None, head: Head, entry: NewEntry, *, last: Head | None = None
    ) -> bool:
        if last is not None and self.heads[last.conversation_id].sequence != last.sequence:
            return False
        customer, current = self.customers[head.customer_id]
        identity = self.identities[identity_id].identity
        if current != previous or customer.merged_into is not None or identity.customer_id != head.customer_id:
            return False
        self.customers[head.customer_id] = (customer, head.conversation_id)
        self.follow(identity, head.conversation_id)
        self.write(head, entry)
        return True

    def follow(self, identity: Identity, conversation_id: str) -> None:
        stored = self.identities[identity.id]
        if stored.identity.customer_id == identity.customer_id:
            self.identities[identity.id] = StoredIdentity(stored.identity, conversation_id)

    def describe(self, identity_id: str, name: str | None, language: str | None) -> None:
        stored = self.identities[identity_id]
        known = {"name": stored.identity.name or name, "language": stored.identity.language or language}
        self.identities[identity_id] = StoredIdentity(
            msgspec.structs.replace(stored.identity, **known), stored.conversation_id
        )

    def set_identity_status(self, identity_id: str, status: str) -> None:
        stored = self.identities[identity_id]
        identity = msgspec.convert({**msgspec.to_builtins(stored.identity), "status": status}, Identity)
        self.identities[identity_id] = StoredIdentity(identity, stored.conversation_id)

    def update_customer(self, customer_id: str, changes: dict[str, Any], at: float) -> Customer | None:
        found = self.customers.get(customer_id)
        return None if found is None else msgspec.structs.replace(found[0], **changes)

    def record(self, channel: str, account: str, notice: AccountNotice) -> None:
        self.notices.append(notice)

    def failing(self, channel: str, account: str, code: str, at: float) -> None:
        self.health[channel, account] = {"status": "failing", "code": code}

    def working(self, channel: str, account: str, at: float) -> None:
        self.health[channel, account] = {"status": "ok"}

    def of(self, channel: str, account: str) -> dict[str, Any]:
        return self.health.get((channel, account), {"status": "unknown"})

    def fill(self, message: Message, entry: Entry) -> None:
        self.filled.append(message.id)

    def write(self, head: Head, entry: NewEntry) -> None:
        """Writes without a condition."""
        self.heads[head.conversation_id] = head
        written = Entry(
            conversation_id=head.conversation_id,
            sequence=head.sequence,
            **{name: getattr(entry, name) for name in entry.__dataclass_fields__},
        )
        self.logs.setdefault(head.conversation_id, []).append(written)
        # An entry without data is a test's own shorthand: nobody writes one.
        if entry.data:
            check_event(entry_event(written, "urn:onethread:test"))
