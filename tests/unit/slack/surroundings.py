"""A stand-in for Slack's API, and what a connector is handed beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shared.errors import DeliveryError
from shared.model.media import Media
from shared.ports import ChannelContext, FreshToken, HttpResponse
from tests.support.mail import FixedSeals, KeptOriginals, RecordedMailer
from tests.unit.slack.slack_events import ACCOUNT

Reply = HttpResponse | DeliveryError


@dataclass(frozen=True)
class Call:
    client: str
    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


def answer(status: int = 200, headers: Mapping[str, str] | None = None, **members: Any) -> HttpResponse:
    body = json.dumps({"ok": True, **members}).encode()
    return HttpResponse(status, {"content-type": "application/json", **(headers or {})}, body)


def refused(error: str, **headers: str) -> HttpResponse:
    return answer(headers={name.replace("_", "-"): value for name, value in headers.items()}, ok=False, error=error)


@dataclass
class Slack:
    """Answers by path, in turn; the last answer of a path stays."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def on(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [call.path for call in self.calls]

    def answer(self, call: Call) -> HttpResponse:
        self.calls.append(call)
        waiting = self.replies[call.path]
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(reply, DeliveryError):
            raise reply
        return reply


@dataclass
class Client:
    slack: Slack
    name: str

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
        return self.slack.answer(Call(self.name, method, url, urlsplit(url).path, headers or {}, body or b""))


class NoTokens:
    def current(self, fetch: Callable[[], FreshToken]) -> str:
        return fetch().value

    def replace(self, failing: str, fetch: Callable[[], FreshToken]) -> str:
        return fetch().value


@dataclass
class Files:
    content: bytes = b"twelve bytes"

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        return self.content


class NoSockets:
    def push(self, identity_id: str, frame: bytes) -> int:
        return 0


def context_of(slack: Slack, **account: str) -> ChannelContext:
    return ChannelContext(
        account_name="main",
        account={**ACCOUNT, **account},
        http=Client(slack, "http"),
        web=Client(slack, "web"),
        tokens=NoTokens(),
        media=Files(),
        sockets=NoSockets(),
        mailer=RecordedMailer(),
        originals=KeptOriginals(),
        seals=FixedSeals(),
    )
