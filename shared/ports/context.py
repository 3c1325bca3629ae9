"""What a connector is handed to talk to its provider with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.model.media import Media
    from shared.ports.accounts import Account
    from shared.ports.http import HttpClient
    from shared.ports.mailer import Mailer


@dataclass(frozen=True, slots=True)
class FreshToken:
    """An access token as the provider gave it; ``expires_in`` is in seconds.

    ``renewal`` is what the next one is fetched with, at providers where that is another thing each time and works once.
    """

    value: str
    expires_in: float
    renewal: str | None = None


Fetch = Callable[[str | None], FreshToken]
"""Gets a token from the provider; it is handed the ``renewal`` of the one before, None when there is none."""


class AccessTokens(Protocol):
    """The one access token of a channel account, shared by all functions."""

    def current(self, fetch: Fetch) -> str:
        """The stored token; fetched under a lease when there is none or it is about to expire."""
        ...

    def replace(self, failing: str, fetch: Fetch) -> str:
        """A token other than ``failing``: the stored one if somebody has already replaced it, else a fresh one."""
        ...


class MediaFiles(Protocol):
    """Files that are to be sent."""

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        """The bytes of a stored media, or of the https address it names. Raises DeliveryError (permanent) when it
        cannot be had."""
        ...


class Sockets(Protocol):
    """Open web-chat connections."""

    def push(self, identity_id: str, frame: bytes) -> int:
        """Sends a frame to every connection of an identity; stale ones are removed. Returns how many took it."""
        ...


class Originals(Protocol):
    """What came in whole and too large for a queue: raw mail."""

    def read(self, key: str) -> bytes:
        """Raises DeliveryError(permanent, ``media_expired``) when it is not kept any more."""
        ...


class Seals(Protocol):
    """Proofs that something was made by this stack: they travel in what customers send back."""

    def seal(self, *fields: str) -> bytes:
        """32 bytes that nobody else can make for these fields."""
        ...

    def holds(self, seal: bytes, *fields: str) -> bool:
        """Whether ``seal`` is the beginning of a seal of ours, of at least 10 bytes, under the current secret or the
        one before. Takes the same time whatever the answer."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """What a connector may use when it talks to its provider for one account.

    ``http`` goes to the provider's API (``api_base`` is the deployer's own word); ``web`` is for addresses out of
    messages and refuses everything private.
    """

    account_name: str
    account: Account
    http: HttpClient
    web: HttpClient
    tokens: AccessTokens
    media: MediaFiles
    sockets: Sockets
    mailer: Mailer
    originals: Originals
    seals: Seals
