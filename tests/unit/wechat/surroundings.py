"""A stand-in for WeChat's API, and what a connector is handed beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shared.errors import DeliveryError
from shared.model.media import Media
from shared.ports import ChannelContext, FreshToken, HttpResponse
from tests.support.mail import FixedSeals, KeptOriginals, RecordedMailer
from tests.unit.wechat.pushes import PLAIN

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
Reply = HttpResponse | DeliveryError


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(value: Any = None, status: int = 200, **headers: str) -> HttpResponse:
    body = value if isinstance(value, bytes) else json.dumps({"errcode": 0} if value is None else value).encode()
    kind = "image/png" if isinstance(value, bytes) else "application/json; charset=UTF-8"
    return HttpResponse(status, {"content-type": kind} | {k.replace("_", "-"): v for k, v in headers.items()}, body)


@dataclass
class WeChat:
    """Answers by path, in turn; the last answer of a path stays."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def on(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [call.path for call in self.calls]

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.calls.append(Call(method, parts.path, query, headers or {}, body or b"", url))
        waiting = self.replies[parts.path]
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(reply, DeliveryError):
            raise reply
        return reply


@dataclass
class Tokens:
    """One stored token, as all functions share it."""

    stored: str | None = "T1"
    replaced: int = 0

    def current(self, fetch: Callable[[], FreshToken]) -> str:
        if self.stored is None:
            self.stored = fetch().value
        return self.stored

    def replace(self, failing: str, fetch: Callable[[], FreshToken]) -> str:
        self.replaced += 1
        if self.stored == failing:
            self.stored = fetch().value
        return self.stored or ""


@dataclass
class Files:
    content: bytes = PNG

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        if len(self.content) > maximum_bytes:
            raise DeliveryError("permanent", "media_too_large", "too large")
        return self.content


class NoSockets:
    def push(self, identity_id: str, frame: bytes) -> int:
        return 0


def context_of(
    wechat: WeChat, tokens: Tokens | None = None, files: Files | None = None, **account: str
) -> ChannelContext:
    return ChannelContext(
        account_name="main",
        account={**PLAIN, **account},
        http=wechat,
        web=wechat,
        tokens=tokens or Tokens(),
        media=files or Files(),
        sockets=NoSockets(),
        mailer=RecordedMailer(),
        originals=KeptOriginals(),
        seals=FixedSeals(),
    )
