"""A helpdesk as its agents know it: what its demo account shows them, which is subscribed for a while."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.chat_client import ChatClient
from tests.e2e.outside import Outside, eventually

PATIENCE = 30.0


class HelpdeskWorld:
    """Agents act through the stand-in's control interface."""

    def __init__(self, outside: Outside, name: str) -> None:
        self._outside = outside
        self.name = name

    def act(self, action: str, body: object = None, method: str = "POST") -> Any:
        answer = self._outside.call(method, f"/_control/{self.name}/{action}", body)
        assert answer.status < 300, answer.body
        return answer.json()

    def people(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.act("contacts", method="GET")["items"]
        return items

    def tickets(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.act("tickets", method="GET")["items"]
        return items

    def ticket_with(self, text: str) -> dict[str, Any]:
        """The only ticket with a message that has this text in it, once it is there."""

        def found() -> dict[str, Any] | None:
            with_it = [each for each in self.tickets() if any(text in said["text"] for said in each["messages"])]
            assert len(with_it) < 2
            return with_it[0] if with_it else None

        return eventually(found, PATIENCE)

    def ticket(self, name: str) -> dict[str, Any]:
        (found,) = [each for each in self.tickets() if each["id"] == name]
        return found

    def place_of(self, ticket: dict[str, Any]) -> str:
        """The path of the latest call that changed the ticket: where its messages go, once there are two."""
        calls = self.act("requests", method="GET")["items"]
        of_it = re.compile(rf"/{ticket['id']}\b")
        return str([each["path"] for each in calls if each["method"] != "GET" and of_it.search(each["path"])][-1])

    def until_status(self, name: str, status: str) -> None:
        eventually(lambda: self.ticket(name)["status"] == status, PATIENCE)


@contextmanager
def subscribed(outside: Outside, name: str) -> Iterator[HelpdeskWorld]:
    """The demo account hears of what happens from now on."""
    created = outside.call("POST", "/v1/subscriptions", {"helpdesk": f"{name}/demo"})
    assert created.status == 201, created.body
    time.sleep(4)  # what tells subscribers asks every three seconds who there is
    try:
        yield HelpdeskWorld(outside, name)
    finally:
        outside.call("DELETE", f"/v1/subscriptions/{created.json()['id']}")


def say(visitor: ChatClient, text: str) -> None:
    parts = [{"type": "text", "text": text}]
    visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": parts})


def said(ticket: dict[str, Any]) -> list[str]:
    """What customer and agents said to each other, in order."""
    return [each["text"] for each in ticket["messages"] if each["public"] and each["text"]]


def notes(ticket: dict[str, Any]) -> list[str]:
    return [each["text"] for each in ticket["messages"] if not each["public"]]


def files(ticket: dict[str, Any]) -> list[str]:
    return [name for each in ticket["messages"] for name in each["files"]]


def status_of(outside: Outside, conversation: str) -> str:
    return str(outside.call("GET", f"/v1/conversations/{conversation}").json()["status"])
