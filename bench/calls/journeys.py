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
from functions import api, deliver, ingest, media, publish, webhook
from functions.bootstrap import environment
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
        self.numbers = itertools.count(1_000_000)
        self._key = _issue_key()

    # --- WeChat, inbound -------------------------------------------------------------------------------------------

    def webhook(self) -> Hop:
        return self.hop("webhook", "http", 1, lambda: self._push("oBench-0"), webhook.handler)

    def ingest(self, name: str, openids: list[str]) -> Hop:
        """One invocation for a message of each of these customers, in this order."""
        return self.hop(name, "fifo", len(openids), lambda: self._queued(openids), ingest.handler)

    def ingest_in_a_new_minute(self, openid: str, conversation_id: str) -> Hop:
        def queued() -> Event:
            self._set_back(conversation_id, seconds=120)
            return self._queued([openid])

        return self.hop("ingest, new minute", "fifo", 1, queued, ingest.handler)

    def publish(self, name: str, openids: list[str]) -> Hop:
        def changes() -> Event:
            self.store(openids)
            return {"Records": self.stage.changes()}

        return self.hop(name, "stream", len(openids), changes, publish.handler)

    def conversation(self, openid: str, messages: int) -> str:
        """A WeChat customer with a conversation of so many messages; its id."""
        self.store([openid])
        self.stage.changes()
        return grow(self.stage.client.plain, TABLE, openid, messages)

    # --- replies ---------------------------------------------------------------------------------------------------

    def reply(self, conversation_id: str) -> Hop:
        return self.hop("api (reply)", "http", 1, lambda: self._reply(conversation_id), api.handler)

    def publish_replies(self, name: str, conversation_ids: list[str]) -> Hop:
        def changes() -> Event:
            self.answer(conversation_ids)
            return {"Records": self.stage.changes()}

        return self.hop(name, "stream", len(conversation_ids), changes, publish.handler)

    def deliver(self, name: str, conversation_ids: list[str]) -> Hop:
        """One invocation that sends a reply in each of these conversations, over WeChat."""

        def queued() -> Event:
            self.answer(conversation_ids)
            return self.events(self.publications())

        count = len(conversation_ids)
        return self.hop(name, "fifo", count, queued, deliver.handler, provider_calls=count)

    def publish_statuses(self, name: str, conversation_ids: list[str]) -> Hop:
        def changes() -> Event:
            self.answer(conversation_ids)
            deliver.handler(self.events(self.publications()), None)
            return {"Records": self.stage.changes()}

        return self.hop(name, "stream", len(conversation_ids), changes, publish.handler)

    def read_messages(self, conversation_id: str) -> Hop:
        path = f"/v1/conversations/{conversation_id}/messages"
        event = self._api("GET", path, query={"limit": "50"})
        return self.hop("api (50 messages)", "http", 1, lambda: event, api.handler)

    # --- files -----------------------------------------------------------------------------------------------------

    def fetch(self, openid: str) -> Hop:
        def queued() -> Event:
            webhook.handler(workload.webhook_event(workload.picture_push(openid, next(self.numbers))), None)
            ingest.handler(self.events(self.stage.client.take_sent()), None)
            return self.events(self.publications())

        return self.hop("media (one picture)", "standard", 1, queued, media.handler, provider_calls=1)

    # --- what they are made of -------------------------------------------------------------------------------------

    def hop(
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
        return workload.webhook_event(workload.push(openid, next(self.numbers)))

    def _queued(self, openids: list[str]) -> Event:
        self.stage.client.take_sent()
        for openid in openids:
            webhook.handler(self._push(openid), None)
        return self.events(self.stage.client.take_sent())

    def store(self, openids: list[str]) -> None:
        _require_success("ingest", ingest.handler(self._queued(openids), None))

    def publications(self) -> list[Message]:
        """What the topic would hand on now."""
        self.stage.client.take_sent()
        publish.handler({"Records": self.stage.changes()}, None)
        return [each for each in self.stage.client.take_sent() if "tasks" in each.attributes]

    def events(self, messages: list[Message]) -> Event:
        attributes = [
            {name: {"stringValue": value, "dataType": "String"} for name, value in each.attributes.items()}
            for each in messages
        ]
        return workload.queue_event([each.body for each in messages], [each.group for each in messages], attributes)

    def _reply(self, conversation_id: str) -> Event:
        body = json.dumps(
            {"parts": [{"type": "text", "text": "It left our warehouse this morning; here is the link."}]}
        )
        headers = {"idempotency-key": f"key-{next(self.numbers)}"}
        path = f"/v1/conversations/{conversation_id}/messages"
        self._set_back(conversation_id)
        return self._api("POST", path, body=body.encode(), headers=headers)

    def answer(self, conversation_ids: list[str]) -> None:
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


def _unused(route: RouteState) -> dict[str, Window]:
    return {name: replace(window, sent_at=(), before=0) for name, window in route.windows.items()}


def _issue_key() -> str:
    from shared.aws.api_keys import DynamoApiKeys

    return DynamoApiKeys(environment.client(), TABLE, time.time).issue("bench", ("write",))[1]


def _require_success(name: str, answer: Any) -> None:
    """What was not carried out is not worth counting."""
    status = answer.get("statusCode", 200) if answer else 200
    if status >= 300 or (answer and answer.get("batchItemFailures")):
        raise RuntimeError(f"{name} answered {answer}")
