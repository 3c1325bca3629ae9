"""Given webhooks with a helpdesk's own payloads, then what agents did for the customer is asked for, and nothing else.
Each file of tests/fixtures/helpdesks/<name>/webhooks holds a ``payload`` and the ``actions`` that it stands for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from shared.errors import BadRequest
from shared.helpdesk.seam import DeskAction, DeskChange, DeskReply
from shared.model.envelope import Envelope
from shared.model.parts import UnsupportedPart, decode_part
from tests.support.desks import FIXTURES

HELPDESKS = registry.helpdesks()
FILES = [path for name in HELPDESKS for path in sorted((FIXTURES / name / "webhooks").glob("*.json"))]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def parsed(helpdesk: str, body: bytes) -> list[DeskAction]:
    account = json.loads((FIXTURES / helpdesk / "contract.json").read_bytes())["account"]
    return registry.helpdesk(helpdesk).parse(Envelope(helpdesk, "main", 1_784_829_740.0, body), account)


def actions_of(path: Path, payload: object) -> list[DeskAction]:
    return parsed(path.parents[1].name, json.dumps(payload).encode())


def shown(action: DeskAction) -> dict[str, Any]:
    fields = asdict(action)
    if isinstance(action, DeskReply):
        return {"reply": {**fields, "parts": list(action.parts), "files": list(action.files)}}
    name = "change" if isinstance(action, DeskChange) else "deletion"
    said = {name: value for name, value in fields.items() if value not in (None, ())}
    return {name: {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}}


def named(path: Path) -> str:
    return f"{path.parents[1].name}-{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_payload_asks_for_what_its_file_says(path: Path) -> None:
    case = json.loads(path.read_bytes())
    assert [shown(action) for action in actions_of(path, case["payload"])] == case["actions"]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_part_is_one_that_a_reply_can_have(path: Path) -> None:
    for action in actions_of(path, json.loads(path.read_bytes())["payload"]):
        for part in action.parts if isinstance(action, DeskReply) else ():
            assert not isinstance(decode_part(dict(part)), UnsupportedPart)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[", b"[" * 5000])
@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_what_cannot_be_read_is_refused(helpdesk: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        parsed(helpdesk, body)


@given(st.data(), st.sampled_from(FILES), JSON)
def test_a_strange_value_is_refused_or_left_out(data: st.DataObject, path: Path, value: object) -> None:
    """Anywhere in a payload, however deep."""
    payload = json.loads(path.read_bytes())["payload"]
    place, name = data.draw(st.sampled_from(places(payload)))
    place[name] = value
    try:
        actions = actions_of(path, payload)
    except BadRequest:
        return
    assert len(actions) <= 2


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every object or list in a payload, with each name or number in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, each in inner for found in [(value, name), *places(each)]]
