"""Something that a provider sent could not be stored: the conversation that it belongs to says so, in its place, and
without what it said."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from shared.core.changes import Change, apply_change
from shared.core.records import NewEntry, Reference
from shared.errors import InfrastructureError
from shared.model import identifiers
from shared.model.inbound import AccountNotice, InboundMessage, InboundTyping
from shared.model.timestamps import rfc3339
from shared.model.value import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shared.core.records import Head
    from shared.core.storage import ConversationLog, Notices, People
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent, Sender
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector
    from shared.ports.context import Originals

NOTICE = "gap"


class TellGap:
    """Writes ``conversation.gap``; for the same event once, however often it is set aside."""

    def __init__(
        self,
        *,
        log: ConversationLog,
        people: People,
        notices: Notices,
        connector_of: Callable[[str], Connector],
        originals: Originals,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._people = people
        self._notices = notices
        self._connector_of = connector_of
        self._originals = originals
        self._clock = clock
        self._sleep = sleep

    def __call__(self, envelope: Envelope, reason: str) -> str:
        """Where it is told: ``entry``, or ``notice`` (see Notices) when it is not known whose conversation it is in.
        ``reason`` is the class of the error. Raises InfrastructureError."""
        mark = identifiers.digest(NOTICE, envelope.to_json())
        data = {
            "channel": envelope.channel,
            "account": envelope.account,
            "received_at": rfc3339(envelope.received_at),
            "reason": reason,
            "where": "inbound",
        }
        found = [self._conversation_of(event, envelope) for event in self._events(envelope)]
        conversations = dict.fromkeys(each for each in found if each is not None)
        for conversation_id in conversations:
            reference = Reference(envelope.channel, envelope.account, f"{NOTICE} {mark} {conversation_id}")
            self._write(conversation_id, reference, data)
        if conversations:
            return "entry"
        notice = AccountNotice(provider_id=mark, name=NOTICE, occurred_at=envelope.received_at, data=data)
        self._notices.record(envelope.channel, envelope.account, notice)
        return "notice"

    def _events(self, envelope: Envelope) -> list[InboundEvent]:
        """What the connector can read of it: nothing, if reading it is what fails."""
        if envelope.stored is not None:
            envelope = replace(envelope, body=self._originals.read(envelope.stored))
        try:
            return self._connector_of(envelope.channel).parse(envelope)
        except InfrastructureError:
            raise
        except Exception:
            return []

    def _conversation_of(self, event: InboundEvent, envelope: Envelope) -> str | None:
        """The open conversation that misses the event. Of several events in one webhook, some may have been stored."""
        if isinstance(event, InboundTyping | AccountNotice):
            return None
        if isinstance(event, InboundMessage):
            stored = self._log.find(Reference(envelope.channel, envelope.account, event.provider_id)) is not None
            return None if stored else self._open(self._of_sender(event.sender, envelope))
        if event.external_id is None:
            return None
        located = self._log.find(Reference(envelope.channel, envelope.account, event.external_id))
        return None if located is None else self._open([located.conversation_id])

    def _of_sender(self, sender: Sender, envelope: Envelope) -> Iterator[str]:
        """The conversation that the sender wrote to last, and the one last opened with the customer."""
        stored = self._people.identity(identifiers.identity_id(envelope.channel, sender.scope, sender.external_id))
        if stored is None:
            return
        for conversation_id in (stored.conversation_id, self._people.open_conversation(stored.identity.customer_id)):
            if conversation_id is not None:
                yield conversation_id

    def _open(self, conversation_ids: Iterable[str]) -> str | None:
        """The first of the conversations that is open."""
        for conversation_id in conversation_ids:
            head = self._log.head(conversation_id)
            if head is not None and head.status != "closed":
                return conversation_id
        return None

    def _write(self, conversation_id: str, reference: Reference, data: dict[str, Any]) -> None:
        def prepare(head: Head) -> Change:
            now = self._clock()
            entry = NewEntry(
                type="conversation.gap",
                at=now,
                data={"conversation": {"id": conversation_id}, **data},
                channel=reference.channel,
                account=reference.account,
            )
            return Change(
                dataclasses.replace(head, sequence=head.sequence + 1, updated_at=now), entry, reference=reference
            )

        apply_change(self._log, conversation_id, prepare, self._sleep)
