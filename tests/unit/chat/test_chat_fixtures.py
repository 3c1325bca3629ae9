"""Every fixture of the channel: queued frames with what they are parsed into, messages with what a browser gets of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.channels.webchat.connector import CONNECTOR
from shared.model.envelope import Envelope
from shared.model.inbound import InboundEvent
from shared.model.parts import decode_part
from shared.ports import Recipient
from tests.unit.chat.fakes import a_message

FOLDER = Path(__file__).parents[2] / "fixtures" / "webchat"


def fixtures(folder: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)
        for path in sorted((FOLDER / folder).glob("*.json"))
    ]


def contains(found: Any, expected: Any) -> bool:
    """Whether everything expected is found; lists have to be of the same length."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and contains(found[name], expected[name]) for name in expected
        )
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(contains, found, expected))
    return bool(found == expected)


def builtins(events: list[InboundEvent]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(event) for event in events]


@pytest.mark.parametrize("fixture", fixtures("inbound"))
def test_queued_frames_are_parsed_as_expected(fixture: dict[str, Any]) -> None:
    body = json.dumps(fixture["body"]).encode()
    events = builtins(CONNECTOR.parse(Envelope("webchat", fixture["account"], fixture["received_at"], body)))
    assert contains(events, fixture["expect"]["events"]), events


@pytest.mark.parametrize("fixture", fixtures("outbound"))
def test_messages_reach_the_browser_as_expected(fixture: dict[str, Any]) -> None:
    message = a_message(parts=[decode_part(part) for part in fixture["message"]["parts"]])
    rendering = CONNECTOR.render(message, Recipient("idn_visitor", "user:42"))
    requests = [{"operation": request.operation, "body": request.body} for request in rendering.requests]
    assert contains(requests, fixture["expect"]["requests"]), requests
    assert msgspec.to_builtins(rendering.degradations) == fixture["expect"]["degradations"]


def test_everything_the_channel_declares_has_a_fixture() -> None:
    received = {
        part["type"] for each in fixtures("inbound") for part in each.values[0]["expect"]["events"][0].get("parts", [])
    }
    sent = {part["type"] for each in fixtures("outbound") for part in each.values[0]["message"]["parts"]}
    assert set(CONNECTOR.capabilities.receives) <= received
    assert set(CONNECTOR.capabilities.sends) <= sent
