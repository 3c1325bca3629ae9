"""The helpdesk function: it answers whatever comes, queues what is proven, and logs nobody."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from functions import helpdesk
from functions.bootstrap import receiving
from shared.aws.desk_queue import marked
from shared.core.webhook import ReceiveWebhook
from shared.errors import ConfigurationError, InfrastructureError
from shared.model.envelope import Envelope, QueuedEvent
from tests.support.desks import OneAccount
from tests.unit.functions.http_events import http_event, read_answer
from tests.unit.helpdesks.test_generic_webhooks import account

SECRET = "secret-of-the-webhook"
BODY = json.dumps({"ticket": {"id": 12}, "comment": {"id": 7, "body": "words of an agent"}})


class Kept:
    """A queue in memory."""

    def __init__(self) -> None:
        self.events: list[QueuedEvent] = []

    def put(self, events: list[QueuedEvent]) -> None:
        self.events += events


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The function on one account and a queue in memory."""
    kept = Kept()
    receive = ReceiveWebhook(registry.helpdesk_ingress, OneAccount(account(type="bearer")), kept, time.time)
    monkeypatch.setattr(receiving, "receive_desk_webhook", lambda: receive)
    return kept


def post(
    name: str = "generic", account_name: str = "main", *, body: str = BODY, proof: str = SECRET, method: str = "POST"
) -> Any:
    event = http_event(
        method,
        f"/helpdesks/{name}/{account_name}",
        body=body,
        headers={"authorization": f"Bearer {proof}"},
        parameters={"helpdesk": name, "account": account_name},
    )
    return read_answer(helpdesk.handler(event, None))


def test_a_proven_webhook_is_queued_as_it_came_in_the_order_of_its_ticket(queue: Kept) -> None:
    assert post().status == 200
    assert post(body=BODY.replace("7", "8")).status == 200
    first, second = queue.events
    assert (first.envelope.channel, first.envelope.account, first.envelope.body) == ("generic", "main", BODY.encode())
    assert first.group == second.group
    assert first.dedupe != second.dedupe


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ({"proof": "nobody"}, 401, "bad_signature"),
        ({"name": "pigeon"}, 404, "unknown_helpdesk"),
        ({"name": "../channels/wechat"}, 404, "unknown_helpdesk"),
        ({"account_name": "other"}, 404, "unknown_account"),
        ({"method": "PUT"}, 405, "method_not_allowed"),
        ({"body": "ticket=12"}, 400, "malformed_webhook"),
        ({"body": "x" * 480_001}, 413, "payload_too_large"),
    ],
)
def test_what_is_refused_says_why_and_is_not_queued(queue: Kept, words: dict[str, str], status: int, code: str) -> None:
    answer = post(**words)
    assert (answer.status, answer.code) == (status, code)
    assert queue.events == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(InfrastructureError("down"), 503), (ConfigurationError("bad"), 503), (RuntimeError("words of an agent"), 500)],
)
def test_when_it_is_our_fault_the_helpdesk_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, status: int
) -> None:
    def fail(*given: object) -> None:
        raise error

    monkeypatch.setattr(receiving, "receive_desk_webhook", lambda: fail)
    answer = post()
    assert (answer.status, answer.headers.get("retry-after")) == (status, "5" if status == 503 else None)
    assert "words of an agent" not in capsys.readouterr().err


def test_the_log_names_the_helpdesk_and_nobody_else(queue: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    post()
    post("pigeon-of-a-stranger")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["service"], first["channel"], first["outcome"]) == ("helpdesk", "generic", "ok")
    assert (second["channel"], second["outcome"]) == ("unknown", "unknown_helpdesk")
    assert "words of an agent" not in json.dumps([first, second])


def test_the_relay_reads_back_what_was_queued() -> None:
    envelope = Envelope("generic", "main", 1.5, b'{"a": "\xe4\xb8\xad"}', traceparent="00-1-2-01")
    item = marked(envelope.to_json())
    assert json.loads(item)["kind"] == "desk"
    assert Envelope.from_json(item) == envelope


def test_it_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    program = "import sys, functions.helpdesk; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert {"msgspec", "boto3", "urllib3", "aws_lambda_powertools"} & set(done.stdout.split()) == set()
