"""From a verified provider event to an entry in a conversation's log: one strong read and one transaction per
message."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.core.changes import TRIES, pause
from shared.core.messages import is_message, stored_form
from shared.core.placing import Placing, route_of
from shared.core.records import AlreadyStored, Head, Located, NewEntry, Raced, Reference
from shared.core.revisions import Revise
from shared.core.routes import close_route
from shared.core.windows import opened
from shared.errors import WriteConflict
from shared.model import identifiers
from shared.model.inbound import (
    AccountNotice,
    InboundDeletion,
    InboundEdit,
    InboundMessage,
    InboundReaction,
    InboundReceipt,
)
from shared.model.message import STATUS_RANK, Author, Channel, Message, MessageError
from shared.model.parts import media_of
from shared.model.text import flatten
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog, Deliveries, Notices, People
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent
    from shared.ports import Clock, Connector, Originals

READ_BACK = 50
"""How many messages back a "read up to here" is applied."""


class Ingest:
    """The ingest use case. Call :meth:`start_batch` once per invocation, then the object with each envelope."""

    def __init__(
        self,
        *,
        log: ConversationLog,
        people: People,
        deliveries: Deliveries,
        notices: Notices,
        connector_of: Callable[[str], Connector],
        originals: Originals,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._people = people
        self._deliveries = deliveries
        self._notices = notices
        self._connector_of = connector_of
        self._originals = originals
        self._revise = Revise(log, clock, sleep)
        self._clock = clock
        self._sleep = sleep
        self._placing = Placing(log, people, clock)

    def start_batch(self) -> None:
        """Forgets the conversations' states: other workers have written since."""
        self._placing.start_batch()

    def __call__(self, envelope: Envelope) -> Counter[str]:
        """Stores everything in the envelope; what happened, counted (received = stored + duplicate + receipt + ...).

        Raises InfrastructureError when the store failed: the whole envelope is safe to try again. Raises DeliveryError
        when an original that the envelope only names is not there.
        """
        if envelope.stored is not None:
            envelope = envelope._replace(body=self._originals.read(envelope.stored))
        outcomes: Counter[str] = Counter()
        for event in self._connector_of(envelope.channel).parse(envelope):
            outcomes["received"] += 1
            outcomes[self._handle(event, envelope)] += 1
        return outcomes

    def _handle(self, event: InboundEvent, envelope: Envelope) -> str:
        if isinstance(event, InboundMessage):
            return self._message(event, envelope)
        if isinstance(event, InboundReceipt):
            return self._receipt(event, envelope)
        if isinstance(event, InboundEdit | InboundDeletion | InboundReaction):
            return self._revise(event, envelope)
        if isinstance(event, AccountNotice):
            self._notices.record(envelope.channel, envelope.account, event)
            return "notice"
        return "typing"

    def _message(self, event: InboundMessage, envelope: Envelope) -> str:
        identity_id = identifiers.identity_id(envelope.channel, event.sender.scope, event.sender.external_id)
        if event.origin == "echo" and event.continues is not None:
            # The thread says whose conversation it is, better than the provider names its customer.
            answered = self._placing.customer_of(event.continues, envelope)
            if answered is None:
                return "echo_unmatched"
            identity_id = answered
        reference = Reference(envelope.channel, envelope.account, event.provider_id)
        for attempt in range(TRIES):
            head = self._placing.place(identity_id, reference, event)
            if isinstance(head, AlreadyStored):
                return "duplicate"
            if head is not None:
                following = self._following(head, event, envelope, identity_id)
                entry = self._entry(following, event, envelope, identity_id)
                outcome = self._log.append(following, entry, reference=reference)
                if isinstance(outcome, AlreadyStored):
                    # Whoever stored it may have died before the next line.
                    self._note_sender_status(identity_id, event, head, head)
                    return "duplicate"
                if not isinstance(outcome, Raced):
                    self._placing.written(following)
                    self._note_sender_status(identity_id, event, head, following)
                    return "stored"
                self._placing.forget(identity_id, head)
            pause(attempt, self._sleep)
        raise WriteConflict("the conversation is being written to by too many")

    def _following(self, head: Head, event: InboundMessage, envelope: Envelope, identity_id: str) -> Head:
        """The conversation's state after this message."""
        now = self._clock()
        route = route_of(head, identity_id, envelope.channel, envelope.account)
        route = opened(route, event.opens, min(event.occurred_at, now))
        blocked = None if event.sender_status in (None, "active") else event.sender_status
        route = replace(route, thread_id=event.thread_id or route.thread_id, blocked=blocked)
        waits = event.wants_answer and event.origin == "customer"
        return replace(
            head,
            sequence=head.sequence + 1,
            updated_at=now,
            status="open" if waits else head.status,
            routes={**{name: other for name, other in head.routes.items() if name != identity_id}, identity_id: route},
            active_identity=identity_id,
        )

    def _entry(self, head: Head, event: InboundMessage, envelope: Envelope, identity_id: str) -> NewEntry:
        sources = _name_media(event, self._clock())
        echo = event.origin == "echo"
        message = Message(
            id=identifiers.message_id(self._clock()),
            conversation_id=head.conversation_id,
            sequence=head.sequence,
            direction="outbound" if echo else "inbound",
            origin=event.origin,
            author=_author(event, head),
            channel=Channel(type=envelope.channel, account=envelope.account, thread_id=event.thread_id),
            identity_id=identity_id,
            external_ids=event.external_ids,
            reply_to=event.reply_to,
            parts=event.parts,
            text=flatten(event.parts),
            language=event.sender.language,
            email=event.email,
            metadata=event.metadata,
            occurred_at=rfc3339(event.occurred_at),
            received_at=rfc3339(envelope.received_at),
        )
        live = any(self._connector_of(route.channel).capabilities.live for route in head.routes.values())
        return NewEntry(
            type="message.sent" if echo else "message.received",
            at=head.updated_at,
            data={"message": stored_form(message)},
            message_id=message.id,
            channel=envelope.channel,
            account=envelope.account,
            origin=event.origin,
            tasks=(*(("push",) if live else ()), *(("media",) if sources else ())),
            media_sources=sources,
            traceparent=envelope.traceparent,
        )

    def _note_sender_status(self, identity_id: str, event: InboundMessage, before: Head, head: Head) -> None:
        """Writes down what the conversation says of its sender by now: an old message that comes again says nothing
        new. Who writes again after the route was closed has opened it."""
        route, earlier = head.routes.get(identity_id), before.routes.get(identity_id)
        if route is None:
            return
        returned = earlier is not None and earlier.blocked is not None and route.blocked is None
        if event.sender_status is not None or returned:
            self._people.set_identity_status(identity_id, route.blocked or "active")

    def _receipt(self, event: InboundReceipt, envelope: Envelope) -> str:
        if event.sender is not None and event.up_to_sequence is not None:
            return self._read_up_to(event, envelope)
        if event.external_id is None:
            return "receipt_unmatched"
        reference = Reference(envelope.channel, envelope.account, event.external_id)
        found = self._log.find(reference) or self._deliveries.set_aside(
            reference, event.status, event.occurred_at, error=_error(event.error)
        )
        if found is None or found.message_id is None:
            return "receipt_unmatched"
        self._raise(found, event)
        if event.blocks:
            self._block(found)
        return "receipt"

    def _block(self, located: Located) -> None:
        """Closes the route that a message of ours took."""
        entry = self._log.entry(located.conversation_id, located.sequence)
        if entry is not None and is_message(entry):
            identity_id = entry.data["message"]["identity_id"]
            self._people.set_identity_status(identity_id, "blocked")
            close_route(self._log, located.conversation_id, identity_id, "blocked", self._clock())

    def _read_up_to(self, event: InboundReceipt, envelope: Envelope) -> str:
        """Marks our messages up to a place as read, as far as they are not."""
        if event.sender is None or event.up_to_sequence is None:
            return "receipt_unmatched"
        identity_id = identifiers.identity_id(envelope.channel, event.sender.scope, event.sender.external_id)
        head = self._placing.existing(identity_id)
        if head is None:
            return "receipt_unmatched"
        for entry in self._log.recent(head.conversation_id, min(event.up_to_sequence, head.sequence), READ_BACK):
            rank = entry.delivery.rank if entry.delivery is not None else 0
            if entry.type == "message.sent" and entry.origin != "echo" and rank < STATUS_RANK[event.status]:
                self._raise(Located(head.conversation_id, entry.sequence, entry.message_id), event)
        return "receipt"

    def _raise(self, located: Located, event: InboundReceipt) -> None:
        self._deliveries.raise_status(
            located.conversation_id,
            located.sequence,
            located.message_id or "",
            event.status,
            event.occurred_at,
            error=_error(event.error),
        )


def _author(event: InboundMessage, head: Head) -> Author:
    if event.origin == "echo":
        return event.author or Author(type="agent")
    return Author(type="customer", customer_id=head.customer_id, name=event.sender.name)


def _error(error: MessageError | None) -> dict[str, object] | None:
    return None if error is None else {"code": error.code, "title": error.title, "retryable": error.retryable}


def _name_media(event: InboundMessage, now: float) -> dict[str, dict[str, str]]:
    """Gives every media of the message its id, and returns where each can be fetched from, by that id."""
    media = [each for part in event.parts for each in media_of(part)]
    for each in media:
        each.media_id = each.media_id or identifiers.media_id(now)
        each.state = each.state or "pending"
    return {media[source.index].media_id or "": source.reference for source in event.media if source.index < len(media)}
