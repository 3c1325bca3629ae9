"""A message on its way over one route: every provider call is noted before it is made and after it has been
answered."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from shared.core.delivery_state import DeliveryState
from shared.core.ladder import apply_receipt
from shared.core.later import TryLater
from shared.core.messages import is_message, read_message
from shared.core.records import Entry, Located, Reference
from shared.core.routes import block
from shared.errors import ConfigurationError, DeliveryError, InfrastructureError, UnknownAccount, Unprocessable
from shared.ports.connector import Recipient

if TYPE_CHECKING:
    from shared.core.delivery_storage import Deliveries
    from shared.core.storage import AccountHealth, ConversationLog, MediaAddresses, People
    from shared.model.message import Message
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector, SendResult
    from shared.ports.context import ChannelContext

TRIES = 8
LOOKED_BACK = 40
"""How many entries of the log are looked through for what a message answers, on channels that thread by message."""

FIRST_DELAY = 1.0
LONGEST_DELAY = 300.0
LONGEST_WAIT = 900.0
"""A provider that asks for a longer pause than this gets no further try: the message fails, marked as retryable."""

PATIENCE = 45.0
"""Seconds for which a route is tried again while there is another one."""

UNKNOWN_ACCOUNT = "unknown_account"


def _nowhere() -> bool:
    """A message with one route leads on to no other."""
    return False


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way over one route: ``route`` is its number when the message has others. ``leads_on`` says
    whether one of those that are left could take it now; it may take its time here while none can."""

    message: Message
    entry: Entry
    route: int | None = None
    leads_on: Callable[[], bool] = _nowhere

    @property
    def place(self) -> tuple[str, int]:
        return self.message.conversation_id, self.message.sequence

    @property
    def number(self) -> int:
        return self.route or 0

    @property
    def located(self) -> Located:
        return Located(*self.place, self.message.id, self.route)


