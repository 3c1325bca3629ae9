"""A provider's API in memory, and the rest of what a connector is handed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shared.errors import DeliveryError
from shared.model.media import Media
from shared.ports.accounts import Account
from shared.ports.context import AccessTokens, ChannelContext, Fetch, MediaFiles, Originals, Sockets
from shared.ports.http import HttpClient, HttpResponse
from shared.ports.mailer import Mailer
from tests.support.mail import FixedSeals, KeptOriginals, RecordedMailer

Reply = HttpResponse | DeliveryError
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@dataclass(frozen=True)
class Call:
    """``client`` is the name of the client that made it."""

    client: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Provider:
    """Answers by path, in turn; the last answer of a path stays."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def on(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [call.path for call in self.calls]

    def client(self, name: str) -> HttpClient:
        return _Client(self, name)

    def answer(self, call: Call) -> HttpResponse:
        self.calls.append(call)
        waiting = self.replies[call.path]
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(reply, DeliveryError):
            raise reply
        return reply


@dataclass
class _Client:
    provider: Provider
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
        return self.provider.answer(Call(self.name, method, url, headers or {}, body or b""))


@dataclass
class Tokens:
    """One stored token, as all functions share it."""

    stored: str | None = "T1"
    renewal: str | None = None
    replaced: int = 0

    def current(self, fetch: Fetch) -> str:
        return self.stored if self.stored is not None else self._fetched(fetch)

    def replace(self, failing: str, fetch: Fetch) -> str:
        self.replaced += 1
        return self._fetched(fetch) if self.stored == failing else self.stored or ""

    def _fetched(self, fetch: Fetch) -> str:
        token = fetch(self.renewal)
        self.stored, self.renewal = token.value, token.renewal
        return token.value


@dataclass
class Files:
    """Every file has the same content."""

    content: bytes = PNG

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        if len(self.content) > maximum_bytes:
            raise DeliveryError("permanent", "media_too_large", "too large")
        return self.content


class NoSockets:
    def push(self, identity_id: str, frame: bytes) -> int:
        return 0


def channel_context(
    account: Account,
    *,
    http: HttpClient,
    web: HttpClient | None = None,
    name: str = "main",
    tokens: AccessTokens | None = None,
    media: MediaFiles | None = None,
    sockets: Sockets | None = None,
    mailer: Mailer | None = None,
    originals: Originals | None = None,
) -> ChannelContext:
    """A context with what is given; everything else is the simplest that there is. ``web`` is ``http`` by default."""
    return ChannelContext(
        account_name=name,
        account=account,
        http=http,
        web=web or http,
        tokens=tokens or Tokens(),
        media=media or Files(),
        sockets=sockets or NoSockets(),
        mailer=mailer or RecordedMailer(),
        originals=originals or KeptOriginals(),
        seals=FixedSeals(),
    )
