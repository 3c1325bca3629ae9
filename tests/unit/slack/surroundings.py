"""Slack's answers, and what its connector is handed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.ports.context import ChannelContext
from shared.ports.http import HttpResponse
from tests.support.providers import Files, Provider, channel_context
from tests.unit.slack.slack_events import ACCOUNT


def answer(status: int = 200, headers: Mapping[str, str] | None = None, **members: Any) -> HttpResponse:
    body = json.dumps({"ok": True, **members}).encode()
    return HttpResponse(status, {"content-type": "application/json", **(headers or {})}, body)


def refused(error: str, **headers: str) -> HttpResponse:
    return answer(headers={name.replace("_", "-"): value for name, value in headers.items()}, ok=False, error=error)


def context_of(slack: Provider, **account: str) -> ChannelContext:
    return channel_context(
        {**ACCOUNT, **account}, http=slack.client("http"), web=slack.client("web"), media=Files(b"twelve bytes")
    )
