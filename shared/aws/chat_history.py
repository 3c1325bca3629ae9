"""What a web-chat visitor may see again: the messages of the conversation, with addresses of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.aws.client import AwsClient
from shared.aws.sockets import ConnectionGone, ConnectionPoster
from shared.core.messages import is_message, read_message

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog, MediaAddresses, People
    from shared.model.message import Message
    from shared.ports import Clock

TYPING_SECONDS = 10


class LoggedHistory:
    """Implements shared.core.chat.ports.History."""

    def __init__(self, log: ConversationLog, people: People, addresses: MediaAddresses) -> None:
        self._log = log
        self._people = people
        self._addresses = addresses

    def conversation_of(self, identity_id: str) -> str | None:
        stored = self._people.identity(identity_id)
        return None if stored is None else stored.conversation_id

    def messages(self, conversation_id: str, after: int, limit: int) -> list[Message]:
        found: list[Message] = []
        while len(found) < limit:
            wanted = limit - len(found)
            entries = self._log.entries(conversation_id, after, wanted)
            for entry in (each for each in entries if is_message(each)):
                message = read_message(entry)
                self._addresses.fill(message, entry)
                found.append(message)
            if len(entries) < wanted:
                break
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
