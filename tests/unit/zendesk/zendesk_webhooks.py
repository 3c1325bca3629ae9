"""Webhooks as Zendesk sends them for our triggers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.http.request import Request

FIXTURES = Path(__file__).parents[2] / "fixtures" / "helpdesks" / "zendesk" / "webhooks"
NOW = 1_784_829_740.0
SECRET = "secret-of-the-webhook"
ACCOUNT = {
    "api_base": "https://example.zendesk.com",
    "email": "onethread@example.com",
    "api_token": "token-of-the-agent",
    "webhook_secret": SECRET,
}


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())["payload"]
    return found


def signed(content: object, secret: str = SECRET, at: float = NOW, invocation: str | None = None) -> Request:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    timestamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    headers = {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": timestamp,
        **({"x-zendesk-webhook-invocation-id": invocation} if invocation else {}),
    }
    return Request("POST", "/helpdesks/zendesk/main", {}, headers, body)
