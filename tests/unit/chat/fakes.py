"""What surrounds web chat, in memory, and a chat service put together with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from shared.core.chat.ports import Connection, View
from shared.core.chat.service import ChatService
from shared.core.chat.sessions import Sessions
from shared.errors import InfrastructureError, UnknownAccount
from shared.model.envelope import QueuedEvent
from shared.model.message import Author, Channel, Message
from shared.model.parts import Part, TextPart
from shared.model.text import flatten

NOW = 1_800_000_000.0
SESSION_SECRET = b"the session secret of this stack"
IDENTITY_SECRET = "the identity secret of the shop's site, long enough for every HMAC there is"
SHOP = "https://shop.example"


@dataclass
class FakeSecrets:
    current: Mapping[str, Any]
    before: Mapping[str, Any] | None = None

    def previous(self) -> Mapping[str, Any] | None:
        return self.before


@dataclass
class FakeAccounts:
    """``stored`` is what a refresh finds; until then ``cached`` is answered."""

    cached: dict[str, FakeSecrets]
    stored: dict[str, FakeSecrets] = field(default_factory=dict)

    def account(self, channel: str, account: str) -> FakeSecrets:
        if channel != "webchat" or account not in self.cached:
            raise UnknownAccount(account)
        return self.cached[account]

    def refresh(self, channel: str, account: str) -> FakeSecrets:
        return self.stored.get(account, self.cached[account])


@dataclass
class FakeQueue:
    events: list[QueuedEvent] = field(default_factory=list)
    down: bool = False

    def put(self, events: list[QueuedEvent]) -> None:
        if self.down:
            raise InfrastructureError("the queue is down")
        self.events.extend(events)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(event.envelope.body) for event in self.events]


@dataclass
class FakeConnections:
    open: dict[str, Connection] = field(default_factory=dict)

    def add(self, connection: Connection) -> None:
        self.open[connection.connection_id] = connection

    def remove(self, connection_id: str) -> None:
        self.open.pop(connection_id, None)

    def find(self, connection_id: str) -> Connection | None:
        return self.open.get(connection_id)


@dataclass
class FakeHistory:
    """``conversations`` are by identity; ``idn_visitor``, whose messages :func:`a_message` makes, is in all of them."""

    conversations: dict[str, str] = field(default_factory=dict)
    log: dict[str, list[Message]] = field(default_factory=dict)
    shows_from: int = 0
    asked: list[str] = field(default_factory=list)

    def view_of(self, identity_id: str) -> View | None:
        self.asked.append(identity_id)
        found = self.conversations.get(identity_id)
        return None if found is None else View(found, self.shows_from, frozenset({identity_id, "idn_visitor"}))

    def seen(self, view: View, after: int, limit: int) -> list[Message]:
        log = self.log[view.conversation_id]
        return [message for message in log if message.sequence > after and view.shows(message)][:limit]


@dataclass
class FakeSockets:
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def post(self, connection_id: str, frame: bytes) -> bool:
        if connection_id in self.gone:
            return False
        self.posted.append((connection_id, json.loads(frame)))
        return True


@dataclass
class FakeTyping:
    seen: list[tuple[str, bool]] = field(default_factory=list)

    def customer_typing(self, identity_id: str, active: bool) -> None:
        self.seen.append((identity_id, active))


@dataclass
class FakeUploadForms:
    asked: list[tuple[str, str, int, int]] = field(default_factory=list)

    def upload_form(self, key: str, mime_type: str, maximum_bytes: int, seconds: int) -> tuple[str, Mapping[str, str]]:
        self.asked.append((key, mime_type, maximum_bytes, seconds))
        return "https://bucket.example/", {"key": key, "Content-Type": mime_type}


@dataclass
class Chat:
    """The service and its surroundings. ``clock`` holds the time and can be moved."""

    service: ChatService
    accounts: FakeAccounts
    queue: FakeQueue
    connections: FakeConnections
    history: FakeHistory
    sockets: FakeSockets
    typing: FakeTyping
    upload_forms: FakeUploadForms
    clock: list[float]

    def open(self, account: str = "main", /, **body: object) -> dict[str, Any]:
        return self.service.open_session(account, json.dumps(body).encode())

    def connected(self, connection_id: str = "socket1=", **body: object) -> dict[str, Any]:
        """A session with an open socket."""
        session = self.open(**body)
        self.service.connect(connection_id, session["token"], SHOP)
        return session

    def frame(self, frame: object, connection_id: str = "socket1=") -> dict[str, Any] | None:
        """The frame that a frame is answered with."""
        reply = self.service.receive(connection_id, json.dumps(frame).encode())
        return None if reply is None else json.loads(reply)


def signed(secret: str = IDENTITY_SECRET, **claims: object) -> str:
    """A token of the shop's own login."""
    return jwt.encode({"sub": "42", "exp": int(NOW) + 3600, **claims}, secret)


def a_chat() -> Chat:
    """One stack with two accounts: ``main`` (the shop's, with signed visitors) and ``other``."""
    clock = [NOW]
    settings = {"identity_secret": IDENTITY_SECRET, "allowed_origins": [SHOP]}
    accounts = FakeAccounts({"main": FakeSecrets(settings), "other": FakeSecrets({"allowed_origins": [SHOP]})})
    queue, connections, history = FakeQueue(), FakeConnections(), FakeHistory()
    sockets, typing, upload_forms = FakeSockets(), FakeTyping(), FakeUploadForms()
    service = ChatService(
        sessions=Sessions(accounts, lambda: [SESSION_SECRET], lambda: clock[0]),
        queue=queue,
        connections=connections,
        history_of=history,
        sockets=sockets,
        typing=typing,
        upload_forms=upload_forms,
        socket_url="wss://chat.example/live",
        now=lambda: clock[0],
    )
    return Chat(service, accounts, queue, connections, history, sockets, typing, upload_forms, clock)


def a_message(sequence: int = 1, parts: list[Part] | None = None, **fields: Any) -> Message:
    """A message of an agent to the visitor; fields replace its own."""
    shown = parts if parts is not None else [TextPart(text=f"answer {sequence}")]
    values: dict[str, Any] = {
        "id": f"msg_{sequence}",
        "conversation_id": "conv_1",
        "sequence": sequence,
        "direction": "outbound",
        "origin": "agent",
        "author": Author(type="agent", name="Ann", id="agent-7"),
        "channel": Channel(type="webchat", account="main"),
        "identity_id": "idn_visitor",
        "parts": shown,
        "text": flatten(shown),
        "occurred_at": "2027-01-15T08:00:00.000Z",
        "received_at": "2027-01-15T08:00:00.000Z",
        "status": "queued",
    }
    return Message(**{**values, **fields})
