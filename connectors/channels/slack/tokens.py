"""The bot token: one that stays, or one that is renewed every twelve hours.

With token rotation Slack gives a refresh token beside each bot token. It works once, and its answer brings the next
pair; so the newest one is kept with the bot token, and what the account's settings hold is where it all began. Source:
docs.slack.dev, "Using token rotation", "oauth.v2.access".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors.channels.slack.errors import read_answer
from connectors.channels.slack.settings import api_base, rotates, setting
from shared.errors import DeliveryError
from shared.http.answers import before_sending
from shared.model.identifiers import digest
from shared.ports.context import FreshToken

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext

FORM = "application/x-www-form-urlencoded"
_TIMEOUT = 10.0
_RENEWABLE = frozenset({"token_expired", "invalid_auth", "token_revoked"})
"""Refusals that a token which rotates may meet when somebody else has renewed it; without rotation they are final."""


class TokenUse:
    """The token for one piece of work: whatever calls it makes, it is renewed once at most."""

    def __init__(self, context: ChannelContext) -> None:
        self.context = context
        self._token: str | None = None
        self._renewed = False

    def call[Result](self, operation: Callable[[str], Result]) -> Result:
        """What ``operation`` returns for a token that works. Raises DeliveryError, classed, and ConfigurationError."""
        token = self._token = self._token or self._first()
        try:
            return operation(token)
        except DeliveryError as error:
            if self._renewed or error.code not in _RENEWABLE or not rotates(self.context.account):
                raise
        self._renewed = True
        self._token = self.context.tokens.replace(token, self._fetch)
        return operation(self._token)

    def _first(self) -> str:
        if not rotates(self.context.account):
            return setting(self.context.account, "bot_token")
        return self.context.tokens.current(self._fetch)

    def _fetch(self, renewal: str | None) -> FreshToken:
        return renewed(renewal, self.context)


def renewed(renewal: str | None, context: ChannelContext) -> FreshToken:
    """A bot token, and with it what the next one is had for. ``renewal`` is what came with the last one: the refresh
    token, after a mark of the one in the settings that it all began with. When the settings hold another one by now,
    because the app was installed anew, that is used.

    Raises DeliveryError; refused credentials are the account's fault. An answer that is lost may have used the refresh
    token up, and the next try shows whether it has.
    """
    first = setting(context.account, "refresh_token")
    mark = digest("refresh_token", first)
    stored_mark, _, stored = (renewal or "").partition(" ")
    refresh_token = stored if stored and stored_mark == mark else first
    fields = {
        "client_id": setting(context.account, "client_id"),
        "client_secret": setting(context.account, "client_secret"),
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    url = f"{api_base(context.account)}/oauth.v2.access"
    headers = {"content-type": FORM}
    with before_sending():
        answer = read_answer(
            context.http.request("POST", url, headers=headers, body=urlencode(fields).encode(), timeout=_TIMEOUT)
        )
    token, next_one, lifetime = (answer.get(name) for name in ("access_token", "refresh_token", "expires_in"))
    if not isinstance(token, str) or not token or not isinstance(lifetime, int | float):
        raise DeliveryError("retry", "provider_garbled", "Slack's answer holds no token that expires")
    kept = next_one if isinstance(next_one, str) and next_one else refresh_token
    return FreshToken(token, float(lifetime), f"{mark} {kept}")
