"""The use cases on a store in memory and on the test channels: customers write, agents answer, replies are sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from msgspec import structs

from shared.core.conversations import ChangeConversation
from shared.core.delivery import Job
from shared.core.delivery_state import DeliveryState
from shared.core.ingest import Ingest
from shared.core.linking.wiring import Linking
from shared.core.records import Entry, Head, StoredIdentity
from shared.core.reply import Reply, ReplyRequest
from shared.errors import UnknownAccount
from shared.model.identifiers import identity_id
from shared.ports.context import ChannelContext
from tests.support.channels import CHANNELS, TestChannel, text_message, webhook
from tests.support.delivering import deliver_on
from tests.support.mail import KeptOriginals
from tests.support.providers import channel_context
from tests.support.stores import Clock, Surroundings
from tests.unit.core.memory import MemoryStore
from tests.unit.core.memory_links import MemoryLinks


class Desk:
    """One stack: ``channels`` are the test channels by name, ``gone`` the channels whose account was taken down."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = Clock()
        self.store.now = self.clock
        self.channels = {name: TestChannel(name) for name in CHANNELS}
        self.gone: set[str] = set()
        self.pauses: list[float] = []
        self.reply = Reply(self.store, self.channels.__getitem__, self.clock, self.pauses.append)
        self.change = ChangeConversation(self.store, self.store, self.clock, self.pauses.append)
        self.originals = KeptOriginals()
        self.links = MemoryLinks(self.store, self.clock)
        self.linking = Linking.on(
            self.store, self.store, self.links, self.links, clock=self.clock, sleep=self.pauses.append
        )
        self.ingest = Ingest(
            linking=self.linking,
            originals=self.originals,
            log=self.store,
            people=self.store,
            deliveries=self.store,
            notices=self.store,
            connector_of=self.channels.__getitem__,
            clock=self.clock,
            sleep=self.pauses.append,
        )
        self._deliver = deliver_on(
            log=self.store,
            people=self.store,
            deliveries=self.store,
            health=self.store,
            connector_of=self.channels.__getitem__,
            context_of=self._context,
            addresses=self.store,
            clock=self.clock,
        )

    def write(self, sender: str, text: str = "hello", channel: str = "letters", **more: Any) -> Counter[str]:
        """A customer's message, now."""
        self.ingest.start_batch()
        provider_id = more.pop("provider_id", f"{sender}-{len(self.store.references)}")
        message = text_message(sender, provider_id, text, **{"occurred_at": self.clock(), **more})
        return self.ingest(webhook(message, channel))

    def conversation(self, sender: str, channel: str = "letters") -> Head:
        """The conversation that a sender wrote to last."""
        stored = self.store.identities[identity_id(channel, "main", sender)]
        return self.store.heads[stored.conversation_id or ""]

    def answer(self, conversation_id: str, text: str = "answer", *, key: str | None = None, **more: Any) -> Any:
        """An agent's reply."""
        request = ReplyRequest(parts=more.pop("parts", [{"type": "text", "text": text}]), **more)
        return self.reply(conversation_id, request, "key-1", key)

    def deliver(self, conversation_id: str, sequence: int, attempt: int = 1) -> str:
        """Sends one entry of the log, as the outbound queue would have it sent."""
        return self._deliver(Job(self.entry(conversation_id, sequence), attempt))

    def entry(self, conversation_id: str, sequence: int) -> Entry:
        return self.store.logs[conversation_id][sequence - 1]

    def state(self, conversation_id: str, sequence: int) -> DeliveryState:
        return self.store.states[conversation_id, sequence]

    def join(self, conversation_id: str, sender: str, channel: str) -> str:
        """Moves a further identity into a conversation, as linking does; returns its id."""
        identity = identity_id(channel, "main", sender)
        if identity not in self.store.identities:
            self.write(sender, channel=channel)
        other = self.conversation(sender, channel)
        head = self.store.heads[conversation_id]
        routes = {**head.routes, identity: other.routes[identity]}
        self.store.heads[conversation_id] = replace(head, routes=routes)
        self.store.heads[other.conversation_id] = replace(other, status="closed")
        moved = structs.replace(self.store.identities[identity].identity, customer_id=head.customer_id)
        self.store.identities[identity] = StoredIdentity(moved, conversation_id)
        return identity

    def _context(self, channel: str, account: str) -> ChannelContext:
        if channel in self.gone:
            raise UnknownAccount(account)
        return channel_context({}, http=Surroundings(), name=account, originals=self.originals)
