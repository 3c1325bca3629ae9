"""Given webhooks that are not quite what our triggers should send, then what they say is read, or they are refused."""

from __future__ import annotations

import json

import pytest

from connectors.helpdesks.zendesk.adapter import ADAPTER
from shared.errors import BadRequest
from shared.helpdesk.seam import DeskAction, DeskReply
from shared.model.envelope import Envelope
from tests.unit.zendesk.zendesk_webhooks import ACCOUNT, NOW, payload


def parse(body: bytes) -> list[DeskAction]:
    return ADAPTER.parse(Envelope("zendesk", "main", NOW, body), ACCOUNT)


def test_line_ends_that_nobody_escaped_are_part_of_the_text() -> None:
    body = json.dumps(payload("agent_reply")).replace("It left today.", "It left\r\ntoday.\tReally.").encode()
    (action,) = parse(body)
    assert isinstance(action, DeskReply)
    assert action.parts[0]["text"] == "It left\r\ntoday.\tReally."


@pytest.mark.parametrize("body", [b"[]", b'"x"', b'{"status":"open"}', b'{"ticket":"x1","status":"open"}'])
def test_what_names_no_ticket_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(body)
