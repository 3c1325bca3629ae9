"""A helpdesk that others have made: django-helpdesk, connected by the generic adapter with the documented example."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from infra.local.stack.lifecycle import LocalStack
from tests.e2e.chat_client import ChatClient
from tests.e2e.django_helpdesk_world import PYTHON, ROOT, Agent, DjangoHelpdesk
from tests.e2e.outside import Outside, eventually
from tests.support.providers import PNG

CLOSED = 4
COMMAND = (str(ROOT / ".venv" / "bin" / "onethread"), "--local")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def site(stack: LocalStack, outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DjangoHelpdesk]:
    """The site, connected with the command line as its owner would."""
    assert PYTHON.is_file(), "run infra/environment.sh helpdesk first"
    folder: Path = tmp_path_factory.mktemp("django")
    environment = {**os.environ, "ONETHREAD_HOME": str(stack.settings.home)}

    def command(*words: str) -> str:
        done = subprocess.run(
            [*COMMAND, "helpdesk", *words], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with DjangoHelpdesk(folder, outside.url) as running:
        settings = folder / "settings.json"
        settings.write_text(json.dumps(running.settings()), encoding="utf-8")
        assert f"{outside.url}/helpdesks/generic/django" in command("set", "generic", "django", "--file", str(settings))
        assert "FAILED" not in command("check", "generic", "django")
        try:
            yield running
        finally:
            command("remove", "generic", "django", "--yes")


@pytest.fixture(scope="module")
def ada(site: DjangoHelpdesk) -> Agent:
    return Agent(site)


def comments(ticket: dict[str, Any] | None) -> list[str]:
    return [each["comment"] for each in (ticket or {}).get("followup_set", []) if each["public"]]


def said(client: ChatClient, text: str) -> None:
    client.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": text}]})
    client.next("accepted")


def test_a_chat_and_a_ticket_are_one_conversation(site: DjangoHelpdesk, ada: Agent, outside: Outside) -> None:
    with ChatClient(outside) as visitor:
        # when a visitor writes, there is a ticket, and their second message is a follow-up of it
        said(visitor, "Where is my order 4711?")
        eventually(lambda: site.ticket("Where is my order 4711?"))
        said(visitor, "It was to come on Monday")
        ticket = eventually(
            lambda: next((each for each in site.tickets() if any("on Monday" in text for text in comments(each))), None)
        )
        assert len(comments(ticket)) == 2
        conversation = outside.conversation_with("Where is my order 4711?")
        assert ticket["custom_onethread"] == conversation

        # when the agent answers there, the visitor reads it, and what agents say among themselves stays there
        ada.update(ticket, "Nobody tells the customer", public=False)
        ada.update(ticket, "It left our house this morning", file=("label.png", PNG))
        answer = visitor.message("It left our house this morning\n[image] label.png")
        assert answer["author"]["type"] == "agent"
        texts = [each["text"] for each in outside.messages(conversation)]
        assert texts[:2] == ["Where is my order 4711?", "It was to come on Monday"]
        assert not any("Nobody tells" in text for text in texts)

        # then the file is in our storage, with what the agent attached
        def file() -> dict[str, Any] | None:
            parts = [part for each in outside.messages(conversation) for part in each["parts"]]
            return next((part["media"] for part in parts if part.get("media", {}).get("state") == "stored"), None)

        with urlopen(eventually(file)["url"], timeout=30) as stored:
            assert stored.read() == PNG

        # when the agent closes the ticket, the conversation is closed, and nothing comes back to the ticket
        ada.update(ticket, "Thank you for your patience", status=CLOSED)
        visitor.message("Thank you for your patience")
        eventually(lambda: outside.call("GET", f"/v1/conversations/{conversation}").json()["status"] == "closed")
        assert len(comments(site.ticket("Where is my order 4711?"))) == 4


def test_closing_here_closes_the_ticket(site: DjangoHelpdesk, outside: Outside) -> None:
    with ChatClient(outside) as visitor:
        said(visitor, "Thank you, that is all")
        eventually(lambda: site.ticket("Thank you, that is all"))
        conversation = outside.conversation_with("Thank you, that is all")
        closed = outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": "closed"})
        assert closed.status == 200, closed.body
        eventually(lambda: (site.ticket("Thank you, that is all") or {})["status"] == CLOSED)
