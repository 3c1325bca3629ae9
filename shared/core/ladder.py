"""A message that a route has failed, or that stays unread, goes on to the next route that can take it.

Every step is written down before the one that follows from it, so whoever finds the message half-way, after a crash
or a second time, goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.changes import Change, apply_change
from shared.core.delivery_state import UNREAD, DeliveryState, EarlyReceipt
from shared.core.fallback import moved, refused, rendered
from shared.core.records import Entry, Head, Located, NewEntry, Reference, RouteName
from shared.core.windows import describe, used
from shared.errors import Conflict, InfrastructureError, Unprocessable
from shared.model.message import STATUS_RANK
from shared.model.timestamps import rfc3339
from shared.ports.connector import Recipient

if TYPE_CHECKING:
    from shared.core.delivery_storage import Deliveries
    from shared.core.storage import ConversationLog
    from shared.model.conversation import Route
    from shared.model.message import Message
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector


class Ladder:
    """Moves messages on. Nothing is sent here."""

    def __init__(
        self, log: ConversationLog, deliveries: Deliveries, connector_of: Callable[[str], Connector], clock: Clock
    ) -> None:
        self._log = log
        self._deliveries = deliveries
        self._connector_of = connector_of
        self._clock = clock

    def go_on(self, entry: Entry, message: Message, state: DeliveryState, leaving: dict[str, Any]) -> None:
        """Puts the message on the next of its entry's routes that can take it now, or ends it when there is none.
        ``leaving`` is why (see DeliveryState).

        The state has to be as it was read: when a receipt came since, nothing is done. Raises WriteConflict.
        """
        before = () if state.attempts else tuple(entry.data["message"].get("attempts", ()))
        behind = [_left(message, state, leaving)]
        for route in range(state.route + 1, len(entry.fallback) + 1):
            name = entry.fallback[route - 1]
            try:
                taken = self._taken(entry, message, route, leaving["reason"])
            except (Conflict, Unprocessable) as refusal:
                attempt = refused(name.identity_id, name.channel, name.account, refusal, self._clock())
                behind.append(msgspec.to_builtins(attempt))
                continue
            self._turn(entry, state, route, (*before, *behind), taken)
            return
        self._turn(entry, state, len(entry.fallback) + 1, (*before, *behind), None)

    def leads_on(self, entry: Entry, message: Message, state: DeliveryState) -> bool:
        """Whether one of the routes that are left could take the message now."""
        head = self._head(entry.conversation_id)
        for name in entry.fallback[state.route :]:
            with suppress(Conflict, Unprocessable):
                shown = self._described(head, name)
                rendered(self._connector_of(name.channel), shown, moved(message, shown), lossless=entry.lossless)
                return True
        return False

    def end(self, entry: Entry, message: Message, state: DeliveryState) -> str:
        """What became of a message that no route is left for: failed, unless one of them had taken it."""
        if any(attempt["status"] != "failed" for attempt in state.attempts):
            return "done"
        error = next((each["error"] for each in reversed(state.attempts) if "error" in each), None)
        self._deliveries.raise_status(
            entry.conversation_id,
            entry.sequence,
            message.id,
            "failed",
            self._clock(),
            error=error,
            route=state.route,
        )
        return "failed"

    def _turn(
        self,
        entry: Entry,
        state: DeliveryState,
        route: int,
        attempts: tuple[dict[str, Any], ...],
        taken: dict[str, Any] | None,
    ) -> None:
        self._deliveries.turn(
            entry.conversation_id, entry.sequence, before=state, route=route, attempts=attempts, taken=taken
        )

    def _taken(self, entry: Entry, message: Message, route: int, reason: str) -> dict[str, Any]:
        """A route that can take the message, once its send window has been counted down for it (see
        DeliveryState.taken). Raises Conflict, Unprocessable, WriteConflict."""
        name = entry.fallback[route - 1]
        reference = Reference("fallback", entry.conversation_id, f"{message.id}:{route}")
        if self._log.find(reference) is None:
            head = self._reserved(entry, message, name, reference, reason)
        else:
            # Whoever counted it down has died since. Nothing is judged again: just this may have used the window up.
            head = self._head(entry.conversation_id)
        shown = self._described(head, name)
        recipient = Recipient(shown.identity_id, "", shown.thread_id)
        losses = self._connector_of(name.channel).render(moved(message, shown), recipient).degradations
        return {
            "identity_id": name.identity_id,
            "channel": name.channel,
            "account": name.account,
            **({} if shown.thread_id is None else {"thread_id": shown.thread_id}),
            **({"degradations": msgspec.to_builtins(losses)} if losses else {}),
            "at": self._clock(),
        }

    def _reserved(self, entry: Entry, message: Message, name: RouteName, reference: Reference, reason: str) -> Head:
        """The conversation once the sends that the message takes are counted, which is done once."""
        connector, now = self._connector_of(name.channel), self._clock()
        rules = connector.capabilities.windows

        def prepare(head: Head) -> Change:
            shown = self._described(head, name)
            rendering = rendered(connector, shown, moved(message, shown), lossless=entry.lossless)
            route = used(head.routes[name.identity_id], rules, len(rendering.requests), now)
            following = replace(
                head, sequence=head.sequence + 1, updated_at=now, routes={**head.routes, name.identity_id: route}
            )
            data = {
                "conversation": {"id": head.conversation_id},
                "changes": {"routes": [msgspec.to_builtins(describe(name.identity_id, route, rules, now))]},
                "message_id": message.id,
                "reason": reason,
            }
            new = NewEntry(type="conversation.updated", at=now, data=data, message_id=message.id)
            return Change(following, new, reference=reference)

        return apply_change(self._log, entry.conversation_id, prepare)

    def _described(self, head: Head, name: RouteName) -> Route:
        """Raises Conflict when the identity is not in the conversation any more."""
        state = head.routes.get(name.identity_id)
        if state is None:
            raise Conflict("unknown_route", "the conversation has no such route any more")
        rules = self._connector_of(name.channel).capabilities.windows
        return describe(name.identity_id, state, rules, self._clock())

    def _head(self, conversation_id: str) -> Head:
        head = self._log.head(conversation_id)
        if head is None:
            raise InfrastructureError("the conversation of a message is not there")
        return head


def apply_receipt(deliveries: Deliveries, message: Located, receipt: EarlyReceipt) -> None:
    """Notes what a provider says became of a message; one that has failed after all goes on to its next route, if it
    has others and is still on the one that the receipt is about."""
    place, message_id = (message.conversation_id, message.sequence), message.message_id or ""
    if receipt.status == "failed" and message.route is not None:
        reason = "failed" if receipt.error is None else receipt.error["code"]
        deliveries.want_next(*place, message_id, message.route, reason, error=receipt.error)
        return
    deliveries.raise_status(
        *place, message_id, receipt.status, receipt.at, error=receipt.error, route=message.route or 0
    )


def route_taken(entry: Entry, route: int) -> str:
    """The identity of one of a message's routes, by its number."""
    identity_id: str = entry.data["message"]["identity_id"]
    return identity_id if route == 0 else entry.fallback[route - 1].identity_id


def stays(state: DeliveryState) -> bool:
    """Whether a message that was to leave its route need not: since then, it was read, or what had failed turned out
    to be delivered. What the sender saw fail itself has failed."""
    if state.leaving is None or "class" in state.leaving:
        return False
    enough = "read" if state.leaving["reason"] == UNREAD else "delivered"
    return state.rank >= STATUS_RANK[enough]


def _left(message: Message, state: DeliveryState, leaving: dict[str, Any]) -> dict[str, Any]:
    """The route that a message leaves, as an attempt: how far it came there, and why that is not enough."""
    unread = leaving["reason"] == UNREAD
    return {
        "identity_id": message.identity_id,
        "channel": message.channel.type,
        "account": message.channel.account,
        "status": state.status_here if unread else "failed",
        "reason": leaving["reason"],
        **({"error": leaving["error"]} if "error" in leaving else {}),
        "at": rfc3339(leaving["at"]),
    }
