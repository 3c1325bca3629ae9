"""What was said in a conversation: all of it for the API, and what a web-chat visitor may see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient
from shared.aws.sockets import ConnectionGone, ConnectionPoster
from shared.core.chat.ports import View
from shared.core.messages import is_message, read_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.core.storage import ConversationLog, MediaAddresses, People
    from shared.model.conversation import Identity
    from shared.model.message import Message
    from shared.ports.clock import Clock

TYPING_SECONDS = 10


SPARE = 2
"""Entries that are read beyond the messages that are missing: now and then there is one between them that is none."""

LARGEST_READ = 100


class LoggedHistory:
    """Implements shared.core.chat.ports.History, and lists messages for those at our side."""

    def __init__(self, log: ConversationLog, people: People, addresses: MediaAddresses) -> None:
        self._log = log
        self._people = people
        self._addresses = addresses

    def view_of(self, identity_id: str) -> View | None:
        """Three reads; two more when the conversation that they wrote to last is not theirs to see any more."""
        stored = self._people.identity(identity_id)
        if stored is None:
            return None
        identity, last = stored.identity, stored.conversation_id
        view = None if last is None else self._view(last, identity)
        if view is not None:
            return view
        current = self._people.open_conversation(identity.customer_id)
        return None if current is None or current == last else self._view(current, identity)

    def seen(self, view: View, after: int, limit: int) -> list[Message]:
        return self._page(view.conversation_id, max(after, view.shows_from - 1), limit, view.shows)

    def messages(self, conversation_id: str, after: int, limit: int) -> list[Message]:
        """Up to ``limit`` messages after a sequence, in order, whoever they are of, with the addresses of their media
        filled in."""
        return self._page(conversation_id, after, limit, lambda message: True)

    def _view(self, conversation_id: str, identity: Identity) -> View | None:
        """None unless the conversation is of the identity's customer and the identity takes part in it."""
        head = self._log.head(conversation_id)
        if head is None or head.customer_id != identity.customer_id:
            return None
        route = head.routes.get(identity.id)
        if route is None:
            return None
        # An older conversation goes on listing routes of people who are not the customer any more.
        theirs = self._people.identities_of(identity.customer_id)
        return View(conversation_id, route.shows_from, theirs & head.routes.keys())

    def _page(self, conversation_id: str, after: int, limit: int, shows: Callable[[Message], bool]) -> list[Message]:
        found: list[Message] = []
        read = 0
        while (missing := limit - len(found)) > 0:
            # Where few are shown, the next read is larger by as much; where none is, it is twice as large.
            likely = min(missing * read // max(len(found), 1), LARGEST_READ)
            wanted = max(missing, likely) + SPARE
            entries = self._log.entries(conversation_id, after, wanted)
            for entry in (each for each in entries if is_message(each)):
                message = read_message(entry)
                if shows(message) and len(found) < limit:
                    self._addresses.fill(message, entry)
                    found.append(message)
            if len(entries) < wanted:
                break
            read += len(entries)
            after = entries[-1].sequence
        return found


class PostToConnection:
    """Implements shared.core.chat.ports.ConnectionPost."""

    def __init__(self, poster: ConnectionPoster) -> None:
        self._poster = poster

    def post(self, connection_id: str, frame: bytes) -> bool:
        try:
            self._poster.post(connection_id, frame)
        except ConnectionGone:
            return False
        return True


class DynamoTyping:
    """Implements shared.core.chat.ports.Typing: a mark that fades by itself, shown with the conversation."""

    def __init__(self, client: AwsClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def customer_typing(self, identity_id: str, active: bool) -> None:
        key = keys.typing(identity_id)
        if not active:
            self._client.call("dynamodb", "DeleteItem", {"TableName": self._table, "Key": key})
            return
        until = self._clock() + TYPING_SECONDS
        item = {**key, **encode_item({"until": until, "ttl": int(until) + 60})}
        self._client.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})

    def is_typing(self, identity_id: str) -> bool:
        request = {"TableName": self._table, "Key": keys.typing(identity_id)}
        item = self._client.call("dynamodb", "GetItem", request).get("Item")
        return item is not None and float(item["until"]["N"]) > self._clock()
