"""From a verified provider event to an entry in a conversation's log: one strong read and one transaction per
message."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core.delivery_state import DeliveryState, EarlyReceipt
from shared.core.ladder import apply_receipt, route_taken
from shared.core.messages import is_message
from shared.core.placing import Placing
from shared.core.receiving import ReceiveMessage
from shared.core.records import Located, Reference
from shared.core.revisions import Revise
from shared.core.routes import block
from shared.model import identifiers
from shared.model.inbound import (
    AccountNotice,
    InboundDeletion,
    InboundEdit,
    InboundMessage,
    InboundReaction,
    InboundReceipt,
)
from shared.model.message import STATUS_RANK
from shared.model.value import replace

if TYPE_CHECKING:
    from shared.core.delivery_storage import Deliveries
    from shared.core.linking.wiring import Linking
    from shared.core.storage import ConversationLog, Notices, People
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector
    from shared.ports.context import Originals

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
        linking: Linking,
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
        self._placing = Placing(
            log,
            people,
            linking.linker,
            linking.prove,
            asks_profile=lambda channel: connector_of(channel).capabilities.profiles,
            clock=clock,
        )
        self._receive = ReceiveMessage(
            self._placing, log, people, linking, connector_of=connector_of, clock=clock, sleep=sleep
        )

    def start_batch(self) -> None:
        """Forgets the conversations' states: other workers have written since."""
        self._placing.start_batch()

    def __call__(self, envelope: Envelope) -> Counter[str]:
        """Stores everything in the envelope; what happened, counted (received = stored + duplicate + receipt + ...).

        Raises InfrastructureError when the store failed: the whole envelope is safe to try again. Raises DeliveryError
        when an original that the envelope only names is not there.
        """
        if envelope.stored is not None:
            envelope = replace(envelope, body=self._originals.read(envelope.stored))
        outcomes: Counter[str] = Counter()
        for event in self._connector_of(envelope.channel).parse(envelope):
            outcomes["received"] += 1
            outcomes[self._handle(event, envelope)] += 1
        return outcomes

    def _handle(self, event: InboundEvent, envelope: Envelope) -> str:
        if isinstance(event, InboundMessage):
            return self._receive(event, envelope)
        if isinstance(event, InboundReceipt):
            return self._receipt(event, envelope)
        if isinstance(event, InboundEdit | InboundDeletion | InboundReaction):
            return self._revise(event, envelope)
        if isinstance(event, AccountNotice):
            self._notices.record(envelope.channel, envelope.account, event)
            return "notice"
        return "typing"

    def _receipt(self, event: InboundReceipt, envelope: Envelope) -> str:
        if event.sender is not None and event.up_to_sequence is not None:
            return self._read_up_to(event, envelope)
        if event.external_id is None:
            return "receipt_unmatched"
        reference = Reference(envelope.channel, envelope.account, event.external_id)
        found = self._log.find(reference) or self._deliveries.set_aside(reference, _as_early(event))
        if found is None or found.message_id is None:
            return "receipt_unmatched"
        self._raise(found, event)
        if event.blocks:
            self._block(found)
        return "receipt"

    def _block(self, located: Located) -> None:
        """Closes the route that a message of ours took, or that it took when it got the id that the receipt names."""
        entry = self._log.entry(located.conversation_id, located.sequence)
        if entry is not None and is_message(entry):
            identity_id = route_taken(entry, located.route or 0)
            block(self._log, self._people, located.conversation_id, identity_id, self._clock())

    def _read_up_to(self, event: InboundReceipt, envelope: Envelope) -> str:
        """Marks our messages up to a place as read, as far as they are not."""
        if event.sender is None or event.up_to_sequence is None:
            return "receipt_unmatched"
        identity_id = identifiers.identity_id(envelope.channel, event.sender.scope, event.sender.external_id)
        head = self._placing.existing(identity_id)
        if head is None:
            return "receipt_unmatched"
        for entry in self._log.recent(head.conversation_id, min(event.up_to_sequence, head.sequence), READ_BACK):
            state = entry.delivery or DeliveryState()
            if entry.type == "message.sent" and entry.origin != "echo" and state.rank < STATUS_RANK[event.status]:
                route = state.route if entry.fallback else None
                self._raise(Located(head.conversation_id, entry.sequence, entry.message_id, route), event)
        return "receipt"

    def _raise(self, located: Located, event: InboundReceipt) -> None:
        apply_receipt(self._deliveries, located, _as_early(event))


def _as_early(event: InboundReceipt) -> EarlyReceipt:
    found = event.error
    error = None if found is None else {"code": found.code, "title": found.title, "retryable": found.retryable}
    return EarlyReceipt(event.status, event.occurred_at, error, event.blocks)
