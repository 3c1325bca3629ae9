"""What is counted: messages and replies on their way through the functions, one at a time and ten at a time."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench import workload
from bench.calls.bill import Hop
from bench.calls.conversations import grow
from bench.calls.metering import Message
from bench.calls.stage import TABLE, Stage
from functions import api, bootstrap, chat, deliver, ingest, media, publish, socket, webhook
from shared.aws.conversation_log import DynamoConversationLog
from shared.aws.head_items import head_item
from shared.core.records import RouteState, Window

TIMED = 8
"""How often an invocation is repeated for the clock, after it has been counted."""

Event = dict[str, Any]


class Journeys:
    """Plays customers and agents. Each method is one kind of invocation, counted and timed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._numbers = itertools.count(1_000_000)
        self._key = _issue_key()
        self._token, self._connection = "", "connection-1="

    # --- WeChat, inbound -------------------------------------------------------------------------------------------

    def webhook(self) -> Hop:
        return self._hop("webhook", "http", 1, lambda: self._push("oBench-0"), webhook.handler)

    def ingest(self, name: str, openids: list[str]) -> Hop:
        """One invocation for a message of each of these customers, in this order."""
        return self._hop(name, "fifo", len(openids), lambda: self._queued(openids), ingest.handler)

    def ingest_in_a_new_minute(self, openid: str, conversation_id: str) -> Hop:
        def queued() -> Event:
            self._set_back(conversation_id, seconds=120)
            return self._queued([openid])

        return self._hop("ingest, new minute", "fifo", 1, queued, ingest.handler)

    def publish(self, name: str, openids: list[str]) -> Hop:
        def changes() -> Event:
            self._store(openids)
            return {"Records": self.stage.changes()}

        return self._hop(name, "stream", len(openids), changes, publish.handler)

    def conversation(self, openid: str, messages: int) -> str:
        """A WeChat customer with a conversation of so many messages; its id."""
        self._store([openid])
        self.stage.changes()
        return grow(self.stage.client.plain, TABLE, openid, messages)

    # --- replies ---------------------------------------------------------------------------------------------------

    def reply(self, conversation_id: str) -> Hop:
        return self._hop("api (reply)", "http", 1, lambda: self._reply(conversation_id), api.handler)

    def publish_replies(self, name: str, conversation_ids: list[str]) -> Hop:
        def changes() -> Event:
            self._answer(conversation_ids)
            return {"Records": self.stage.changes()}

        return self._hop(name, "stream", len(conversation_ids), changes, publish.handler)

    def deliver(self, name: str, conversation_ids: list[str]) -> Hop:
        """One invocation that sends a reply in each of these conversations, over WeChat."""

        def queued() -> Event:
            self._answer(conversation_ids)
            return self._events(self._publications())

        count = len(conversation_ids)
        return self._hop(name, "fifo", count, queued, deliver.handler, provider_calls=count)

    def publish_statuses(self, name: str, conversation_ids: list[str]) -> Hop:
        def changes() -> Event:
            self._answer(conversation_ids)
            deliver.handler(self._events(self._publications()), None)
            return {"Records": self.stage.changes()}

        return self._hop(name, "stream", len(conversation_ids), changes, publish.handler)

    def read_messages(self, conversation_id: str) -> Hop:
        path = f"/v1/conversations/{conversation_id}/messages"
        event = self._api("GET", path, query={"limit": "50"})
        return self._hop("api (50 messages)", "http", 1, lambda: event, api.handler)

    # --- files -----------------------------------------------------------------------------------------------------

    def fetch(self, openid: str) -> Hop:
        def queued() -> Event:
            webhook.handler(workload.webhook_event(workload.picture_push(openid, next(self._numbers))), None)
            ingest.handler(self._events(self.stage.client.take_sent()), None)
            return self._events(self._publications())

        return self._hop("media (one picture)", "standard", 1, queued, media.handler, provider_calls=1)

    # --- web chat --------------------------------------------------------------------------------------------------

    def open_chat(self) -> Hop:
        event = self._chat("POST", "sessions", b"{}", token=None)
        hop = self._hop("chat (session)", "http", 1, lambda: event, chat.handler)
        self._token = json.loads(chat.handler(event, None)["body"])["token"]
        return hop

    def connect(self) -> Hop:
        event = self._socket("CONNECT", "$connect")
        event |= {"headers": {"Origin": "https://shop.example"}, "queryStringParameters": {"token": self._token}}
        return self._hop("socket (connect)", "socket", 1, lambda: event, socket.handler)

    def frame(self) -> Hop:
        return self._hop("socket (message)", "socket", 1, self._frame, socket.handler)

    def chat_message(self) -> Hop:
        def event() -> Event:
            return self._chat("POST", "messages", workload.frame(next(self._numbers)), self._token)

        return self._hop("chat (message)", "http", 1, event, chat.handler)

    def ingest_frame(self) -> Hop:
        return self._hop("ingest (web chat)", "fifo", 1, self._queued_frame, ingest.handler)

    def push_frame(self) -> Hop:
        def queued() -> Event:
            ingest.handler(self._queued_frame(), None)
            return self._events(self._publications())

        return self._hop("deliver (to the socket)", "fifo", 1, queued, deliver.handler)

    def chat_conversation(self) -> str:
        """The conversation of the visitor, after a message."""
        ingest.handler(self._queued_frame(), None)
        (published,) = self._publications()[-1:]
        return published.group

    def read_receipt(self, conversation_id: str) -> list[Hop]:
        """The visitor has seen a reply: the frame, its entry beside the message, and the event."""

        def frame() -> Event:
            self._answer([conversation_id])
            deliver.handler(self._events(self._publications()), None)
            head = bootstrap.conversation_log().head(conversation_id)
            value = {"type": "read", "sequence": 0 if head is None else head.sequence}
            self.stage.changes()
            return self._socket("MESSAGE", "$default", json.dumps(value).encode())

        def queued() -> Event:
            socket.handler(frame(), None)
            return self._events(self.stage.client.take_sent())

        def changes() -> Event:
            ingest.handler(queued(), None)
            return {"Records": self.stage.changes()}

        return [
            self._hop("socket (read)", "socket", 1, frame, socket.handler),
            self._hop("ingest (read)", "fifo", 1, queued, ingest.handler),
            self._hop("publish (read)", "stream", 1, changes, publish.handler),
        ]

    # --- what they are made of -------------------------------------------------------------------------------------

    def _hop(
        self,
        name: str,
        source: str,
        messages: int,
        prepare: Callable[[], Event],
        handler: Callable[[Event, Any], Any],
        provider_calls: int = 0,
    ) -> Hop:
        handler(prepare(), None)  # a warm function is what is counted
        client, logs = self.stage.client, self.stage.logs
        event = prepare()
        client.take_sent()
        logged = logs.tell()
        with client.counting() as calls:
            _require_success(name, handler(event, None))
        logged = logs.tell() - logged
        sent = client.take_sent()
        elapsed = []
        for _ in range(TIMED):
            event = prepare()
            began = time.process_time()
            handler(event, None)
            elapsed.append(time.process_time() - began)
        client.take_sent()
        return Hop(name, source, messages, list(calls), sent, min(elapsed) * 1000, logged, provider_calls)

    def _push(self, openid: str) -> Event:
        return workload.webhook_event(workload.push(openid, next(self._numbers)))

    def _queued(self, openids: list[str]) -> Event:
        self.stage.client.take_sent()
        for openid in openids:
            webhook.handler(self._push(openid), None)
        return self._events(self.stage.client.take_sent())

    def _store(self, openids: list[str]) -> None:
        _require_success("ingest", ingest.handler(self._queued(openids), None))

    def _publications(self) -> list[Message]:
        """What the topic would hand on now."""
        self.stage.client.take_sent()
        publish.handler({"Records": self.stage.changes()}, None)
        return [each for each in self.stage.client.take_sent() if "tasks" in each.attributes]

    def _events(self, messages: list[Message]) -> Event:
        attributes = [
            {name: {"stringValue": value, "dataType": "String"} for name, value in each.attributes.items()}
            for each in messages
        ]
        return workload.queue_event([each.body for each in messages], [each.group for each in messages], attributes)

    def _reply(self, conversation_id: str) -> Event:
        body = json.dumps(
            {"parts": [{"type": "text", "text": "It left our warehouse this morning; here is the link."}]}
        )
        headers = {"idempotency-key": f"key-{next(self._numbers)}"}
        path = f"/v1/conversations/{conversation_id}/messages"
        self._set_back(conversation_id)
        return self._api("POST", path, body=body.encode(), headers=headers)

    def _answer(self, conversation_ids: list[str]) -> None:
        for conversation_id in conversation_ids:
            _require_success("api", api.handler(self._reply(conversation_id), None))

    def _set_back(self, conversation_id: str, seconds: float = 0.0) -> None:
        """Outside of what is counted: WeChat allows five answers to a message, so the windows are made unused again;
        and the conversation is as if it had last changed so many seconds before."""
        client = self.stage.client.plain
        head = DynamoConversationLog(client, TABLE, time.time).head(conversation_id)
        if head is not None:
            unused = {name: replace(route, windows=_unused(route)) for name, route in head.routes.items()}
            earlier = replace(head, routes=unused, updated_at=head.updated_at - seconds)
            client.call("dynamodb", "PutItem", {"TableName": TABLE, "Item": head_item(earlier)})

    def _api(self, method: str, path: str, **more: Any) -> Event:
        headers = {"authorization": f"Bearer {self._key}", **more.pop("headers", {})}
        return workload.http_event(method, path, route="ANY /v1/{proxy+}", headers=headers, **more)

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
        return self._socket("MESSAGE", "message", workload.frame(next(self._numbers)))

    def _queued_frame(self) -> Event:
        self.stage.client.take_sent()
        socket.handler(self._frame(), None)
        return self._events(self.stage.client.take_sent())


def _unused(route: RouteState) -> dict[str, Window]:
    return {name: replace(window, used=0) for name, window in route.windows.items()}


def _issue_key() -> str:
    from shared.aws.api_keys import DynamoApiKeys

    return DynamoApiKeys(bootstrap.client(), TABLE, time.time).issue("bench", ("write",))[1]


def _require_success(name: str, answer: Any) -> None:
    """What was not carried out is not worth counting."""
    status = answer.get("statusCode", 200) if answer else 200
    if status >= 300 or (answer and answer.get("batchItemFailures")):
        raise RuntimeError(f"{name} answered {answer}")
