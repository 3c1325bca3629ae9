"""What a connector is handed when it talks to its provider, put together per channel account and kept while warm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.aws.access_tokens import DynamoAccessTokens
from shared.ports.context import ChannelContext

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from shared.ports.accounts import Accounts
    from shared.ports.clock import Clock
    from shared.ports.context import AccessTokens, MediaFiles, Originals, Seals, Sockets
    from shared.ports.http import HttpClient
    from shared.ports.mailer import Mailer


class ChannelContexts:
    """Call it with (channel, account). Settings are read anew each time, from memory; tokens and connections are
    kept."""

    def __init__(
        self,
        client: AwsClient,
        table: str,
        *,
        accounts: Accounts,
        http: HttpClient,
        web: HttpClient,
        media: MediaFiles,
        sockets: Sockets,
        mailer: Mailer,
        originals: Originals,
        seals: Seals,
        clock: Clock,
    ) -> None:
        self._client = client
        self._table = table
        self._accounts = accounts
        self._http = http
        self._web = web
        self._media = media
        self._sockets = sockets
        self._mailer = mailer
        self._originals = originals
        self._seals = seals
        self._clock = clock
        self._tokens: dict[tuple[str, str], AccessTokens] = {}

    def __call__(self, channel: str, account: str) -> ChannelContext:
        """Raises UnknownAccount."""
        tokens = self._tokens.get((channel, account))
        if tokens is None:
            tokens = DynamoAccessTokens(self._client, self._table, channel, account, clock=self._clock)
            self._tokens[channel, account] = tokens
        return ChannelContext(
            account_name=account,
            account=self._accounts.account(channel, account).current,
            http=self._http,
            web=self._web,
            tokens=tokens,
            media=self._media,
            sockets=self._sockets,
            mailer=self._mailer,
            originals=self._originals,
            seals=self._seals,
        )
