"""The JSON form that callers see: a list or an object of it is there, even when it is empty."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from shared.model.conversation import Conversation, Customer, Identity
from shared.model.message import Author, Channel, Message
from shared.model.public import public_form
from tests.unit.model.values import MESSAGES

MESSAGE = Message(
    id="msg_1",
    conversation_id="conv_1",
    sequence=1,
    direction="inbound",
    origin="customer",
    author=Author(type="customer"),
    channel=Channel(type="letters", account="main"),
    identity_id="idn_1",
    parts=[],
    text="",
    occurred_at="2026-01-02T03:04:05.678Z",
    received_at="2026-01-02T03:04:05.678Z",
)
CONVERSATION = Conversation(
    id="conv_1", customer_id="cus_1", status="open", sequence=1, created_at="now", updated_at="now"
)
IDENTITY = Identity(id="idn_1", channel="letters", scope="main", external_id="a", customer_id="cus_1", account="main")


@pytest.mark.parametrize(
    ("value", "containers"),
    [
        (MESSAGE, {"parts": [], "external_ids": [], "degradations": [], "metadata": {}}),
        (CONVERSATION, {"routes": [], "tags": []}),
        (Customer(id="cus_1"), {"tags": [], "attributes": {}, "identities": []}),
        (IDENTITY, {"aliases": {}}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_empty_lists_and_objects_are_there(value: msgspec.Struct, containers: dict[str, Any]) -> None:
    form = public_form(value)
    assert {name: form[name] for name in containers} == containers


def test_what_is_optional_and_unset_stays_away() -> None:
    assert {"language", "reply_to", "status", "error", "email"}.isdisjoint(public_form(MESSAGE))


def test_two_forms_share_no_empty_list() -> None:
    public_form(MESSAGE)["external_ids"].append("changed")
    assert public_form(MESSAGE)["external_ids"] == []


@settings(max_examples=25, deadline=None)
@given(message=MESSAGES)
def test_the_form_says_what_the_message_says_and_is_json(message: Message) -> None:
    form = public_form(message)
    assert msgspec.to_builtins(message).items() <= json.loads(json.dumps(form)).items()
