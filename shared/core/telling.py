"""Open web chats are told what happened around their conversation: it is another one now, or it goes on elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.errors import ConfigurationError
from shared.model.chat_frames import channel_switched_frame, conversation_frame

if TYPE_CHECKING:
    from shared.core.records import Entry, Head
    from shared.core.storage import ConversationLog, People
    from shared.ports.connector import Connector
    from shared.ports.context import ChannelContext


class TellBrowsers:
    """Best effort: a browser that misses a frame asks for what it has missed when it connects again."""

    def __init__(
        self,
        log: ConversationLog,
        people: People,
        *,
        connector_of: Callable[[str], Connector],
        context_of: Callable[[str, str], ChannelContext],
    ) -> None:
        self._log = log
        self._people = people
        self._connector_of = connector_of
        self._context_of = context_of

    def __call__(self, entry: Entry) -> str:
        """Raises InfrastructureError when the store failed."""
        head = self._log.head(entry.conversation_id)
        if entry.type == "conversation.channel_switched":
            frame = _switched(entry)
            for identity_id, channel, account in self._live(head):
                self._push(identity_id, channel, account, frame)
            return "told"
        # Who came or went, who is in the conversation now, and who was left behind when it went with them.
        named = entry.data.get("link", {}).get("identity_ids", [])
        staying = sorted(self._people.identities_of(entry.data["customer"]["id"]))
        for identity_id in dict.fromkeys((*(live[0] for live in self._live(head)), *named, *staying)):
            stored = self._people.identity(identity_id)
            if stored is not None and stored.conversation_id is not None and self._is_live(stored.identity.channel):
                frame = conversation_frame(stored.conversation_id)
                self._push(identity_id, stored.identity.channel, stored.identity.account, frame)
        return "told"

    def _live(self, head: Head | None) -> list[tuple[str, str, str]]:
        routes = {} if head is None else head.routes
        return [(name, route.channel, route.account) for name, route in routes.items() if self._is_live(route.channel)]

    def _is_live(self, channel: str) -> bool:
        return self._connector_of(channel).capabilities.live

    def _push(self, identity_id: str, channel: str, account: str, frame: bytes) -> bool:
        try:
            return self._context_of(channel, account).sockets.push(identity_id, frame) > 0
        except ConfigurationError:
            # The chat was taken down, and nobody can be looking at it.
            return False


def _switched(entry: Entry) -> bytes:
    before, now = entry.data.get("from", entry.data["to"]), entry.data["to"]
    return channel_switched_frame(entry.sequence, before["channel"], now["channel"])
