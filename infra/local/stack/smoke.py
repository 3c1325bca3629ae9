"""``python -m infra.local.stack.smoke``: a message through the running local stack and a reply back, or exit code 1."""

from __future__ import annotations

import http.client
import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from infra.local.stack.lifecycle import LocalStack, StackError
from infra.local.stack.settings import Settings

PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.05


class SmokeError(Exception):
    """The stack did not do what it should; the text says what."""


class Caller:
    """Calls the local stack's HTTP interface with one bearer token."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._token = token

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer's JSON. Raises SmokeError for any other answer than a 2xx."""
        headers = {"content-type": "application/json", "origin": self._url}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        data = json.dumps(body) if body is not None else None
        connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=30)
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise SmokeError(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if answer.status >= 300:
            raise SmokeError(f"{method} {path} was answered {answer.status}: {text[:300]}")
        content: dict[str, Any] = json.loads(text)
        return content


def converse(local: dict[str, Any]) -> tuple[float, float]:
    """A visitor writes, an agent answers. Seconds until each could read the other. Raises SmokeError."""
    session = Caller(local["url"], None)("POST", "/chat/main/sessions", {})
    visitor, agent = Caller(local["url"], session["token"]), Caller(local["url"], local["api_key"])
    question, answer = (f"smoke {uuid.uuid4()}" for _ in range(2))

    began = time.monotonic()
    parts = [{"type": "text", "text": question}]
    visitor("POST", "/chat/main/messages", {"client_id": str(uuid.uuid4()), "parts": parts})
    conversation = _until(lambda: _conversation_with(agent, question), "the visitor's message did not reach the API")
    received = time.monotonic() - began

    began = time.monotonic()
    agent("POST", f"/v1/conversations/{conversation}/messages", {"parts": [{"type": "text", "text": answer}]})
    path = f"/v1/conversations/{conversation}/messages"
    _until(lambda: _sent(agent("GET", path), answer), "the reply was not sent")
    _until(lambda: _texts(visitor("GET", "/chat/main/messages")).count(answer), "the reply did not reach the visitor")
    return received, time.monotonic() - began


def _conversation_with(agent: Caller, text: str) -> str | None:
    for conversation in agent("GET", "/v1/conversations?status=open")["items"]:
        if text in _texts(agent("GET", f"/v1/conversations/{conversation['id']}/messages")):
            return str(conversation["id"])
    return None


def _sent(messages: dict[str, Any], text: str) -> bool:
    return any(item["text"] == text and item.get("status") not in (None, "queued") for item in messages["items"])


def _texts(messages: dict[str, Any]) -> list[str]:
    return [item["text"] for item in messages["items"]]


def _until[Found](look: Callable[[], Found], complaint: str) -> Found:
    """The first result that counts as true. Raises SmokeError with the complaint when there is none in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(POLL_SECONDS)
    raise SmokeError(complaint)


def main() -> int:
    try:
        received, answered = converse(LocalStack(Settings.from_environment()).description())
    except (SmokeError, StackError, ValueError) as error:
        print(f"smoke test failed: {error}", file=sys.stderr)
        return 1
    print(f"A message was in the API after {received:.2f} s, its reply with the visitor after {answered:.2f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
