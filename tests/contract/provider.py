"""A provider that answers what it is told to, and the surroundings a connector is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.aws.client import AwsClient, Credentials
from shared.aws.connection import Connections, Response
from shared.aws.mail import SesMailer
from shared.ports.accounts import Account
from shared.ports.context import ChannelContext, Fetch
from shared.ports.http import HttpResponse
from tests.support.providers import channel_context


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

    def current(self, fetch: Fetch) -> str:
        return "token-1"

    def replace(self, failing: str, fetch: Fetch) -> str:
        return "token-2"


class _Scripted(Connections):
    """The provider's answers in the form that an AWS client reads, for a channel whose provider is AWS."""

    def __init__(self, provider: ScriptedProvider) -> None:
        super().__init__()
        self._provider = provider

    def exchange(
        self,
        origin: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        read_timeout: float = 5.0,
        limit: int = 1_048_576,
        fresh: bool = False,
    ) -> Response:
        answer = self._provider.request(method, origin + target, headers=headers, body=body)
        return Response(answer.status, dict(answer.headers), answer.body)


def context_for(account: Account, provider: ScriptedProvider) -> ChannelContext:
    aws = AwsClient("eu-west-1", Credentials("AKID", "secret"), connections=_Scripted(provider))
    return channel_context(account, http=provider, tokens=StoredTokens(), mailer=SesMailer(aws))
