"""Slack, from the bytes of a request to what it means: nothing that is signed may break anything."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from connectors.channels.slack.connector import CONNECTOR
from connectors.channels.slack.ingress import INGRESS
from shared.errors import RequestError
from shared.http.request import Request
from shared.model.envelope import Envelope

_SECRET = "fuzzing"  # made up
_TIMESTAMP = "1700000000"
_ACCOUNTS = (
    {"bot_token": "xoxb-fuzzing", "signing_secret": _SECRET},
    {"bot_token": "xoxb-fuzzing", "signing_secret": _SECRET, "team_id": "T1"},
)


def one(data: bytes) -> None:
    """The bytes as a request that Slack signed, and as what came out of the queue."""
    proof = hmac.new(_SECRET.encode(), b"v0:" + _TIMESTAMP.encode() + b":" + data, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": _TIMESTAMP, "x-slack-signature": f"v0={proof}"}
    request = Request("POST", "/hooks/slack/main", {}, headers, data)
    for account in _ACCOUNTS:
        try:
            INGRESS.handshake(request, account)
            events = INGRESS.verify(request, account, 1_700_000_000.0)
        except RequestError:
            continue
        for event in events:
            text = Envelope("slack", "main", 1.7e9, event.body, event.query, event.headers).to_json()
            msgspec.json.encode(CONNECTOR.parse(Envelope.from_json(text)))
    msgspec.json.encode(CONNECTOR.parse(Envelope("slack", "main", 1.7e9, data)))
