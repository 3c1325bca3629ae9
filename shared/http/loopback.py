"""Webhooks to this machine itself: for a stack that runs on it, and never on AWS.

On AWS the loopback of a function is its Runtime API: functions there have the GuardedClient and nothing of this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shared.http.addresses import Target, guarded_target, provider_target, refused
from shared.http.outgoing import GuardedClient, OutgoingClient
from shared.ports.http import HttpClient, HttpResponse

LOOPBACK: Final = ("127.0.0.1", "::1")
"""By number only: a name could lead elsewhere."""


class LoopbackClient(OutgoingClient):
    """http to 127.0.0.1 or ::1, on any port, and nowhere else."""

    def _target(self, url: str) -> Target:
        target = provider_target(url)
        if not is_loopback(target):
            raise refused("the address is not http to this machine")
        return target

    def _admit(self, addresses: Sequence[str]) -> Sequence[str]:
        if not set(addresses) <= set(LOOPBACK):
            raise refused("the address is not this machine's own")
        return addresses


class LocalWebhookClient:
    """Implements shared.ports.http.HttpClient for subscribers of a local stack: what is on this machine is called by
    http, and for everything else holds what holds on AWS."""

    def __init__(self, loopback: HttpClient | None = None, guarded: HttpClient | None = None) -> None:
        self._loopback = loopback or LoopbackClient()
        self._guarded = guarded or GuardedClient()

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
        """Raises DeliveryError as :class:`shared.ports.http.HttpClient` says."""
        client = self._loopback if is_loopback(provider_target(url)) else self._guarded
        return client.request(method, url, headers=headers, body=body, timeout=timeout, maximum_bytes=maximum_bytes)


def local_webhook_target(url: str) -> Target:
    """Where a subscriber's address leads on a local stack, by its spelling. Raises DeliveryError(permanent,
    ``address_refused``)."""
    target = provider_target(url)
    return target if is_loopback(target) else guarded_target(url)


def is_loopback(target: Target) -> bool:
    """Whether this is http to this machine, named by number."""
    return target.origin.scheme == "http" and target.origin.host in LOOPBACK
