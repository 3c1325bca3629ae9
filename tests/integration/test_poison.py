"""Given a hundred conversations, when something in one of them cannot be stored, then it is set aside and missed there
and nowhere else; and when the fault is mended, it comes once, in its place, and late.

The functions run on an imitation of AWS, with its queues, and on AWS's own engine of the table, which is faster. They
fail by a fault of their own: one text that they cannot take.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions import batches
from functions.batches import POISON_TRIES
from functions.bootstrap import conversations, environment, store
from infra.cli.aws_access import AwsAccess, AwsSettings
from infra.cli.dead_letters import failure_queue
from infra.cli.deployment import Deployment
from infra.cli.redrive import Progress, SourceQueue, redrive
from shared.aws.client import AwsClient
from shared.aws.connection import READ_TIMEOUT
from shared.core import received_entries
from shared.core.messages import is_message, read_message
from shared.core.records import Entry
from shared.model.identifiers import digest, identity_id
from shared.model.text import flatten
from tests.support.clients import CREDENTIALS, client_for
from tests.support.engines import Engine
from tests.support.tables import create_table
from tests.unit.functions.stage import REGION, Stage, forget
from tests.unit.wechat import pushes

CUSTOMERS = [f"customer-{number}" for number in range(100)]
UNLUCKY = CUSTOMERS[42]
POISON = "what nobody can take"


class Split(AwsClient):
    """Calls about tables go to another endpoint than all others."""

    def __init__(self, endpoint: str, tables: str) -> None:
        super().__init__(REGION, CREDENTIALS, endpoint)
        self._tables = client_for(tables)

    def call(
        self, service: str, operation: str, payload: dict[str, Any], *, timeout: float = READ_TIMEOUT
    ) -> dict[str, Any]:
        if service == "dynamodb":
            return self._tables.call(service, operation, payload, timeout=timeout)
        return super().call(service, operation, payload, timeout=timeout)


class Fault(Exception):
    """What the fault of ours raises."""


@dataclass
class Shop:
    """A stack with a WeChat account, and its customers. Their clock goes on by a second with each message."""

    stage: Stage
    fault: pytest.MonkeyPatch
    now: int = field(default_factory=lambda: int(time.time()) - 1000)

    def breaks(self) -> None:
        def broken(parts: Any) -> str:
            text = flatten(parts)
            if POISON in text:
                raise Fault(text)
            return text

        self.fault.setattr(received_entries, "flatten", broken)

    def mend(self) -> None:
        self.fault.undo()

    def hears(self, sender: str, text: str) -> None:
        self.now += 1
        name = digest(sender, text)
        body = pushes.xml(FromUserName=sender, CreateTime=str(self.now), MsgId=name, Content=text)
        assert self.stage.push(body).status == 200

    def log(self, sender: str) -> list[Entry]:
        stored = store.people().identity(identity_id("wechat", "plain", sender))
        assert stored is not None
        entries = store.conversation_log().entries(stored.conversation_id or "", 0, 1000)
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        return entries

    def texts(self, sender: str) -> list[str]:
        return [read_message(entry).text for entry in self.log(sender) if is_message(entry)]

    def deployment(self) -> Deployment:
        settings = AwsSettings(
            region=REGION,
            endpoint_url=self.stage.endpoint,
            access_key_id="AKIATEST",
            secret_access_key="test-secret",
        )
        queues = {
            "InboundDeadLetterQueueUrl": self.stage.queues["inbound-dlq"],
            "InboundQueueUrl": self.stage.queues["inbound"],
        }
        return Deployment("test", AwsAccess(settings), queues)

    def aside(self) -> list[str]:
        """The bodies of what lies in the dead-letter queue; it stays there."""
        return [letter.body for letter in failure_queue(self.deployment(), "inbound").look(10)]

    def redrive(self) -> int:
        """How many letters were given another chance."""
        deployment, progress = self.deployment(), Progress()
        source = SourceQueue(deployment.aws.sqs, self.stage.queues["inbound"])
        redrive(failure_queue(deployment, "inbound"), source, progress, clock=lambda: time.time() + 1)
        return progress.done


@pytest.fixture
def shop(moto_server: Engine, dynamodb_local: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(batches, "FIRST_PAUSE", 0.0)
    stage = Stage(moto_server.endpoint)
    stage.build(monkeypatch)
    stage.account("wechat", "plain", pushes.PLAIN)
    create_table(client_for(dynamodb_local.endpoint), stage.name)
    client = Split(moto_server.endpoint, dynamodb_local.endpoint)
    monkeypatch.setattr(environment, "client", lambda: client)
    with pytest.MonkeyPatch.context() as fault:
        made = Shop(stage, fault)
        made.breaks()
        yield made
    forget()


FEW = CUSTOMERS[40:45]


def given_poison(shop: Shop, customers: list[str]) -> None:
    """Everybody has written twice, and the second message of one of them is poison, with another behind it."""
    for sender in customers:
        shop.hears(sender, "hello")
    shop.stage.take_in()
    for sender in customers:
        shop.hears(sender, POISON if sender == UNLUCKY else "are you there?")
    shop.hears(UNLUCKY, "are you there?")
    for _ in range(POISON_TRIES):
        shop.stage.take_in()


def test_poison_in_one_of_a_hundred_conversations(shop: Shop) -> None:
    # when
    given_poison(shop, CUSTOMERS)
    # then the others have their messages, and nothing else
    for sender in CUSTOMERS:
        if sender != UNLUCKY:
            assert [entry.type for entry in shop.log(sender)] == [
                "conversation.opened",
                "message.received",
                "message.received",
            ]
            assert shop.texts(sender) == ["hello", "are you there?"]
    # and the poison was tried five times, and lies in the dead-letter queue
    tries = [int(each["Attributes"]["ApproximateReceiveCount"]) for each in shop.stage.wire if POISON in each["Body"]]
    assert tries == list(range(1, POISON_TRIES + 1))
    (letter,) = shop.aside()
    assert POISON in letter
    # and its conversation says what it misses, before what came behind it
    log = shop.log(UNLUCKY)
    assert [entry.type for entry in log] == [
        "conversation.opened",
        "message.received",
        "conversation.gap",
        "message.received",
    ]
    gap = log[2].data
    assert (gap["channel"], gap["account"], gap["reason"], gap["where"]) == ("wechat", "plain", "Fault", "inbound")
    assert POISON not in json.dumps(gap)
    assert shop.texts(UNLUCKY) == ["hello", "are you there?"]


def test_a_gap_that_cannot_be_told_keeps_nothing_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(*_: object) -> str:
        raise Fault("telling fails as well")

    monkeypatch.setattr(conversations, "tell_gap", lambda: tell)

    given_poison(shop, FEW)

    assert len(shop.aside()) == 1
    assert shop.texts(UNLUCKY) == ["hello", "are you there?"]


def test_what_was_set_aside_comes_once_in_order_and_late_when_the_fault_is_mended(shop: Shop) -> None:
    # given two messages of one customer that were set aside, one of them twice: a worker died before it could say so
    given_poison(shop, FEW)
    shop.hears(UNLUCKY, f"{POISON}, again")
    for _ in range(POISON_TRIES):
        shop.stage.take_in()
    first, second = shop.aside()
    group = next(each["Attributes"]["MessageGroupId"] for each in shop.stage.wire if each["Body"] == first)
    shop.stage.client.call(
        "sqs",
        "SendMessage",
        {
            "QueueUrl": shop.stage.queues["inbound-dlq"],
            "MessageBody": first,
            "MessageGroupId": group,
            "MessageDeduplicationId": "once more",
        },
    )
    shop.hears(UNLUCKY, "hello?")
    shop.stage.take_in()
    # when
    shop.mend()
    done = [shop.redrive(), shop.redrive()]
    shop.stage.take_in()
    # then
    assert done == [3, 0]
    assert shop.aside() == []
    assert second != first
    assert shop.texts(UNLUCKY) == ["hello", "are you there?", "hello?", POISON, f"{POISON}, again"]
    messages = [read_message(entry) for entry in shop.log(UNLUCKY) if is_message(entry)]
    assert [message.late for message in messages] == [False, False, False, True, True]
    # and by the time at which they were written, they are in the order in which they were written
    assert [message.text for message in sorted(messages, key=lambda each: each.occurred_at)] == [
        "hello",
        POISON,
        "are you there?",
        f"{POISON}, again",
        "hello?",
    ]
    # and the gaps stay, one for each
    assert [entry.type for entry in shop.log(UNLUCKY)].count("conversation.gap") == 2
