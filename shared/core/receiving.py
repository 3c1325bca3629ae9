"""A message of a customer, into the log of their conversation: after one strong read, in one transaction.

Around it: a link code that it brings, the switch to another channel that it makes, the question that it answers, and
what its sender says of themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from shared.core.changes import TRIES, pause
from shared.core.choices import chosen
from shared.core.lateness import came_late, latest_with
from shared.core.linking.proving import claims_of
from shared.core.linking.redeeming import Brought, code_in
from shared.core.messages import is_message, stored_form
from shared.core.placing import new_identity
from shared.core.records import AlreadyStored, Head, NewEntry, Raced, Reference, route_of
from shared.core.switching import is_switch, moves_replies, switch
from shared.core.windows import due_at, opened
from shared.errors import WriteConflict
from shared.model import identifiers
from shared.model.message import Author, Channel, Message
from shared.model.parts import ChoicePart, Option, TextPart, media_of
from shared.model.text import flatten
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.linking.wiring import Linking
    from shared.core.placing import Placing
    from shared.core.storage import ConversationLog, People
    from shared.model.capabilities import WindowRule
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundMessage
    from shared.ports import Clock, Connector

LONGEST_ANSWER = 80
"""Characters of a text that may be the answer to a question with options."""


class ReceiveMessage:
    """Stores messages that come in; the same message twice is stored once."""

    def __init__(
        self,
        placing: Placing,
        log: ConversationLog,
        people: People,
        linking: Linking,
        *,
        connector_of: Callable[[str], Connector],
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._placing = placing
        self._log = log
        self._people = people
        self._linking = linking
        self._connector_of = connector_of
        self._clock = clock
        self._sleep = sleep

    def __call__(self, event: InboundMessage, envelope: Envelope) -> str:
        """What became of it, in a word. Raises InfrastructureError: it is safe to try again."""
        identity_id = identifiers.identity_id(envelope.channel, event.sender.scope, event.sender.external_id)
        if event.origin == "echo" and event.continues is not None:
            # The thread says whose conversation it is, better than the provider names its customer.
            answered = self._placing.customer_of(event.continues, envelope)
            if answered is None:
                return "echo_unmatched"
            identity_id = answered
        reference = Reference(envelope.channel, envelope.account, event.provider_id)
        if self._is_only_a_code(identity_id, reference, event, envelope):
            return "linked"
        for attempt in range(TRIES):
            head = self._placing.place(identity_id, reference, event)
            if isinstance(head, AlreadyStored):
                return "duplicate"
            if head is not None:
                outcome = self._store(head, event, envelope, identity_id, reference)
                if outcome is not None:
                    return outcome
                self._placing.forget(identity_id, head)
            pause(attempt, self._sleep)
        raise WriteConflict("the conversation is being written to by too many")

    def _is_only_a_code(
        self, identity_id: str, reference: Reference, event: InboundMessage, envelope: Envelope
    ) -> bool:
        """Redeems the link code that a message brings. True when that was all it said."""
        found = code_in(event)
        if found is None:
            return False
        code, whole = found
        now = self._clock()
        identity = new_identity(identity_id, "", reference, event.sender, now)
        brought = Brought(code, whole, identity, event, envelope, reference)
        linked = self._linking.redeem(brought)
        if linked:
            self._placing.forget_sender(identity_id)
            if event.sender_status is not None:
                self._people.set_identity_status(identity_id, event.sender_status)
        return linked and whole

    def _store(
        self, head: Head, event: InboundMessage, envelope: Envelope, identity_id: str, reference: Reference
    ) -> str | None:
        """None when the race was lost."""
        before = head
        if moves_replies(event) and is_switch(head, identity_id):
            switched = self._switch(head, event, envelope, identity_id, reference)
            if not isinstance(switched, Head):
                return "duplicate" if isinstance(switched, AlreadyStored) else None
            head = switched
        event, answers = self._answering(head, event)
        following = self._following(head, event, envelope, identity_id)
        if answers:
            following = replace(following, asked=None)
        late = came_late(head.routes.get(identity_id), event, envelope, self._clock())
        entry = self._entry(following, event, envelope, identity_id, late=late)
        outcome = self._log.append(following, entry, reference=reference)
        if isinstance(outcome, AlreadyStored):
            # Whoever stored it may have died before the next lines.
            self._note_sender_status(identity_id, event, head, head)
            self._note_claims(identity_id, event, head)
            return "duplicate"
        if isinstance(outcome, Raced):
            if head is not before:
                self._placing.forget(identity_id, head)
            return None
        self._placing.written(following)
        self._note_sender_status(identity_id, event, before, following)
        self._note_claims(identity_id, event, following)
        return "stored"

    def _note_claims(self, identity_id: str, event: InboundMessage, head: Head) -> None:
        claims = claims_of(event, identity_id, self._clock()) if event.origin == "customer" else []
        if claims:
            self._linking.links.note(head.customer_id, claims)

    def _switch(
        self, head: Head, event: InboundMessage, envelope: Envelope, identity_id: str, reference: Reference
    ) -> Head | AlreadyStored | Raced:
        """The conversation after the customer has come over from another channel, by an entry of its own. A message
        that is delivered again, after they went on elsewhere, moves nothing."""
        route = route_of(head, identity_id, envelope.channel, envelope.account)
        route = replace(route, thread_id=event.thread_id or route.thread_id)
        following, entry = switch(head, identity_id, route, "message", self._clock())
        entry = replace(entry, traceparent=envelope.traceparent)
        outcome = self._log.append(following, entry, unless=reference)
        if isinstance(outcome, AlreadyStored | Raced):
            return outcome
        self._placing.written(following)
        return following

    def _answering(self, head: Head, event: InboundMessage) -> tuple[InboundMessage, bool]:
        """The message with the option that it chose, when it is the answer to a question of ours in words or by number;
        and whether it answers one."""
        if head.asked is None or event.origin != "customer" or len(event.parts) != 1:
            return event, False
        part = event.parts[0]
        if isinstance(part, ChoicePart):
            return event, True
        if not isinstance(part, TextPart) or len(part.text) > LONGEST_ANSWER:
            return event, False
        option = chosen(part.text, self._options(head.conversation_id, head.asked))
        if option is None:
            return event, False
        metadata = {**event.metadata, "typed": part.text}
        choice = ChoicePart(id=option.id, title=option.title)
        return msgspec.structs.replace(event, parts=[choice], metadata=metadata), True

    def _options(self, conversation_id: str, sequence: int) -> list[Option]:
        """What could be chosen in the last question of a message."""
        entry = self._log.entry(conversation_id, sequence)
        if entry is None or not is_message(entry):
            return []
        asked = [part for part in entry.data["message"]["parts"] if part["type"] == "choices"]
        return msgspec.convert(asked[-1]["options"], list[Option]) if asked else []

    def _following(self, head: Head, event: InboundMessage, envelope: Envelope, identity_id: str) -> Head:
        """The conversation's state after this message."""
        now = self._clock()
        route = route_of(head, identity_id, envelope.channel, envelope.account)
        route = opened(latest_with(route, event, now), event.opens, min(event.occurred_at, now))
        blocked = None if event.sender_status in (None, "active") else event.sender_status
        route = replace(route, thread_id=event.thread_id or route.thread_id, blocked=blocked)
        waits = moves_replies(event)
        waiting_since = None if event.origin == "echo" else head.waiting_since
        others = {name: other for name, other in head.routes.items() if name != identity_id}
        following = replace(
            head,
            sequence=head.sequence + 1,
            updated_at=now,
            status="open" if waits else head.status,
            # The last to write is the first to fall back on; what only happened on a route does not move it there.
            routes={**others, identity_id: route} if waits else {**head.routes, identity_id: route},
            active_identity=identity_id if waits or head.active_identity is None else head.active_identity,
            waiting_since=(waiting_since or now) if waits else waiting_since,
        )
        return replace(following, due_at=due_at(following, self._rules_of))

    def _rules_of(self, channel: str) -> tuple[WindowRule, ...]:
        return self._connector_of(channel).capabilities.windows

    def _entry(
        self, head: Head, event: InboundMessage, envelope: Envelope, identity_id: str, *, late: bool
    ) -> NewEntry:
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
            late=late,
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


def _author(event: InboundMessage, head: Head) -> Author:
    if event.origin == "echo":
        return event.author or Author(type="agent")
    return Author(type="customer", customer_id=head.customer_id, name=event.sender.name)


def _name_media(event: InboundMessage, now: float) -> dict[str, dict[str, str]]:
    """Gives every media of the message its id, and returns where each can be fetched from, by that id."""
    media = [each for part in event.parts for each in media_of(part)]
    for each in media:
        each.media_id = each.media_id or identifiers.media_id(now)
        each.state = each.state or "pending"
    return {media[source.index].media_id or "": source.reference for source in event.media if source.index < len(media)}
