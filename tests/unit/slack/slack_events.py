"""Requests as Slack sends them, and an account to receive them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from connectors.channels.slack.parsing import parse
from shared.http.request import Request
from shared.model.envelope import Envelope
from shared.model.inbound import InboundEvent

NOW = 1_700_000_000.0
SECRET = "0123456789abcdef0123456789abcdef"  # made up
ACCOUNT = {"bot_token": "xoxb-test", "signing_secret": SECRET, "team_id": "T1"}
TS = "1700000000.000100"
ROOT = "1699999999.000001"


def sign(body: bytes, timestamp: str = "1700000000") -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()


def request(body: bytes, timestamp: str = "1700000000", **headers: str) -> Request:
    signed = {"x-slack-request-timestamp": timestamp, "x-slack-signature": sign(body, timestamp)}
    return Request("POST", "/hooks/slack/main", {}, {**signed, **headers}, body)


def callback(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    ours = {"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}
    return {
        "team_id": "T1",
        "api_app_id": "A1",
        "event": event,
        "type": "event_callback",
        "event_id": "Ev1",
        "authorizations": [ours],
        "is_ext_shared_channel": False,
        **more,
    }


def direct(**members: Any) -> dict[str, Any]:
    event = {"type": "message", "user": "U1", "ts": TS, "text": "hi", "team": "T1", "channel": "D1"}
    return {**event, "channel_type": "im", **members}


def in_channel(**members: Any) -> dict[str, Any]:
    return direct(**{"channel": "C1", "channel_type": "channel", **members})


def edited(message: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    change = {"subtype": "message_changed", "hidden": True, "ts": "1700000009.1", "event_ts": "1700000009.1"}
    return {"type": "message", "channel": "C1", **change, "message": message, "previous_message": before}


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def form(payload: dict[str, Any]) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def parsed(event: dict[str, Any], **more: Any) -> list[InboundEvent]:
    return parsed_body(compact(callback(event, **more)))


def parsed_body(body: bytes) -> list[InboundEvent]:
    return parse(Envelope("slack", "main", NOW, body))
