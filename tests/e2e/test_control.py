"""Given a bot that answers on a web chat, the one of the documentation, when a customer asks for a human, then a desk
takes over, and one of them is heard at a time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack.lifecycle import LocalStack
from tests.e2e.outside import Answer, Outside, eventually

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/bots.md"


def program() -> str:
    """The bot of the documentation."""
    found = re.search(r"<!-- tested: bot -->\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def new_key(stack: LocalStack, name: str) -> dict[str, Any]:
    """A key made with the command line: {id, key}."""
    command = [sys.executable, "-m", "infra.cli.main", "--local", "--json", "key", "create", "--name", name]
    environment = {**os.environ, "ONETHREAD_HOME": str(stack.settings.home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    made: dict[str, Any] = json.loads(done.stdout)
    return made


class Chat:
    """A web-chat account with one visitor, a bot that serves it, and a desk; each has a key of its own."""

    def __init__(self, outside: Outside, stack: LocalStack) -> None:
        self.outside = outside
        self.account = f"bots{uuid.uuid4().hex[:8]}"
        secret = {"Name": f"{outside.local['secrets_prefix']}webchat/{self.account}"}
        outside.aws("secretsmanager").create_secret(
            **secret, SecretString=json.dumps({"allowed_origins": [outside.url]})
        )
        self.bot, self.desk = new_key(stack, "berta"), new_key(stack, "desk")
        self.visitor: str = outside.call("POST", f"/chat/{self.account}/sessions", {}).json()["token"]
        self.conversation_id = ""

    def writes(self, text: str) -> None:
        message = {"client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": text}]}
        sent = self.outside.call("POST", f"/chat/{self.account}/messages", message, token=self.visitor)
        assert sent.status < 300, sent.body

    def sees(self, text: str) -> dict[str, Any]:
        """The message on the visitor's page, as soon as it is there."""

        def found() -> dict[str, Any] | None:
            shown = self.outside.call("GET", f"/chat/{self.account}/messages", token=self.visitor).json()["items"]
            return next((each for each in shown if each["text"] == text), None)

        message = eventually(found)
        self.conversation_id = message["conversation_id"]
        return message

    def control(self, by: dict[str, Any], action: str, **more: Any) -> Answer:
        path = f"/v1/conversations/{self.conversation_id}/control"
        return self.outside.call("POST", path, {"action": action, **more}, token=by["key"])

    def reply(self, by: dict[str, Any], text: str, author: str) -> Answer:
        value = {"parts": [{"type": "text", "text": text}], "author": {"type": author}}
        path = f"/v1/conversations/{self.conversation_id}/messages"
        return self.outside.call("POST", path, value, token=by["key"])

    def log(self) -> list[dict[str, Any]]:
        path = f"/v1/conversations/{self.conversation_id}/events?limit=100"
        items: list[dict[str, Any]] = self.outside.call("GET", path).json()["items"]
        return items

    @contextmanager
    def bot_at_work(self) -> Iterator[subprocess.Popen[str]]:
        """The program runs; it has to be running still at the end."""
        environment = {
            "PATH": os.environ["PATH"],
            "ONETHREAD_URL": self.outside.url,
            "ONETHREAD_API_KEY": self.bot["key"],
            "ACCOUNT": self.account,
        }
        command = [sys.executable, "-c", program()]
        running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        try:
            yield running
            assert running.poll() is None, running.communicate()[1]
        finally:
            running.kill()
            running.wait()
            if running.stderr is not None:
                running.stderr.close()


@pytest.fixture
def chat(outside: Outside, stack: LocalStack) -> Chat:
    return Chat(outside, stack)


def test_a_bot_answers_hands_over_to_a_desk_and_is_handed_back(chat: Chat) -> None:
    with chat.bot_at_work(), chat.outside.subscriber() as receive:
        # when a customer writes, the bot answers, and the customer's page knows that it is one
        chat.writes("where is my parcel?")
        answer = chat.sees("You said: where is my parcel?")
        assert (answer["origin"], answer["author"]) == ("bot", {"type": "bot", "name": "Berta"})

        # and when they want a human, it offers them to the desk, with a note
        chat.writes("I want a human")
        chat.sees("I am asking a colleague.")
        offered = chat.outside.call("GET", f"/v1/conversations/{chat.conversation_id}").json()
        assert (offered["controller"]["id"], offered["offered_to"]) == (chat.bot["id"], {"type": "desk"})

        # when the desk takes over, it gets the history and the note
        taken = chat.control(chat.desk, "take", name="Kim")
        assert taken.status == 200, taken.body
        assert taken.json()["note"] == "I want a human"
        assert [each["text"] for each in taken.json()["messages"]][-1] == "I am asking a colleague."

        # then the bot is not heard any more, whatever it tries
        refused = chat.reply(chat.bot, "may I say something?", "bot")
        assert (refused.status, refused.json()["code"]) == (409, "not_controller")
        assert refused.json()["controller"]["name"] == "Kim"
        assert chat.control(chat.bot, "take", **{"as": "bot"}).status == 409
        chat.writes("are you a human?")
        assert chat.reply(chat.desk, "I am.", "agent").status == 202
        chat.sees("I am.")

        # and when the desk passes the customer back, the bot answers again
        passed = chat.control(chat.desk, "pass", to={"type": "bot", "id": chat.bot["id"]}, note="refunded")
        assert passed.json()["conversation"]["controller"]["id"] == chat.bot["id"]
        chat.writes("thank you")
        chat.sees("You said: thank you")

        # then the log tells who had control when, and the stream as well
        log = chat.log()
        told = [each["data"] for each in log if each["type"] == "conversation.control_changed"]
        assert [each["action"] for each in told if each["by"]["type"] == "desk"] == ["take", "pass"]
        told_on_stream: list[dict[str, Any]] = []

        def all_of_them() -> bool:
            told_on_stream.extend(
                each["data"]
                for each in receive()
                if each["type"] == "conversation.control_changed" and each["subject"] == chat.conversation_id
            )
            return len(told_on_stream) >= len(told)

        eventually(all_of_them)
        assert told_on_stream[: len(told)] == told

    assert heard_out_of_turn(chat, log) == []


def heard_out_of_turn(chat: Chat, log: list[dict[str, Any]]) -> list[str]:
    """The replies that were written by another party than the one that had control at their place."""
    found = []
    controller: str | None = None
    for each in log:
        if each["type"] == "conversation.control_changed":
            controller = each["data"].get("controller", {}).get("id")
        elif each["type"] == "message.sent":
            message = each["data"]["message"]
            author = chat.bot["id"] if message["origin"] == "bot" else chat.desk["id"]
            found += [message["text"]] if controller not in (None, author) else []
    return found
