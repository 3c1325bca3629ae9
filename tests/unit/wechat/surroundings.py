"""WeChat's answers, and what its connector is handed."""

from __future__ import annotations

import json
from typing import Any

from shared.ports.context import ChannelContext
from shared.ports.http import HttpResponse
from tests.support.providers import Files, Provider, Tokens, channel_context
from tests.unit.wechat.pushes import PLAIN


def answer(value: Any = None, status: int = 200, **headers: str) -> HttpResponse:
    body = value if isinstance(value, bytes) else json.dumps({"errcode": 0} if value is None else value).encode()
    kind = "image/png" if isinstance(value, bytes) else "application/json; charset=UTF-8"
    return HttpResponse(status, {"content-type": kind} | {k.replace("_", "-"): v for k, v in headers.items()}, body)


def context_of(
    wechat: Provider, tokens: Tokens | None = None, files: Files | None = None, **account: str
) -> ChannelContext:
    return channel_context({**PLAIN, **account}, http=wechat.client("http"), tokens=tokens, media=files)
