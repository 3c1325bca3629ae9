"""The fixtures of every channel, as tests/fixtures/README.md describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from connectors import registry
from shared.errors import NotFound
from shared.http.request import Request
from shared.model.envelope import Envelope, VerifiedEvent
from shared.ports.accounts import Account

FOLDER = Path(__file__).parents[1] / "fixtures"


@dataclass(frozen=True)
class Signed:
    """What the provider's signature covers, and what it is made with."""

    body: bool = False
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    timestamped: bool = False


@dataclass(frozen=True)
class Inbound:
    """One request of a provider (or, for a channel without webhooks, one envelope), and what must come of it."""

    channel: str
    name: str
    now: float
    expect: Mapping[str, Any]
    account_name: str
    account: Account = field(default_factory=dict, repr=False)
    request: Request | None = None
    envelope: Envelope | None = None
    signed: Signed | None = None

    def __str__(self) -> str:
        return f"{self.channel}-{self.name}"

    @property
    def the_request(self) -> Request:
        if self.request is None:
            raise AssertionError(f"{self} has no request")
        return self.request

    def verified(self) -> list[VerifiedEvent]:
        return registry.ingress(self.channel).verify(self.the_request, self.account, self.now)

    def envelopes(self) -> list[Envelope]:
        """What parsing is given: the verified events, taken through the queue's form and back."""
        if self.envelope is not None:
            return [self.envelope]
        events = self.verified()
        envelopes = [
            Envelope(self.channel, self.account_name, self.now, each.body, each.query, each.headers) for each in events
        ]
        return [Envelope.from_json(each.to_json()) for each in envelopes]

    def events(self) -> list[dict[str, Any]]:
        """What the connector makes of it, in JSON's types."""
        connector = registry.connector(self.channel)
        found = [event for envelope in self.envelopes() for event in connector.parse(envelope)]
        return [msgspec.to_builtins(event) for event in found]


@dataclass(frozen=True)
class Outbound:
    """One message of ours, and the requests that must come of it."""

    channel: str
    name: str
    parts: list[dict[str, Any]]
    expect: Mapping[str, Any]
    author: str = "agent"

    def __str__(self) -> str:
        return f"{self.channel}-{self.name}"


@dataclass(frozen=True)
class Answer:
    """One answer of a provider's send API, and what it must mean."""

    channel: str
    name: str
    status: int
    body: bytes
    expect: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.channel}-{self.name}"


@cache
def accounts(channel: str) -> dict[str, Account]:
    """The accounts that the channel's fixtures name."""
    return dict(_read(FOLDER / channel / "accounts.json"))


def inbound() -> list[Inbound]:
    return [_inbound(channel, path) for channel in registry.channels() for path in _files(channel, "inbound")]


def outbound() -> list[Outbound]:
    return [_outbound(channel, path) for channel in registry.channels() for path in _files(channel, "outbound")]


def answers() -> list[Answer]:
    return [_answer(channel, value) for channel in channels_with_answers() for value in _answers(channel)]


def channels_with_answers() -> list[str]:
    return [channel for channel in registry.channels() if (FOLDER / channel / "answers.json").is_file()]


def channels_with_webhooks() -> list[str]:
    return [channel for channel in registry.channels() if takes_webhooks(channel)]


def takes_webhooks(channel: str) -> bool:
    """A channel without webhooks refuses all with 404."""
    request = Request("POST", f"/hooks/{channel}/main")
    try:
        registry.ingress(channel).verify(request, next(iter(accounts(channel).values())), 0.0)
    except NotFound:
        return False
    except Exception:  # whatever it is, the channel has read the request
        return True
    return True


def signed() -> list[Inbound]:
    return [fixture for fixture in inbound() if fixture.signed is not None]


def _files(channel: str, kind: str) -> list[Path]:
    return sorted((FOLDER / channel / kind).glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise TypeError(f"{path} is not a JSON object")
    return value


def _answers(channel: str) -> list[dict[str, Any]]:
    return list(_read(FOLDER / channel / "answers.json")["answers"])


def _inbound(channel: str, path: Path) -> Inbound:
    value = _read(path)
    account_name, request, signed_value = value["account"], value.get("request"), value.get("signed")
    return Inbound(
        channel=channel,
        name=path.stem,
        now=float(value["now"]),
        expect=value["expect"],
        account_name=account_name,
        account=accounts(channel)[account_name],
        request=_request(channel, account_name, request, path) if request else None,
        envelope=None if request else _envelope(channel, account_name, value, path),
        signed=msgspec.convert(signed_value, Signed) if signed_value else None,
    )


def _outbound(channel: str, path: Path) -> Outbound:
    value = _read(path)
    return Outbound(channel, path.stem, value["parts"], value["expect"], value.get("author", "agent"))


def _request(channel: str, account_name: str, value: dict[str, Any], path: Path) -> Request:
    return Request(
        method=value.get("method", "POST"),
        path=value.get("path", f"/hooks/{channel}/{account_name}"),
        query=value.get("query", {}),
        headers={name.lower(): text for name, text in value.get("headers", {}).items()},
        body=_body(value, path),
    )


def _envelope(channel: str, account_name: str, value: dict[str, Any], path: Path) -> Envelope:
    envelope = value["envelope"]
    return Envelope(
        channel,
        account_name,
        float(value["now"]),
        _body(envelope, path),
        envelope.get("query", {}),
        envelope.get("headers", {}),
        stored=envelope.get("stored"),
    )


def _answer(channel: str, value: dict[str, Any]) -> Answer:
    return Answer(
        channel=channel,
        name=value["name"],
        status=value.get("status", 200),
        body=_body(value, FOLDER / channel / "answers.json"),
        expect=value["expect"],
        headers=value.get("headers", {}),
    )


def _body(value: dict[str, Any], path: Path) -> bytes:
    """``body`` is text, or a JSON value that is written compactly; ``body_file`` is a file beside the fixture."""
    if "body_file" in value:
        return path.with_name(str(value["body_file"])).read_bytes()
    body = value.get("body", "")
    text: str = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode()
