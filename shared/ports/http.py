"""Calls to the outside world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A provider's answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient(Protocol):
    """Calls the outside world. Never follows a redirect; caps the answer; every wait has an end."""

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
        """Raises DeliveryError: ``provider_unreachable`` (retry; nothing was sent), ``provider_timeout`` and
        ``provider_reset`` (unknown; it may have been received), ``provider_redirected``, ``address_refused``,
        ``response_too_large`` (permanent)."""
        ...
