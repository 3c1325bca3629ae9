"""AWS clients for tests: they die at a chosen call, lose an answer, or let somebody else act in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.aws.client import AwsClient, Credentials
from shared.aws.connection import BODY_LIMIT, READ_TIMEOUT, Connections, Response

CREDENTIALS = Credentials("AKIATEST", "test-secret")
REGION = "eu-west-1"


def client_for(endpoint: str) -> AwsClient:
    return AwsClient(REGION, CREDENTIALS, endpoint)


class Killed(BaseException):
    """The process has died. Nothing may catch it, as nothing outlives a process."""


class MortalClient(AwsClient):
    """Dies at its ``at``-th call (from 1), either before the call goes out or after it was carried out."""

    def __init__(self, endpoint: str, at: int, *, carried_out: bool) -> None:
        super().__init__(REGION, CREDENTIALS, endpoint)
        self._at = at
        self._carried_out = carried_out
        self.calls = 0

    def call(
        self, service: str, operation: str, payload: dict[str, Any], *, timeout: float = READ_TIMEOUT
    ) -> dict[str, Any]:
        self.calls += 1
        dies = self.calls == self._at
        if dies and not self._carried_out:
            raise Killed
        try:
            return super().call(service, operation, payload, timeout=timeout)
        finally:
            if dies:
                raise Killed


class LossyConnections(Connections):
    """Loses the answer to the ``at``-th request (from 1): it was carried out, and nobody hears of it."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at
        self.requests = 0

    def exchange(
        self,
        origin: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        read_timeout: float = READ_TIMEOUT,
        limit: int = BODY_LIMIT,
        fresh: bool = False,
    ) -> Response:
        self.requests += 1
        lost = self.requests == self._at
        answer = super().exchange(
            origin, method, target, headers, body, read_timeout=read_timeout, limit=limit, fresh=fresh
        )
        if lost:
            raise ConnectionResetError("the answer was lost")
        return answer


class InterruptedClient(AwsClient):
    """Lets somebody else act just before one of its calls goes out."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(REGION, CREDENTIALS, endpoint)
        self._interruptions: dict[str, Callable[[], object]] = {}

    def before(self, operation: str, act: Callable[[], object]) -> None:
        """Runs ``act`` once, before the next call of this operation."""
        self._interruptions[operation] = act

    def call(
        self, service: str, operation: str, payload: dict[str, Any], *, timeout: float = READ_TIMEOUT
    ) -> dict[str, Any]:
        act = self._interruptions.pop(operation, None)
        if act is not None:
            act()
        return super().call(service, operation, payload, timeout=timeout)
