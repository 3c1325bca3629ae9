"""A provider that answers what it is told to, and the surroundings a connector is handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.model.media import Media
from shared.ports import Account, ChannelContext, FreshToken, HttpResponse


@dataclass
class ScriptedProvider:
    """Gives the same answer to every call, and remembers the calls."""

    answer: HttpResponse
    calls: list[tuple[str, str, bytes]] = field(default_factory=list)

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
        self.calls.append((method, url, body or b""))
        return self.answer


class StoredTokens:
    """A token is always there, and another one when the first is refused."""

    def current(self, fetch: Callable[[], FreshToken]) -> str:
        return "token-1"

    def replace(self, failing: str, fetch: Callable[[], FreshToken]) -> str:
        return "token-2"


class SmallFiles:
    def read(self, media: Media, maximum_bytes: int) -> bytes:
        return b"\x89PNG\r\n\x1a\n"


class NobodyOnline:
    def push(self, identity_id: str, frame: bytes) -> int:
        return 0


def context_for(account: Account, provider: ScriptedProvider) -> ChannelContext:
    return ChannelContext(
        account_name="main",
        account=account,
        http=provider,
        web=provider,
        tokens=StoredTokens(),
        media=SmallFiles(),
        sockets=NobodyOnline(),
    )
