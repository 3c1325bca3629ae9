"""The webhook use case with accounts and a queue in memory, in front of the real ingresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import registry
from shared.core.webhook import ReceiveWebhook
from shared.errors import InfrastructureError, UnknownAccount
from shared.http.request import Request
from shared.http.response import Response
from shared.model.envelope import QueuedEvent
from tests.unit.wechat.pushes import NOW, PLAIN, SECURE

WEBCHAT: dict[str, Any] = {"allowed_origins": ["https://shop.example"]}


@dataclass
class Secrets:
    """``asked`` counts how often the previous secret was looked up: that costs a call to AWS."""

    current: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    asked: int = 0

    def previous(self) -> Mapping[str, Any] | None:
        self.asked += 1
        return self.before


@dataclass
class Accounts:
    """``stored`` is what a refresh finds; until then ``cached`` is answered."""

    cached: dict[tuple[str, str], Secrets]
    stored: dict[tuple[str, str], Secrets] = field(default_factory=dict)
    refreshed: int = 0

    def account(self, channel: str, account: str) -> Secrets:
        if (channel, account) not in self.cached:
            raise UnknownAccount(account)
        return self.cached[channel, account]

    def refresh(self, channel: str, account: str) -> Secrets:
        self.refreshed += 1
        return self.stored.get((channel, account), self.cached[channel, account])


@dataclass
class Queue:
    events: list[QueuedEvent] = field(default_factory=list)
    down: bool = False

    def put(self, events: list[QueuedEvent]) -> None:
        if self.down:
            raise InfrastructureError("the queue is down")
        self.events.extend(events)


class Hooks:
    """A stack with the accounts wechat/plain, wechat/secure and webchat/main; its clock stands still."""

    def __init__(self) -> None:
        self.plain, self.secure = Secrets(PLAIN), Secrets(SECURE)
        accounts = {("wechat", "plain"): self.plain, ("wechat", "secure"): self.secure}
        self.accounts = Accounts({**accounts, ("webchat", "main"): Secrets(WEBCHAT)})
        self.queue = Queue()
        self.receive = ReceiveWebhook(registry.ingress, self.accounts, self.queue, lambda: NOW)

    def __call__(self, request: Request, account: str = "plain", channel: str = "wechat") -> Response:
        return self.receive(channel, account, request)
