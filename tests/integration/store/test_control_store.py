"""Given a conversation that a bot controls, when a desk takes it while the bot replies, then every reply in the log was
written by whoever had control at its place, however the calls are interleaved."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.api_keys import DynamoApiKeys
from shared.aws.client import AwsClient
from shared.core.control.leases import EndLease
from shared.core.control.service import Control, Controlled, ControlRequest
from shared.core.records import Entry
from shared.core.reply import ReplyRequest
from shared.errors import Conflict, WriteConflict
from shared.model.message import Author
from tests.support.channels import CHANNELS, text_message, webhook
from tests.support.clients import Killed, MortalClient
from tests.support.engines import Engine
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import Clock, Store, store_on

EXAMPLES = 25
TIMEOUT = 60


def moves(store: Store, conversation_id: str, key_id: str, action: str, **more: Any) -> Controlled:
    """A call of the party whose key is ``bot`` or ``desk``."""
    control = Control(
        store.log,
        DynamoApiKeys(store.client, store.table, store.clock),
        lambda channel: CHANNELS[channel].windows,
        store.clock,
        store.sleep,
    )
    value = {"action": action, "as": key_id, **more}
    return control(conversation_id, msgspec.convert(value, ControlRequest), key_id)


def says(store: Store, conversation_id: str, key_id: str, text: str) -> None:
    author = msgspec.convert({"type": "bot" if key_id == "bot" else "agent"}, Author)
    store.reply(conversation_id, ReplyRequest(parts=[{"type": "text", "text": text}], author=author), key_id, None)


def unheard(log: list[Entry]) -> list[int]:
    """The places of replies by somebody who did not control the conversation there, by the log alone."""
    found = []
    controller: str | None = None
    for entry in log:
        if entry.type == "conversation.control_changed":
            controller = entry.data.get("controller", {}).get("id")
        elif entry.type == "message.sent" and controller is not None:
            author = "bot" if entry.origin == "bot" else "desk"
            found += [entry.sequence] if author != controller else []
    return found


def test_controller_and_offer_are_kept_as_they_were_written(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "first")))
    conversation_id = store.conversation_of("ada").conversation_id
    for more in ({}, {"name": "Berta", "timeout_seconds": TIMEOUT}):
        head = moves(store, conversation_id, "bot", "take", **more).head
        assert store.log.head(conversation_id) == head
    head = moves(store, conversation_id, "bot", "offer", to="desk").head
    assert store.log.head(conversation_id) == head
    key, _ = DynamoApiKeys(store.client, store.table, store.clock).issue("desk", ["write"])
    for move in ({"action": "offer", "to": {"type": "desk", "id": key.id}}, {"action": "release"}):
        head = moves(store, conversation_id, "bot", **move).head
        assert store.log.head(conversation_id) == head
    assert head.controller is None


@pytest.fixture(scope="module")
def controlled(dynamodb_local: Engine) -> tuple[Beginning, str]:
    """A conversation whose customer waits for the bot that controls it."""
    with store_on(dynamodb_local, Clock()) as store:
        store.ingest(webhook(text_message("ada", "first")))
        conversation_id = store.conversation_of("ada").conversation_id
        moves(store, conversation_id, "bot", "take", timeout_seconds=TIMEOUT)
        return Beginning.of(store), conversation_id


def bot(store: Store, conversation_id: str, accepted: list[str], client: AwsClient) -> None:
    """Replies until it is told that it may not."""
    worker = store.on(client)
    for number in range(3):
        try:
            says(worker, conversation_id, "bot", f"bot {number}")
        except (Conflict, WriteConflict):
            continue
        accepted.append(f"bot {number}")


def desk(store: Store, conversation_id: str, accepted: list[str], client: AwsClient) -> None:
    """Takes the conversation, and replies."""
    worker = store.on(client)
    moves(worker, conversation_id, "desk", "take")
    says(worker, conversation_id, "desk", "desk")
    accepted.append("desk")


def customer(store: Store, client: AwsClient) -> None:
    store.on(client).ingest(webhook(text_message("ada", "second", "second")))


def sweeper(store: Store, conversation_id: str, client: AwsClient) -> None:
    worker = store.on(client)
    EndLease(worker.log, lambda channel: CHANNELS[channel].windows, worker.clock, worker.sleep)(conversation_id)


TURNS = st.lists(st.integers(0, 3), max_size=40)


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS)
def test_a_reply_never_slips_in_behind_somebody_who_took_control(
    dynamodb_local: Engine, controlled: tuple[Beginning, str], turns: list[int]
) -> None:
    beginning, conversation_id = controlled
    with beginning.again(dynamodb_local) as store:
        store.sleep = lambda seconds: None
        accepted: list[str] = []

        Schedule(turns).run(
            dynamodb_local.endpoint,
            [
                partial(bot, store, conversation_id, accepted),
                partial(desk, store, conversation_id, accepted),
                partial(customer, store),
            ],
        )

        log = store.whole_log(conversation_id)
        assert unheard(log) == []
        assert [entry.sequence for entry in log] == list(range(1, len(log) + 1))
        said = [entry.data["message"]["parts"][0]["text"] for entry in log if entry.type == "message.sent"]
        assert sorted(said) == sorted(accepted)
        assert "desk" in accepted


@settings(max_examples=EXAMPLES, deadline=None)
@given(turns=TURNS)
def test_a_bot_that_comes_back_as_its_time_is_over_meets_the_sweep_and_a_desk(
    dynamodb_local: Engine, controlled: tuple[Beginning, str], turns: list[int]
) -> None:
    beginning, conversation_id = controlled
    with beginning.again(dynamodb_local) as store:
        store.sleep = lambda seconds: None
        assert isinstance(store.clock, Clock)
        store.clock.advance(TIMEOUT)
        accepted: list[str] = []

        Schedule(turns).run(
            dynamodb_local.endpoint,
            [
                partial(sweeper, store, conversation_id),
                partial(bot, store, conversation_id, accepted),
                partial(desk, store, conversation_id, accepted),
            ],
        )

        log = store.whole_log(conversation_id)
        told = [entry.data for entry in log if entry.type == "conversation.control_changed"]
        assert unheard(log) == []
        assert [each.get("reason") for each in told] == [None, "timeout", None]
        assert told[2]["controller"]["id"] == "desk"


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_take_that_dies_anywhere_can_be_made_again(
    real_store: Store, dynamodb_local: Engine, at: int, carried_out: bool
) -> None:
    # given a bot whose time is over
    real_store.ingest(webhook(text_message("ada", "first")))
    conversation_id = real_store.conversation_of("ada").conversation_id
    moves(real_store, conversation_id, "bot", "take", timeout_seconds=TIMEOUT)
    assert isinstance(real_store.clock, Clock)
    real_store.clock.advance(TIMEOUT)
    # when
    with pytest.raises(Killed):
        moves(
            real_store.on(MortalClient(dynamodb_local.endpoint, at, carried_out=carried_out)),
            conversation_id,
            "desk",
            "take",
        )
    head = moves(real_store, conversation_id, "desk", "take").head
    # then
    log = real_store.whole_log(conversation_id)
    assert head.controller is not None
    assert head.controller.party.id == "desk"
    assert [entry.data.get("reason") for entry in log].count("timeout") == 1
    assert [entry.sequence for entry in log] == list(range(1, len(log) + 1))
