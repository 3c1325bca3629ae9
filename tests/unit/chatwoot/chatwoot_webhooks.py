"""Webhooks as Chatwoot sends them, signed or with a token in the address."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from shared.http.request import Request
from shared.model.value import replace

FIXTURES = Path(__file__).parents[2] / "fixtures" / "helpdesks" / "chatwoot" / "webhooks"
NOW = 1_784_829_740.0
SECRET = "secret-of-the-inbox"
TOKEN = "q7Zk3mT1xW9vR5sN0bYc2A"
ACCOUNT = {"account_id": "3", "inbox_id": 7, "access_token": "agent", "webhook_secret": SECRET}
UNSIGNED = {"account_id": 3, "inbox_id": 7, "access_token": "agent", "webhook_token": TOKEN}


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())["payload"]
    return found


def signed(content: object, secret: str = SECRET, at: float = NOW, **query: str) -> Request:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    timestamp = str(int(at))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"x-chatwoot-timestamp": timestamp, "x-chatwoot-signature": f"sha256={digest}"}
    return Request("POST", "/helpdesks/chatwoot/main", query, headers, body)


def unsigned(content: object, **query: str) -> Request:
    return replace(signed(content), headers={}, query=query)
