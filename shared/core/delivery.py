"""Delivering what the log says is to be sent: once, in order, and with the outcome written down whatever it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from shared.core.delivery_state import DeliveryState
from shared.core.ladder import stays
from shared.core.messages import read_message
from shared.core.sending import Sending, shown
from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from shared.core.delivery_storage import Deliveries
    from shared.core.ladder import Ladder
    from shared.core.pushing import PushMessage
    from shared.core.records import Entry
    from shared.core.refusals import FollowRefusal
    from shared.core.sending import SendOnRoute
    from shared.core.storage import ConversationLog
    from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the log that has something to be sent, and how often that has been tried before (from 1)."""

    entry: Entry
    attempt: int


class Deliver:
    """Sends and pushes one entry. Every provider call is noted before it is made and after it has been answered."""

    def __init__(
        self,
        log: ConversationLog,
        deliveries: Deliveries,
        *,
        push: PushMessage,
        send_on_route: SendOnRoute,
        ladder: Ladder,
        follow_refusal: FollowRefusal,
        clock: Clock,
    ) -> None:
        self._log = log
        self._deliveries = deliveries
        self._push = push
        self._send_on_route = send_on_route
        self._ladder = ladder
        self._follow_refusal = follow_refusal
        self._clock = clock

    def __call__(self, job: Job) -> str:
        """What became of it, in a word. Raises TryLater, or InfrastructureError when the store failed."""
        if "push" in job.entry.tasks:
            self._push(read_message(job.entry), job.entry, job.attempt)
        if "send" not in job.entry.tasks:
            return "pushed"
        if "fallback" in job.entry.tasks:
            return self._send_by_any_route(job.entry.conversation_id, job.entry.sequence)
        return self._send(Sending(read_message(job.entry), job.entry))

    def _send(self, sending: Sending) -> str:
        """Sends a message that has one route."""
        message, outcome = sending.message, self._send_on_route(sending)
        if isinstance(outcome, str):
            return outcome
        # The refusal is written down first: what follows from it may fail, and the next try would not know of it.
        self._deliveries.raise_status(*sending.place, message.id, "failed", self._clock(), error=shown(outcome))
        self._follow_refusal(message, outcome.error_class, outcome.code)
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
                leads_on = partial(self._ladder.leads_on, entry, message, state)
                outcome = self._send_on_route(Sending(message, entry, state.route, leads_on))
                if isinstance(outcome, str):
                    return outcome
                leaving = {"reason": outcome.code, "error": shown(outcome), "class": outcome.error_class}
                self._deliveries.leave(conversation_id, sequence, message.id, state.route, leaving)
            elif stays(state):
                self._deliveries.stay(conversation_id, sequence, state.route)
                return "done"
            else:
                self._follow_refusal(message, state.leaving.get("class"), state.leaving["reason"])
                self._ladder.go_on(entry, message, state, state.leaving)
