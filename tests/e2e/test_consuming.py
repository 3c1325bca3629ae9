"""Given the programs that the page on consuming shows, as they stand there, when customers write, then each program
sees every event once and in order."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from infra.documentation.tables import ROOT
from infra.frontend.toolchain import node_folder
from tests.e2e.chat_client import ChatClient
from tests.e2e.outside import Outside, eventually

EXAMPLES = ROOT / "examples"
Say = Callable[[str], str]
WEBHOOKS = ("consumer.py", "consumer.mjs")


@pytest.fixture
def say(visitor: ChatClient) -> Say:
    """Somebody writes in the web chat; the text that they wrote."""

    def said(text: str) -> str:
        marked = f"{text} {uuid.uuid4().hex[:8]}"
        visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": marked}]})
        visitor.message(marked)
        return marked

    return said


class Program:
    """One of the programs, running in a folder of its own; ``lines`` are what it has printed."""

    def __init__(self, folder: Path, environment: dict[str, str], *arguments: str) -> None:
        self.lines: list[str] = []
        self._folder = folder
        self._environment = {"PATH": os.environ["PATH"], **environment}
        self._command = [*_runner(arguments[0]), str(EXAMPLES / arguments[0]), *arguments[1:]]

    def run(self) -> str:
        """All that it prints, once it has ended well."""
        done = subprocess.run(
            self._command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[Program]:
        process = subprocess.Popen(
            self._command, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        reader = Thread(target=self._read, args=(process,))
        reader.start()
        try:
            yield self
        finally:
            process.terminate()
            process.wait()
            reader.join()

    def saw(self, *texts: str) -> list[str]:
        """The lines with these texts, once it has printed all of them."""

        def found() -> list[str] | None:
            lines = [line for line in self.lines if line.endswith(texts)]
            return lines if all(any(line.endswith(text) for line in lines) for text in texts) else None

        return eventually(found, 25.0)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))


def _runner(name: str) -> list[str]:
    if name.endswith(".mjs"):
        return [str(node_folder() / "bin" / "node")]
    return ["sh"] if name.endswith(".sh") else [sys.executable]


@pytest.fixture
def program(outside: Outside, tmp_path: Path) -> Callable[..., Program]:
    """Makes a program, with the settings that it takes from its environment."""

    def made(*arguments: str, **environment: str) -> Program:
        settings = {"ONETHREAD_URL": outside.url, "ONETHREAD_API_KEY": outside.local["api_key"], **environment}
        return Program(tmp_path, settings, *arguments)

    return made


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@contextmanager
def subscribed(outside: Outside, url: str) -> Iterator[dict[str, Any]]:
    answer = outside.call("POST", "/v1/subscriptions", {"url": url})
    assert answer.status == 201, answer.body
    created: dict[str, Any] = answer.json()
    try:
        yield created
    finally:
        outside.call("DELETE", f"/v1/subscriptions/{created['id']}")


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def status_of_a_forged_call(url: str) -> int:
    headers = {
        "webhook-id": "forged",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    }
    try:
        with urlopen(Request(url, b"{}", headers, method="POST"), timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def remembered(database: Path, conversation: str) -> int | None:
    """The last event of a conversation that the poller is done with: it may print it and be stopped before that."""
    with closing(sqlite3.connect(database)) as opened:
        found = opened.execute("SELECT sequence FROM handled WHERE conversation = ?", [conversation]).fetchone()
        return None if found is None else int(found[0])


def sequences(lines: list[str]) -> list[int]:
    return [int(line.split()[2]) for line in lines]


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_webhook_consumer_takes_what_is_genuine_in_order_and_each_event_once(
    outside: Outside, program: Callable[..., Program], say: Say, name: str
) -> None:
    # given
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with (
        subscribed(outside, url) as created,
        program(name, str(port), WEBHOOK_SECRET=created["secret"]).running() as consumer,
    ):
        eventually(lambda: listens(port))
        time.sleep(3.1)  # the stream's events are held against a list that is a few seconds old
        # when
        texts = [say(f"number {number}") for number in range(3)]
        # then
        seen = consumer.saw(*texts)
        assert [line.split()[0] for line in seen] == ["message.received"] * 3
        assert sequences(seen) == sorted(sequences(seen))
        # when it is told everything again, then it has heard of it
        path = f"/v1/subscriptions/{created['id']}"
        conversation = seen[0].split()[1]
        before = outside.call("GET", f"{path}/attempts").json()["items"]
        assert outside.call("POST", f"{path}/replay", {"conversation_id": conversation}).status == 202
        last = say("after the replay")
        consumer.saw(last)
        assert [line for line in consumer.lines if line.endswith(tuple(texts))] == seen
        # and what others send it refuses
        assert status_of_a_forged_call(url) == 401
        assert outside.call("GET", f"{path}/attempts").json()["items"] == before


def test_the_shell_subscribes_tries_and_polls(outside: Outside, program: Callable[..., Program], say: Say) -> None:
    assert shutil.which("jq")
    assert shutil.which("curl")
    # given
    port = free_port()
    printed = program("subscribe.sh", f"http://127.0.0.1:{port}/").run().splitlines()
    assert printed[0].startswith("sub_")
    assert printed[1].startswith("whsec_")
    assert '"delivered":false' in printed[2]  # nobody listens there
    outside.call("DELETE", f"/v1/subscriptions/{printed[0]}")
    # when
    poll = program("poll.sh", ONCE="yes")
    assert poll.run() == ""
    texts = [say(f"polled {number}") for number in range(2)]
    # then
    found = poll.run()
    assert [text for text in texts if f'"text":"{text}"' in found] == texts
    assert poll.run() == ""


def test_a_poller_takes_all_that_ever_happened_and_goes_on(
    program: Callable[..., Program], say: Say, tmp_path: Path
) -> None:
    # given
    before = say("before anybody polled")
    with program("poll.py").running() as poller:
        # when
        after = say("while it polls")
        # then
        seen = poller.saw(before, after)
        assert sequences(seen) == sorted(sequences(seen))
        eventually(lambda: remembered(tmp_path / "poll.db", seen[-1].split()[1]) == sequences(seen)[-1])
    # and, started again, it knows its place
    with program("poll.py").running() as poller:
        last = say("after it was started again")
        poller.saw(last)
        assert not [line for line in poller.lines if line.endswith((before, after))]


def test_a_bot_answers_once(outside: Outside, program: Callable[..., Program], say: Say) -> None:
    with program("bot.py").running():
        # A bot without a place hears from when it asks first.
        time.sleep(2)
        asked = say("When are you open?")
        conversation = outside.conversation_with(asked)

        def answered() -> list[str] | None:
            sent = [each for each in outside.messages(conversation) if each["direction"] == "outbound"]
            return [each["text"] for each in sent] or None

        assert eventually(answered) == ["We are open from nine to five."]
        other = say("Thank you")
        eventually(lambda: other in [each["text"] for each in outside.messages(conversation)])
        time.sleep(3)
        assert answered() == ["We are open from nine to five."]
