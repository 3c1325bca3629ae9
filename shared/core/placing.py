"""Which conversation a sender's message belongs to: found, followed or opened, and never two at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from shared.core.linking.proving import proven
from shared.core.messages import is_message
from shared.core.opening import opened_conversation
from shared.core.records import AlreadyStored, Head, NewEntry, Reference, StoredIdentity, Written
from shared.errors import Conflict
from shared.model import identifiers
from shared.model.conversation import Customer, Identity
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.linking.linker import Linker
    from shared.core.linking.proving import Prove
    from shared.core.storage import ConversationLog, People
    from shared.model.envelope import Envelope
    from shared.model.inbound import Continues, InboundMessage, Sender
    from shared.ports.clock import Clock

_NOTHING: Mapping[str, str] = MappingProxyType({})

REMEMBERED = 10_000
"""How many senders a warm worker remembers the conversation of: one read instead of two for each of them."""


class _Known(NamedTuple):
    """The conversation that a sender wrote to last, and what the sender has proven."""

    conversation_id: str
    aliases: Mapping[str, str]


class Placing:
    """Finds the open conversation of a sender. Heads are remembered for one batch only, who belongs where for longer.

    What is remembered is never trusted: a head is only used if it is open and lists the sender's identity, and every
    write is conditional on it. ``asks_profile`` says of a channel whether its provider can be asked who somebody is.
    """

    def __init__(
        self,
        log: ConversationLog,
        people: People,
        linker: Linker,
        prove: Prove,
        *,
        asks_profile: Callable[[str], bool],
        clock: Clock,
    ) -> None:
        self._log = log
        self._people = people
        self._linker = linker
        self._prove = prove
        self._asks_profile = asks_profile
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._heads: dict[str, Head] = {}

    def start_batch(self) -> None:
        self._heads.clear()

    def written(self, head: Head) -> None:
        """Remembers the state that we have just written, so that the next message of the batch needs no read."""
        self._heads[head.conversation_id] = head

    def forget(self, identity_id: str, head: Head) -> None:
        """After a lost race: what was remembered is old."""
        self._heads.pop(head.conversation_id, None)
        self._known.pop(identity_id, None)

    def forget_sender(self, identity_id: str) -> None:
        """After the sender was linked: they belong elsewhere."""
        known = self._known.pop(identity_id, None)
        if known is not None:
            self._heads.pop(known.conversation_id, None)

    def place(self, identity_id: str, reference: Reference, event: InboundMessage) -> Head | AlreadyStored | None:
        """The conversation for this sender's message, or None when another writer was first: ask again.

        It is open, unless the message continues a closed one and nobody waits for an answer. AlreadyStored when a
        conversation would have been opened for a message that is in an earlier one.
        """
        aliases = proven(event.sender.aliases) if event.sender.aliases else _NOTHING
        known = self._known.get(identity_id)
        if known is not None and aliases.items() <= known.aliases.items():
            head = self._head(known.conversation_id)
            if head is not None and head.status != "closed" and identity_id in head.routes:
                return head
        stored = self._people.identity(identity_id)
        if stored is None:
            placed: Head | AlreadyStored | None = self._admit(identity_id, reference, event.sender)
        else:
            if self._proves_more(stored.identity, aliases):
                if self._prove(stored.identity, aliases):
                    # They belong to another customer now.
                    return None
                # Whether it was written down shows when they are read again: somebody else may have been first.
                aliases = _NOTHING
            placed = self._place_known(stored, reference, event)
        if isinstance(placed, Head):
            self._remember(identity_id, placed, aliases)
        return placed

    @staticmethod
    def _proves_more(identity: Identity, aliases: Mapping[str, str]) -> bool:
        return not aliases.items() <= proven(identity.aliases).items()

    def existing(self, identity_id: str) -> Head | None:
        """The conversation that this identity wrote to last, open or not, as it is now; never opens one."""
        stored = self._people.identity(identity_id)
        return self._log.head(stored.conversation_id) if stored is not None and stored.conversation_id else None

    def customer_of(self, continues: Continues, envelope: Envelope) -> str | None:
        """The customer's identity in the message that is answered, if it is a message of ours to know."""
        for external_id in continues.external_ids:
            found = self._log.find(Reference(envelope.channel, envelope.account, external_id))
            entry = None if found is None else self._log.entry(found.conversation_id, found.sequence)
            if entry is not None and is_message(entry):
                identity_id: str = entry.data["message"]["identity_id"]
                return identity_id
        return None

    def _head(self, conversation_id: str) -> Head | None:
        head = self._heads.get(conversation_id)
        return head if head is not None else self._log.head(conversation_id)

    def _remember(self, identity_id: str, head: Head, aliases: Mapping[str, str]) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[identity_id] = _Known(head.conversation_id, aliases)
        self._heads[head.conversation_id] = head

    def _place_known(
        self, stored: StoredIdentity, reference: Reference, event: InboundMessage
    ) -> Head | AlreadyStored | None:
        """The conversation the identity wrote to last if it is still open, else the customer's open one, else the
        closed one that the message continues, else a new one."""
        identity = stored.identity
        head = self._log.head(stored.conversation_id) if stored.conversation_id else None
        if head is not None and head.status != "closed" and head.customer_id == identity.customer_id:
            return head if self._takes_part(identity, head) else None
        current = self._people.open_conversation(identity.customer_id)
        if current is not None and current != stored.conversation_id:
            head = self._log.head(current)
            if head is not None and head.status != "closed" and head.customer_id == identity.customer_id:
                if not self._takes_part(identity, head):
                    return None
                self._people.follow(identity, current)
                return head
        # Providers repeat a message for days: what was closed in between is not opened again for it.
        found = self._log.find(reference)
        if found is not None:
            return AlreadyStored(found.conversation_id, found.sequence)
        theirs = head is not None and head.conversation_id == current and head.customer_id == identity.customer_id
        last = head if theirs else None
        if last is not None and self._continues(event, reference, last):
            if not self._takes_part(identity, last):
                return None
            return self._reopened(last) if event.wants_answer else last
        # The routes of the last conversation go along, and with them the send windows that are open: they are the
        # customer's, not the conversation's.
        head, entry = opened_conversation(identity.customer_id, self._clock(), {} if last is None else last.routes)
        return head if self._people.reopen(identity.id, current, head, entry, last=last) else None

    def _takes_part(self, identity: Identity, head: Head) -> bool:
        """Whether the identity is still of the conversation's customer, as of the time when the conversation was read:
        whoever takes a link back writes to the conversation, and takes the route out of it."""
        if identity.id in head.routes:
            return True
        stored = self._people.identity(identity.id)
        return stored is not None and stored.identity.customer_id == head.customer_id

    def _continues(self, event: InboundMessage, reference: Reference, head: Head) -> bool:
        """Whether the message says that it belongs to this conversation, which its sender takes part in."""
        if event.continues is None:
            return False
        if event.continues.conversation_id == head.conversation_id:
            return True
        for external_id in event.continues.external_ids:
            found = self._log.find(Reference(reference.channel, reference.account, external_id))
            if found is not None:
                return found.conversation_id == head.conversation_id
        return False

    def _reopened(self, head: Head) -> Head | None:
        """The conversation opened again, by an entry of its own; None when somebody else was first."""
        now = self._clock()
        data = {"conversation": {"id": head.conversation_id}, "changes": {"status": "open"}}
        following = replace(head, status="open", sequence=head.sequence + 1, updated_at=now)
        entry = NewEntry(type="conversation.updated", at=now, data=data)
        written = self._log.append(following, entry, latest_of=head.customer_id)
        return following if isinstance(written, Written) else None

    def _admit(self, identity_id: str, reference: Reference, sender: Sender) -> Head | None:
        """A sender who was never seen: a customer of their own, unless they prove to be one whom we know."""
        now = self._clock()
        customer_id = identifiers.customer_id(now)
        identity = new_identity(identity_id, customer_id, reference, sender, now)
        handles = self._prove.unheld(identity.aliases)
        found = self._prove.holder(identity.aliases) if len(handles) < len(proven(identity.aliases)) else None
        if found is not None and self._joins(identity, found[0], found[2], handles):
            return None
        customer = Customer(id=customer_id, name=sender.name, language=sender.language, created_at=rfc3339(now))
        head, entry = opened_conversation(customer.id, now)
        if self._asks_profile(reference.channel) and not sender.unproven:
            shown = {"id": identity_id, "channel": reference.channel, "account": reference.account}
            entry = replace(entry, data={**entry.data, "identity": shown}, tasks=("profile",))
        if not self._people.admit(identity, customer, head, entry, handles):
            return None
        if found is not None:
            self._prove.suggest(identity, found[2], proven(identity.aliases)[found[2]])
        return head

    def _joins(self, identity: Identity, customer_id: str, kind: str, handles: Mapping[str, str]) -> bool:
        """Admits a new identity to the customer whom it proves to be; False when they can take nobody in. A lost race
        counts as done: whoever asks again finds out."""
        try:
            self._linker.admit(identity, customer_id, self._prove.evidence(identity, kind), handles=handles)
        except Conflict:
            return False
        return True


def new_identity(identity_id: str, customer_id: str, reference: Reference, sender: Sender, now: float) -> Identity:
    """The identity of a sender who was never seen."""
    return Identity(
        id=identity_id,
        channel=reference.channel,
        scope=sender.scope,
        external_id=sender.external_id,
        customer_id=customer_id,
        account=reference.account,
        aliases={**sender.aliases, **proven(sender.aliases)},
        verification=sender.verification,
        name=sender.name,
        language=sender.language,
        created_at=rfc3339(now),
    )
