"""A message shown on the web chats of its conversation that are open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from shared.core.later import TryLater
from shared.core.sending import backoff
from shared.errors import DeliveryError, UnknownAccount
from shared.ports.connector import Recipient

if TYPE_CHECKING:
    from shared.core.records import Entry, Head
    from shared.core.storage import ConversationLog, MediaAddresses
    from shared.model.message import Message
    from shared.ports.connector import Connector, OutboundRequest
    from shared.ports.context import ChannelContext

PUSH_TRIES = 3


class PushMessage:
    """Tried a few times and then left: a browser asks for what it has missed when it connects again."""

    def __init__(
        self,
        log: ConversationLog,
        addresses: MediaAddresses,
        *,
        connector_of: Callable[[str], Connector],
        context_of: Callable[[str, str], ChannelContext],
    ) -> None:
        self._log = log
        self._addresses = addresses
        self._connector_of = connector_of
        self._context_of = context_of

    def __call__(self, message: Message, entry: Entry, attempt: int) -> None:
        """To every open web chat but the one that the message is sent to, which gets it as every route does.
        ``attempt`` counts from 1. Raises TryLater, InfrastructureError."""
        head = self._log.head(message.conversation_id)
        self._addresses.fill(message, entry)
        for identity_id, channel, account in self._live_routes(head):
            if "send" in entry.tasks and identity_id == message.identity_id:
                continue
            connector = self._connector_of(channel)
            rendering = connector.render(message, Recipient(identity_id, ""))
            for request in rendering.requests:
                self._push(connector, request, (channel, account), attempt)

    def _push(self, connector: Connector, request: OutboundRequest, account: tuple[str, str], attempt: int) -> None:
        with suppress(UnknownAccount):  # the chat was taken down, and nobody can be looking at it
            try:
                connector.send(request, self._context_of(*account))
            except DeliveryError as error:
                if attempt < PUSH_TRIES:
                    raise TryLater(backoff(attempt)) from error

    def _live_routes(self, head: Head | None) -> list[tuple[str, str, str]]:
        routes = {} if head is None else head.routes
        return [
            (name, route.channel, route.account)
            for name, route in routes.items()
            if self._connector_of(route.channel).capabilities.live
        ]
