"""Given webhooks that Chatwoot would not send, then they are refused."""

from __future__ import annotations

import pytest

from connectors.helpdesks.chatwoot.adapter import ADAPTER
from shared.errors import BadRequest
from shared.model.envelope import Envelope
from tests.unit.chatwoot.chatwoot_webhooks import ACCOUNT, NOW


@pytest.mark.parametrize("body", [b"[]", b'"x"', b'{"event":"conversation_status_changed","status":"open"}'])
def test_what_names_no_conversation_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        ADAPTER.parse(Envelope("chatwoot", "main", NOW, body), ACCOUNT)
