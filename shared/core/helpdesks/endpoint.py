"""A helpdesk as an endpoint of the relay: each event is given to its adapter, and what the helpdesk answered becomes
an outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core.conversations import conversation_view
from shared.core.messages import is_message, read_message
from shared.core.relay.records import Outcome
from shared.errors import ConfigurationError, DeliveryError, InfrastructureError
from shared.helpdesk.seam import DeskEvent

if TYPE_CHECKING:
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.records import Entry
    from shared.core.relay.records import HelpdeskName, Notification, Subscription
    from shared.core.storage import ConversationLog, People
    from shared.helpdesk.seam import Helpdesk, HelpdeskContext
    from shared.model.capabilities import Capabilities
    from shared.model.conversation import Conversation, Customer
    from shared.model.event import Event
    from shared.model.message import Message
    from shared.ports.clock import Clock

TEST = "subscription.test"
_STATES = ("message.status_changed", "message.media_changed")


class HelpdeskEndpoint:
    """Implements shared.core.relay.storage.Endpoint for subscriptions that name a helpdesk."""

    def __init__(
        self,
        log: ConversationLog,
        people: People,
        *,
        helpdesk_of: Callable[[str], Helpdesk],
        context_of: HelpdeskContexts,
        capabilities_of: Callable[[str], Capabilities],
        clock: Clock,
    ) -> None:
        self._log = log
        self._people = people
        self._helpdesk_of = helpdesk_of
        self._context_of = context_of
        self._capabilities_of = capabilities_of
        self._clock = clock

    def deliver(self, subscription: Subscription, notification: Notification) -> Outcome:
        """Tells of one event. What the adapter does not want to hear of is delivered without a call, and so is what
        came from this helpdesk itself. Raises InfrastructureError."""
        name = subscription.helpdesk
        if name is None:
            raise InfrastructureError("the subscription names no helpdesk")
        started = time.monotonic()
        try:
            self._deliver(self._helpdesk_of(name.helpdesk), name.helpdesk, name.account, notification)
        except DeliveryError as error:
            return self._refused(name, error, started)
        except ConfigurationError as error:
            return Outcome("retry", _since(started), code=type(error).__name__)
        return Outcome("delivered", _since(started))

    def _refused(self, name: HelpdeskName, error: DeliveryError, started: float) -> Outcome:
        """Nothing is given up: whoever mends the helpdesk, or its settings here, gets what was missed."""
        try:
            self._context_of.refresh(name.helpdesk, name.account)
        except ConfigurationError as missing:
            return Outcome("retry", _since(started), code=type(missing).__name__)
        status = 429 if error.code == "rate_limited" else None
        return Outcome("retry", _since(started), status, error.code, error.retry_after)

    def _deliver(self, adapter: Helpdesk, helpdesk: str, account: str, notification: Notification) -> None:
        event = notification.event
        if event.type == TEST:
            prove(adapter, self._context_of(helpdesk, account))
            return
        failed = event.type == "message.status_changed" and (event.data or {}).get("status") == "failed"
        if event.type not in adapter.types and not failed:
            return
        entry = self._entry(notification)
        context = self._context_of(helpdesk, account, entry)
        message = self._message(notification, entry)
        if failed and message is not None:
            explain_failure(adapter, context, message)
        if event.type not in adapter.types or came_from(event, message, context.source):
            return
        adapter.deliver(self._desk_event(event, message), context)

    def _entry(self, notification: Notification) -> Entry | None:
        """The entry that an event is about; of a state, that is the message's."""
        event = notification.event
        if notification.entry is not None or event.type not in _STATES or event.data is None:
            return notification.entry
        return self._log.entry(event.subject, event.data["sequence"])

    def _message(self, notification: Notification, entry: Entry | None) -> Message | None:
        if notification.message is not None:
            return notification.message
        return read_message(entry) if entry is not None and is_message(entry) else None

    def _desk_event(self, event: Event, message: Message | None) -> DeskEvent:
        def conversation() -> Conversation:
            head = self._log.head(event.subject)
            if head is None:
                raise DeliveryError("retry", "unknown_conversation", "the conversation is not there")
            return conversation_view(head, self._capabilities_of, self._clock())

        def customer() -> Customer:
            head = self._log.head(event.subject)
            found = None if head is None else self._people.customer(head.customer_id)
            if found is None:
                raise DeliveryError("retry", "unknown_customer", "the customer is not there")
            return found[0]

        return DeskEvent(event, message, conversation, customer)


def prove(adapter: Helpdesk, context: HelpdeskContext) -> None:
    """What a test ping of the subscription asks for. Raises DeliveryError when the account does not work."""
    problems = adapter.validate(context.account) or [each.detail for each in adapter.check(context) if not each.ok]
    if problems:
        raise DeliveryError("account", "check_failed", problems[0])


def came_from(event: Event, message: Message | None, source: str) -> bool:
    """Whether this is what the helpdesk did itself: a message that was written there, or a change that was made
    there. A state of such a message is news to it."""
    if event.type in _STATES:
        return False
    if message is not None:
        return message.metadata.get("helpdesk") == source
    metadata = (event.data or {}).get("metadata")
    return isinstance(metadata, dict) and metadata.get("helpdesk") == source


def explain_failure(adapter: Helpdesk, context: HelpdeskContext, message: Message) -> None:
    """Tells the agents, once, that a reply of theirs did not reach the customer. Raises DeliveryError."""
    ticket = context.memory.theirs("conversation", message.conversation_id)
    if message.metadata.get("helpdesk") != context.source or ticket is None:
        return
    if context.memory.theirs("note", message.id) is not None:
        return
    why = message.error.title if message.error is not None else "no reason is known"
    adapter.explain(ticket, f"A reply did not reach the customer on {message.channel.type}: {why}", context)
    context.memory.remember("note", message.id, message.id)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
