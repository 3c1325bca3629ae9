"""A message of a customer, into the log of their conversation: after one strong read, in one transaction.

Around it: a link code that it brings, the switch to another channel that it makes, and what its sender says of
themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.core.answering import with_choice
from shared.core.changes import TRIES, pause
from shared.core.lateness import came_late, latest_with
from shared.core.linking.proving import claims_of
from shared.core.linking.redeeming import Brought, code_in
from shared.core.placing import new_identity
from shared.core.received_entries import received_entry
from shared.core.records import AlreadyStored, Head, Raced, Reference, route_of
from shared.core.switching import is_switch, moves_replies, switch
from shared.core.windows import due_at, opened
from shared.errors import WriteConflict
from shared.model import identifiers

if TYPE_CHECKING:
    from shared.core.linking.wiring import Linking
    from shared.core.placing import Placing
    from shared.core.storage import ConversationLog, People
    from shared.model.capabilities import WindowRule
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundMessage
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector


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
        event, answers = with_choice(self._log, head, event)
        following = self._following(head, event, envelope, identity_id)
        if answers:
            following = replace(following, asked=None)
        late = came_late(head.routes.get(identity_id), event, envelope, self._clock())
        live = any(self._connector_of(route.channel).capabilities.live for route in following.routes.values())
        entry = received_entry(following, event, envelope, identity_id, now=self._clock(), late=late, live=live)
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

    def _note_sender_status(self, identity_id: str, event: InboundMessage, before: Head, head: Head) -> None:
        """Writes down what the conversation says of its sender by now: an old message that comes again says nothing
        new. Who writes again after the route was closed has opened it."""
        route, earlier = head.routes.get(identity_id), before.routes.get(identity_id)
        if route is None:
            return
        returned = earlier is not None and earlier.blocked is not None and route.blocked is None
        if event.sender_status is not None or returned:
            self._people.set_identity_status(identity_id, route.blocked or "active")
