"""Given webhooks with the bodies of our triggers, then what agents did for the customer is asked for, and nothing else.
Each file holds a payload and the actions that it stands for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.helpdesks.zendesk.adapter import ADAPTER
from shared.errors import BadRequest
from shared.helpdesk.seam import DeskAction, DeskReply
from shared.model.envelope import Envelope
from tests.unit.zendesk.zendesk_webhooks import ACCOUNT, FIXTURES, NOW, payload

FILES = sorted(FIXTURES.glob("*.json"), key=lambda path: path.name)


def parse(content: object) -> list[DeskAction]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ADAPTER.parse(Envelope("zendesk", "main", NOW, body), ACCOUNT)


def shown(action: DeskAction) -> dict[str, Any]:
    fields = asdict(action)
    if isinstance(action, DeskReply):
        return {"reply": {**fields, "parts": list(action.parts), "files": list(action.files)}}
    return {"change": {name: value for name, value in fields.items() if value is not None}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_payload_asks_for_what_its_file_says(path: Path) -> None:
    case = json.loads(path.read_bytes())
    assert [shown(action) for action in parse(case["payload"])] == case["actions"]


def test_line_ends_that_nobody_escaped_are_part_of_the_text() -> None:
    body = json.dumps(payload("agent_reply")).replace("It left today.", "It left\r\ntoday.\tReally.").encode()
    (action,) = parse(body)
    assert isinstance(action, DeskReply)
    assert action.parts[0]["text"] == "It left\r\ntoday.\tReally."


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'"x"', b"\xff", b'{"status":"open"}', b'{"ticket":"x1","status":"open"}']
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(body)


@given(
    st.sampled_from(["id", "created_at", "author", "text", "files"]),
    st.none() | st.integers() | st.text(max_size=10) | st.lists(st.dictionaries(st.text(max_size=5), st.integers())),
)
def test_a_strange_value_is_left_out(name: str, value: object) -> None:
    given_payload = payload("agent_reply")
    given_payload["comment"][name] = value
    assert len(parse(given_payload)) < 2
