"""Given webhooks with Chatwoot's own payloads, then what agents and its bots did for the customer is asked for, and
nothing else. Each file holds a payload and the actions that it stands for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.helpdesks.chatwoot.adapter import ADAPTER
from shared.errors import BadRequest
from shared.helpdesk.seam import DeskAction, DeskReply
from shared.model.envelope import Envelope
from shared.model.parts import UnsupportedPart, decode_part
from tests.unit.chatwoot.chatwoot_webhooks import ACCOUNT, FIXTURES, NOW, payload

FILES = sorted(FIXTURES.glob("*.json"), key=lambda path: path.name)


def parse(content: object) -> list[DeskAction]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ADAPTER.parse(Envelope("chatwoot", "main", NOW, body), ACCOUNT)


def shown(action: DeskAction) -> dict[str, Any]:
    fields = asdict(action)
    if isinstance(action, DeskReply):
        return {"reply": {**fields, "parts": list(action.parts), "files": list(action.files)}}
    return {"change": {name: value for name, value in fields.items() if value is not None}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_payload_asks_for_what_its_file_says(path: Path) -> None:
    case = json.loads(path.read_bytes())
    assert [shown(action) for action in parse(case["payload"])] == case["actions"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_part_is_one_that_a_reply_can_have(path: Path) -> None:
    for action in parse(json.loads(path.read_bytes())["payload"]):
        for part in action.parts if isinstance(action, DeskReply) else ():
            assert not isinstance(decode_part(dict(part)), UnsupportedPart)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'"x"', b"\xff", b'{"event":"conversation_status_changed","status":"open"}']
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(body)


@given(
    st.sampled_from(["content", "content_attributes", "content_type", "attachments", "sender", "conversation", "id"]),
    st.none() | st.integers() | st.text(max_size=10) | st.lists(st.dictionaries(st.text(max_size=5), st.integers())),
)
def test_a_strange_value_is_refused_or_left_out(name: str, value: object) -> None:
    try:
        actions = parse({**payload("agent_reply"), name: value})
    except BadRequest:
        return
    assert len(actions) < 2
