"""What a provider's refusal of a message means for the route that it was on, and for its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.core.routes import block, close_route
from shared.core.sending import UNKNOWN_ACCOUNT

if TYPE_CHECKING:
    from shared.core.storage import AccountHealth, ConversationLog, People
    from shared.model.message import Message
    from shared.ports.clock import Clock


class FollowRefusal:
    """Closes routes to customers who are gone, and says of an account that it fails."""

    def __init__(self, log: ConversationLog, people: People, health: AccountHealth, clock: Clock) -> None:
        self._log = log
        self._people = people
        self._health = health
        self._clock = clock

    def __call__(self, message: Message, error_class: str | None, code: str) -> None:
        """Nothing happens when the refusal was no provider's: ``error_class`` is None. Raises NotFound, WriteConflict,
        InfrastructureError."""
        now = self._clock()
        if error_class == "blocked":
            block(self._log, self._people, message.conversation_id, message.identity_id, now)
        if error_class == "window":
            close_route(self._log, message.conversation_id, message.identity_id, "window_closed", now)
        if error_class in ("account", "token") and code != UNKNOWN_ACCOUNT:
            self._health.failing(message.channel.type, message.channel.account, code, now)
