"""A web-chat visitor on the way through the functions."""

from __future__ import annotations

import json

from bench import workload
from bench.calls.bill import Hop
from bench.calls.journeys import Event, Journeys
from functions import chat, deliver, ingest, publish, socket
from functions.bootstrap import store


class WebChat:
    """One visitor. The session is opened first; each method is one kind of invocation, counted and timed."""

    def __init__(self, journeys: Journeys) -> None:
        self._journeys = journeys
        self._token, self._connection = "", "connection-1="

    def open_chat(self) -> Hop:
        event = self._chat("POST", "sessions", b"{}", token=None)
        hop = self._journeys.hop("chat (session)", "http", 1, lambda: event, chat.handler)
        self._token = json.loads(chat.handler(event, None)["body"])["token"]
        return hop

    def connect(self) -> Hop:
        event = self._socket("CONNECT", "$connect")
        event |= {"headers": {"Origin": "https://shop.example"}, "queryStringParameters": {"token": self._token}}
        return self._journeys.hop("socket (connect)", "socket", 1, lambda: event, socket.handler)

    def frame(self) -> Hop:
        return self._journeys.hop("socket (message)", "socket", 1, self._frame, socket.handler)

    def chat_message(self) -> Hop:
        def event() -> Event:
            return self._chat("POST", "messages", workload.frame(next(self._journeys.numbers)), self._token)

        return self._journeys.hop("chat (message)", "http", 1, event, chat.handler)

    def ingest_frame(self) -> Hop:
        return self._journeys.hop("ingest (web chat)", "fifo", 1, self._queued_frame, ingest.handler)

    def push_frame(self) -> Hop:
        def queued() -> Event:
            ingest.handler(self._queued_frame(), None)
            return self._journeys.events(self._journeys.publications())

        return self._journeys.hop("deliver (to the socket)", "fifo", 1, queued, deliver.handler)

    def chat_conversation(self) -> str:
        """The conversation of the visitor, after a message."""
        ingest.handler(self._queued_frame(), None)
        (published,) = self._journeys.publications()[-1:]
        return published.group

    def read_receipt(self, conversation_id: str) -> list[Hop]:
        """The visitor has seen a reply: the frame, its entry beside the message, and the event."""

        def frame() -> Event:
            self._journeys.answer([conversation_id])
            deliver.handler(self._journeys.events(self._journeys.publications()), None)
            head = store.conversation_log().head(conversation_id)
            value = {"type": "read", "sequence": 0 if head is None else head.sequence}
            self._journeys.stage.changes()
            return self._socket("MESSAGE", "$default", json.dumps(value).encode())

        def queued() -> Event:
            socket.handler(frame(), None)
            return self._journeys.events(self._journeys.stage.client.take_sent())

        def changes() -> Event:
            ingest.handler(queued(), None)
            return {"Records": self._journeys.stage.changes()}

        return [
            self._journeys.hop("socket (read)", "socket", 1, frame, socket.handler),
            self._journeys.hop("ingest (read)", "fifo", 1, queued, ingest.handler),
            self._journeys.hop("publish (read)", "stream", 1, changes, publish.handler),
        ]

    def _chat(self, method: str, resource: str, body: bytes, token: str | None) -> Event:
        headers = {"origin": "https://shop.example"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return workload.http_event(
            method, f"/chat/main/{resource}", route="ANY /chat/{proxy+}", body=body, headers=headers
        )

    def _socket(self, kind: str, route: str, body: bytes = b"") -> Event:
        context = {"eventType": kind, "routeKey": route, "connectionId": self._connection, "stage": "chat"}
        return {"requestContext": context, "body": body.decode(), "isBase64Encoded": False}

    def _frame(self) -> Event:
        return self._socket("MESSAGE", "message", workload.frame(next(self._journeys.numbers)))

    def _queued_frame(self) -> Event:
        self._journeys.stage.client.take_sent()
        socket.handler(self._frame(), None)
        return self._journeys.events(self._journeys.stage.client.take_sent())
