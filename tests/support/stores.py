"""The store and the use cases on it, put together as functions/bootstrap/ does, on a table of a test's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

from shared.aws.account_health import DynamoAccountHealth
from shared.aws.client import AwsClient
from shared.aws.connections import DynamoConnections
from shared.aws.conversation_log import DynamoConversationLog
from shared.aws.deliveries import DynamoDeliveries
from shared.aws.link_codes import DynamoLinkCodes
from shared.aws.links import DynamoLinks
from shared.aws.notices import DynamoNotices
from shared.aws.people import DynamoPeople
from shared.core.conversations import ChangeConversation
from shared.core.delivery import Job
from shared.core.ingest import Ingest
from shared.core.linking.wiring import Linking
from shared.core.records import Entry, Head, NewEntry
from shared.core.reply import Reply, ReplyRequest
from shared.errors import DeliveryError
from shared.model.identifiers import identity_id
from shared.model.message import Message
from shared.ports.context import ChannelContext
from shared.ports.http import HttpResponse
from tests.support.channels import CHANNELS, TestChannel, text_message, webhook
from tests.support.clients import client_for
from tests.support.delivering import deliver_on
from tests.support.engines import Engine
from tests.support.mail import KeptOriginals
from tests.support.providers import channel_context
from tests.support.tables import create_table, delete_table

START = 1_800_000_000.0


class Clock:
    """A clock that goes when it is told to. Seconds since the epoch."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Surroundings:
    """Everything a test channel might ask for and does not need."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        raise DeliveryError("permanent", "no_network", "test channels call nobody")

    def fill(self, message: Message, entry: Entry) -> None:
        return None


class Store:
    """A table, the adapters on it, and the use cases. ``engine`` is an endpoint; every :meth:`on` is a new worker."""

    def __init__(
        self,
        client: AwsClient,
        table: str,
        *,
        clock: Callable[[], float],
        channels: dict[str, TestChannel] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self.table = table
        self.clock = clock
        self.sleep = sleep
        self.channels = channels or {name: TestChannel(name) for name in CHANNELS}
        self.log = DynamoConversationLog(client, table, clock)
        self.people = DynamoPeople(client, table)
        self.deliveries = DynamoDeliveries(client, table, clock)
        self.notices = DynamoNotices(client, table)
        self.health = DynamoAccountHealth(client, table)
        self.connections = DynamoConnections(client, table, clock)
        self.originals = KeptOriginals()
        self.links = DynamoLinks(client, table, clock)
        self.codes = DynamoLinkCodes(client, table, clock)
        self.linking = Linking.on(self.log, self.people, self.links, self.codes, clock=clock, sleep=sleep)
        self.ingest = Ingest(
            linking=self.linking,
            originals=self.originals,
            log=self.log,
            people=self.people,
            deliveries=self.deliveries,
            notices=self.notices,
            connector_of=self.connector,
            clock=clock,
            sleep=sleep,
        )
        self.reply = Reply(self.log, self.connector, clock, sleep)
        self.change = ChangeConversation(self.log, self.people, clock, sleep)
        self._deliver = deliver_on(
            log=self.log,
            people=self.people,
            deliveries=self.deliveries,
            health=self.health,
            connector_of=self.connector,
            context_of=self._context,
            addresses=Surroundings(),
            clock=clock,
        )

    def on(self, client: AwsClient) -> Store:
        """Another worker with the same table, clock and providers, and a memory of its own."""
        return Store(client, self.table, clock=self.clock, channels=self.channels, sleep=self.sleep)

    def another(self) -> Store:
        return self.on(client_for(self.client.endpoint_url or ""))

    def connector(self, channel: str) -> TestChannel:
        return self.channels[channel]

    def deliver(self, conversation_id: str, sequence: int, attempt: int = 1) -> str:
        """Sends one entry of the log, as the outbound queue would have it sent."""
        entry = self.log.entry(conversation_id, sequence)
        if entry is None:
            raise LookupError(f"there is no entry {sequence}")
        return self._deliver(Job(entry, attempt))

    def answer(self, conversation_id: str, text: str, *, key: str | None = None, **more: Any) -> dict[str, Any]:
        """An agent's reply."""
        return self.reply(conversation_id, ReplyRequest(parts=[{"type": "text", "text": text}], **more), "key-1", key)

    def conversation_of(self, sender: str, channel: str = "letters") -> Head:
        """The conversation that a sender wrote to last."""
        stored = self.people.identity(identity_id(channel, "main", sender))
        head = self.log.head(stored.conversation_id) if stored and stored.conversation_id else None
        if head is None:
            raise LookupError(f"{sender} has no conversation")
        return head

    def add_route(self, conversation_id: str, sender: str, channel: str) -> None:
        """Makes a further identity reachable in a conversation, as linking does; it has just written."""
        self.ingest(webhook(text_message(sender, f"{sender} on {channel}", occurred_at=self.clock()), channel))
        identity = identity_id(channel, "main", sender)
        head, route = self.log.head(conversation_id), self.conversation_of(sender, channel).routes[identity]
        if head is None:
            raise LookupError("there is no such conversation")
        following = replace(head, sequence=head.sequence + 1, routes={**head.routes, identity: route})
        self.log.append(following, NewEntry(type="conversation.updated", at=self.clock(), data={}))

    def whole_log(self, conversation_id: str) -> list[Entry]:
        return self.log.entries(conversation_id, 0, 100_000)

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table, as it is stored."""
        found: list[dict[str, Any]] = []
        request: dict[str, Any] = {"TableName": self.table, "ConsistentRead": True}
        while True:
            page = self.client.call("dynamodb", "Scan", request)
            found.extend(page["Items"])
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _context(self, channel: str, account: str) -> ChannelContext:
        return channel_context({}, http=Surroundings(), name=account, originals=self.originals)


@contextmanager
def store_on(engine: Engine, clock: Callable[[], float], *, stream: bool = False) -> Iterator[Store]:
    """A store on a table of its own."""
    client = client_for(engine.endpoint)
    table = f"onethread-{uuid4().hex}"
    create_table(client, table, stream=stream)
    try:
        yield Store(client, table, clock=clock)
    finally:
        delete_table(client, table)
