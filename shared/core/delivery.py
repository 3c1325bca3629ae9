"""Delivering what the log says is to be sent: once, in order, and with the outcome written down whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.core.ladder import Ladder, stays
from shared.core.messages import read_message
from shared.core.records import DeliveryState, Entry, Head
from shared.core.routes import close_route
from shared.core.sending import UNKNOWN_ACCOUNT, Sending, SendOnRoute, TryLater, backoff, shown
from shared.errors import DeliveryError, InfrastructureError, UnknownAccount
from shared.ports import Recipient

if TYPE_CHECKING:
    from shared.core.storage import AccountHealth, ConversationLog, Deliveries, MediaAddresses, People
    from shared.model.message import Message
    from shared.ports import ChannelContext, Clock, Connector, OutboundRequest

PUSH_TRIES = 3


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the log that has something to be sent, and how often that has been tried before (from 1)."""

    entry: Entry
    attempt: int


class Deliver:
    """Sends and pushes one entry. Every provider call is noted before it is made and after it has been answered."""

    def __init__(
        self,
        *,
        log: ConversationLog,
        people: People,
        deliveries: Deliveries,
        health: AccountHealth,
        connector_of: Callable[[str], Connector],
        context_of: Callable[[str, str], ChannelContext],
        addresses: MediaAddresses,
        clock: Clock,
    ) -> None:
        self._log = log
        self._people = people
        self._deliveries = deliveries
        self._health = health
        self._connector_of = connector_of
        self._context_of = context_of
        self._addresses = addresses
        self._clock = clock
        self._send_on_route = SendOnRoute(
            log=log,
            people=people,
            deliveries=deliveries,
            health=health,
            connector_of=connector_of,
            context_of=context_of,
            addresses=addresses,
            clock=clock,
        )
        self._ladder = Ladder(log, deliveries, connector_of, clock)

    def __call__(self, job: Job) -> str:
        """What became of it, in a word. Raises TryLater, or InfrastructureError when the store failed."""
        if "push" in job.entry.tasks:
            self._push(read_message(job.entry), job)
        if "send" not in job.entry.tasks:
            return "pushed"
        if "fallback" in job.entry.tasks:
            return self._send_by_any_route(job.entry.conversation_id, job.entry.sequence)
        return self._send(Sending(read_message(job.entry), job.entry))

    def _push(self, message: Message, job: Job) -> None:
        """Shows the message on every open web chat of the conversation; the one it is sent to gets it by ``send``."""
        head = self._log.head(message.conversation_id)
        self._addresses.fill(message, job.entry)
        for identity_id, channel, account in _live_routes(head, self._connector_of):
            if "send" in job.entry.tasks and identity_id == message.identity_id:
                continue
            connector = self._connector_of(channel)
            rendering = connector.render(message, Recipient(identity_id, ""))
            for request in rendering.requests:
                self._push_one(connector, request, (channel, account), job)

    def _push_one(self, connector: Connector, request: OutboundRequest, account: tuple[str, str], job: Job) -> None:
        """Tried a few times and then left: a browser asks for what it has missed when it connects again."""
        with suppress(UnknownAccount):  # the chat was taken down, and nobody can be looking at it
            try:
                connector.send(request, self._context_of(*account))
            except DeliveryError as error:
                if job.attempt < PUSH_TRIES:
                    raise TryLater(backoff(job.attempt)) from error

    def _send(self, sending: Sending) -> str:
        """Sends a message that has one route."""
        message, outcome = sending.message, self._send_on_route(sending)
        if isinstance(outcome, str):
            return outcome
        # The refusal is written down first: what follows from it may fail, and the next try would not know of it.
        self._deliveries.raise_status(*sending.place, message.id, "failed", self._clock(), error=shown(outcome))
        self._follow_up(message, outcome.error_class, outcome.code)
        return "failed"

    def _send_by_any_route(self, conversation_id: str, sequence: int) -> str:
        """Sends a message on the route that it is on by now, and when that fails for certain on the next, until one
        has taken it or none is left."""
        while True:
            entry = self._log.entry(conversation_id, sequence)
            if entry is None:
                raise InfrastructureError("the entry to be sent is not in the log")
            state = entry.delivery or DeliveryState()
            message = read_message(entry)
            if state.ended:
                return self._ladder.end(entry, message, state)
            if state.leaving is None:
                patient = state.route == len(entry.fallback)
                outcome = self._send_on_route(Sending(message, entry, state.route, patient))
                if isinstance(outcome, str):
                    return outcome
                leaving = {"reason": outcome.code, "error": shown(outcome), "class": outcome.error_class}
                self._deliveries.leave(conversation_id, sequence, message.id, state.route, leaving)
            elif stays(state):
                self._deliveries.stay(conversation_id, sequence, state.route)
                return "done"
            else:
                self._follow_up(message, state.leaving.get("class"), state.leaving["reason"])
                self._ladder.go_on(entry, message, state, state.leaving)

    def _follow_up(self, message: Message, error_class: str | None, code: str) -> None:
        """What a refusal means for the route and its account; nothing, when it was no provider's."""
        if error_class == "blocked":
            self._people.set_identity_status(message.identity_id, "blocked")
            self._close_route(message, "blocked")
        if error_class == "window":
            self._close_route(message, "window_closed")
        if error_class in ("account", "token") and code != UNKNOWN_ACCOUNT:
            self._health.failing(message.channel.type, message.channel.account, code, self._clock())

    def _close_route(self, message: Message, reason: str) -> None:
        close_route(self._log, message.conversation_id, message.identity_id, reason, self._clock())


def _live_routes(head: Head | None, connector_of: Callable[[str], Connector]) -> list[tuple[str, str, str]]:
    routes = {} if head is None else head.routes
    return [
        (name, route.channel, route.account)
        for name, route in routes.items()
        if connector_of(route.channel).capabilities.live
    ]
