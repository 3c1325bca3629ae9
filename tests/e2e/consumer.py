"""A helpdesk that takes webhooks: a real server on 127.0.0.1 that verifies what it is sent, as any consumer would."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from tests.e2e.outside import Outside, eventually


@dataclass(frozen=True)
class Delivery:
    """One call of the relay."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def verified_by(self, secret: str) -> bool:
        """Whether the library that consumers use takes it for genuine. Raises WebhookVerificationError."""
        return bool(Webhook(secret).verify(self.body, self.headers) == self.event)

    def verified_by_key(self, public_key: str) -> bool:
        """The same for a public key, which that library does not know. Raises InvalidSignature."""
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key.removeprefix("whpk_")))
        version, _, signature = self.headers["webhook-signature"].partition(",")
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key.verify(b64decode(signature), signed)
        return version == "v1a"


@dataclass
class Answer:
    """What the consumer says: 204, unless a test changes it."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)


class Consumer:
    """``answer`` may be changed at any time; ``open_gate`` held shut makes it slow: it takes calls and says nothing.
    ``refused`` is a text of which it takes no event."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answer = Answer()
        self.refused: str | None = None
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.waiting = 0
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook"

    def start(self) -> None:
        consumer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = consumer.takes(Delivery(self.path, headers, body, time.time()))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()
                self.close_connection = True

            def log_message(self, format: str, *arguments: object) -> None:
                """Tests look at what has come in."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Nobody listens on its port any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def takes(self, delivery: Delivery) -> Answer:
        self.waiting += 1
        self.open_gate.wait(15)
        self.waiting -= 1
        refused = self.refused is not None and self.refused in delivery.body.decode()
        answer = Answer(422) if refused else self.answer
        if answer.status < 300:
            self.deliveries.append(delivery)
        return answer

    def events(self, conversation_id: str | None = None) -> list[dict[str, Any]]:
        """What it has taken, in the order of arrival; of one conversation, or of all."""
        events = [delivery.event for delivery in list(self.deliveries)]
        return [event for event in events if conversation_id in (None, event["subject"])]

    def sequences(self, conversation_id: str) -> list[int]:
        return [event["sequence"] for event in self.events(conversation_id) if "sequence" in event]

    def until(self, *texts: str, patience: float = 30.0) -> list[dict[str, Any]]:
        """The messages with these texts, once all of them have come, in the order of arrival."""

        def found() -> list[dict[str, Any]] | None:
            messages = [(event.get("data") or {}).get("message") or {} for event in self.events()]
            said = [message for message in messages if message.get("text") in texts]
            return said if {message["text"] for message in said} == set(texts) else None

        return eventually(found, patience)


class Subscribed:
    """A consumer's subscription, through the API."""

    def __init__(self, outside: Outside, consumer: Consumer, created: dict[str, Any]) -> None:
        self.outside = outside
        self.consumer = consumer
        self.created = created
        self.path = f"/v1/subscriptions/{created['id']}"

    @property
    def secret(self) -> str:
        return str(self.created["secret"])

    def shown(self) -> dict[str, Any]:
        answer = self.outside.call("GET", self.path)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json()
        return found

    def change(self, **changes: object) -> None:
        answer = self.outside.call("PATCH", self.path, changes)
        assert answer.status == 200, answer.body

    def ask(self, what: str, status: int, **fields: object) -> dict[str, Any]:
        """POST to something below the subscription."""
        answer = self.outside.call("POST", f"{self.path}/{what}", fields)
        assert answer.status == status, answer.body
        found: dict[str, Any] = answer.json()
        return found

    def attempts(self) -> list[dict[str, Any]]:
        answer = self.outside.call("GET", f"{self.path}/attempts")
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def until_known(self) -> None:
        """The stream's events are held against a list that is a few seconds old. What came in between is told too, ten
        seconds later; a test that does not want to wait for that waits for this."""
        time.sleep(3.1)


@contextmanager
def consuming(outside: Outside, **fields: object) -> Iterator[Subscribed]:
    """A consumer with a subscription of its own, which ends with the test."""
    consumer = Consumer()
    answer = outside.call("POST", "/v1/subscriptions", {"url": consumer.url, **fields})
    assert answer.status == 201, answer.body
    subscribed = Subscribed(outside, consumer, answer.json())
    try:
        yield subscribed
    finally:
        outside.call("DELETE", subscribed.path)
        consumer.open_gate.set()
        consumer.stop()