class SendOnRoute:
    """Sends a message on the route that it is on."""

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

    def __call__(self, sending: Sending) -> str | DeliveryError:
        """The status that it came to, ``done`` when there was nothing to do, or the error that it failed with for
        certain. Raises TryLater, InfrastructureError."""
        try:
            return self._send_all(sending)
        except Unprocessable as error:
            return DeliveryError("permanent", error.code, error.detail)
        except UnknownAccount:
            return DeliveryError("account", UNKNOWN_ACCOUNT, "the channel account is not set up any more")
        except ConfigurationError:
            return DeliveryError("account", "account_misconfigured", "the settings of the channel account are wrong")

    def _send_all(self, sending: Sending) -> str | DeliveryError:
        message = sending.message
        connector = self._connector_of(message.channel.type)
        context = self._context_of(message.channel.type, message.channel.account)
        if connector.capabilities.live:
            self._addresses.fill(message, sending.entry)
        rendering = connector.render(message, self._recipient(message, connector))
        last = len(rendering.requests) - 1
        for index, request in enumerate(rendering.requests):
            step = self._begin(sending, index, connector)
            if step == "made":
                continue
            if step == "over":
                break
            try:
                result = connector.send(request, context)
            except DeliveryError as error:
                return self._refused(sending, index, error)
            except InfrastructureError:
                # It is our own store that failed (a token, a file), so the provider has taken nothing.
                self._deliveries.release(*sending.place, index, sending.number)
                raise
            self._remember(sending, result)
            if index == last:
                return self._confirm(sending, index, result)
            self._deliveries.progress(*sending.place, index, result.external_ids, sending.number)
        return "done"

    def _recipient(self, message: Message, connector: Connector) -> Recipient:
        stored = self._people.identity(message.identity_id)
        if stored is None:
            raise Unprocessable("unknown_identity", "the identity this was to go to is gone")
        earlier = self._earlier(message) if connector.capabilities.threads_by_message else ()
        return Recipient(message.identity_id, stored.identity.external_id, message.channel.thread_id, earlier)

    def _earlier(self, message: Message) -> tuple[Message, ...]:
        """What was said before between this identity and us, the newest first."""
        entries = self._log.recent(message.conversation_id, message.sequence - 1, LOOKED_BACK)
        said = (read_message(entry) for entry in entries if is_message(entry))
        return tuple(each for each in said if each.identity_id == message.identity_id)

    def _begin(self, sending: Sending, index: int, connector: Connector) -> Literal["call", "made", "over"]:
        """Whether provider call ``index`` is to be made now, or has been made, or nothing more of the message is to
        be sent on this route.

        A call that was begun and never confirmed is not made again, unless the provider shows a repeated one once.
        """
        before = self._deliveries.begin(*sending.place, sending.message.id, index, sending.number)
        # After a call that failed or whose outcome is unknown, the rest of the message is not sent either. A higher
        # status says nothing about this call: it may be a receipt for an earlier one.
        if before is not None:
            return "over" if _is_over(before) else "call"
        state = self._deliveries.state(*sending.place)
        if state is None or state.route != sending.number or _is_over(state):
            return "over"
        if state.done > index:
            return "made"
        if connector.capabilities.idempotent:
            return "call"
        error = DeliveryError("unknown", "outcome_unknown", "a sender stopped between the call and its answer")
        self._unknown(sending, error)
        return "over"

    def _refused(self, sending: Sending, index: int, error: DeliveryError) -> str | DeliveryError:
        """What a provider's refusal means for the message (see ErrorClass)."""
        if error.error_class == "unknown":
            return self._unknown(sending, error)
        if error.error_class == "retry":
            self._try_later(sending, index, error)
        return error

    def _try_later(self, sending: Sending, index: int, error: DeliveryError) -> None:
        """Raises TryLater while there is a try left. Counted on the message: a queue counts for those, too, that had to
        wait behind another."""
        state = self._deliveries.state(*sending.place) or DeliveryState()
        tries = state.tries + 1
        delay = backoff(tries) if error.retry_after is None else error.retry_after
        since = sending.entry.at if state.taken is None else state.taken["at"]
        if self._clock() + delay > since + PATIENCE and sending.leads_on():
            return
        if tries < TRIES and delay <= LONGEST_WAIT:
            self._deliveries.postpone(*sending.place, index, tries, sending.number)
            raise TryLater(delay)

    def _unknown(self, sending: Sending, error: DeliveryError) -> str:
        self._deliveries.raise_status(
            *sending.place, sending.message.id, "unknown", self._clock(), error=shown(error), route=sending.number
        )
        return "unknown"

    def _confirm(self, sending: Sending, index: int, result: SendResult) -> str:
        self._deliveries.confirm(sending.located, index, result.status, self._clock(), result.external_ids)
        channel = sending.message.channel
        self._health.working(channel.type, channel.account, self._clock())
        return result.status

    def _remember(self, sending: Sending, result: SendResult) -> None:
        """Files the provider's ids before anything else is noted, and applies the receipts that were faster."""
        channel = sending.message.channel
        for external_id in result.external_ids:
            reference = Reference(channel.type, channel.account, external_id)
            early = self._deliveries.remember(reference, sending.located)
            if early is not None:
                apply_receipt(self._deliveries, sending.located, early)
                if early.blocks:
                    message = sending.message
                    block(self._log, self._people, message.conversation_id, message.identity_id, self._clock())


def backoff(attempt: int) -> float:
    """Seconds before the next try: full jitter under a ceiling that doubles from 1 s to 5 min."""
    return random.uniform(0, min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1)))


def _is_over(state: DeliveryState) -> bool:
    return state.leaving is not None or state.status_here in ("unknown", "failed")


def shown(error: DeliveryError) -> dict[str, Any]:
    """The error as it stands on the message."""
    return {"code": error.code, "title": error.title, "retryable": error.error_class in ("retry", "account", "token")}
