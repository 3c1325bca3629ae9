"""Access tokens: the stable kind, shared by everything that talks to WeChat for one account.

Source: developers.weixin.qq.com, "Getting a stable access token" (获取稳定版接口调用凭据). The same token comes back
until five minutes before it expires; forcing a new one is allowed 20 times a day.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from connectors.channels.wechat.errors import read_answer
from connectors.channels.wechat.settings import api_base, setting
from shared.errors import DeliveryError
from shared.http.answers import before_sending
from shared.ports.context import FreshToken

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext

JSON_HEADERS = {"content-type": "application/json; charset=utf-8"}


class TokenUse:
    """The token for one piece of work: whatever calls it makes, it is replaced once at most."""

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._token: str | None = None
        self._replaced = False

    def call[Result](self, operation: Callable[[str], Result]) -> Result:
        """What ``operation`` returns for a token that works.

        Raises DeliveryError; (``account``, ``token_refused``) when the replaced token is refused as well.
        """
        if self._token is None:
            self._token = self._context.tokens.current(lambda _: fetch_token(self._context))
        try:
            return operation(self._token)
        except DeliveryError as error:
            if error.error_class != "token":
                raise
            refused = error
        if not self._replaced:
            self._replaced = True
            self._token = self._replace(self._token)
            try:
                return operation(self._token)
            except DeliveryError as error:
                if error.error_class != "token":
                    raise
                refused = error
        raise DeliveryError("account", refused.code, refused.title) from refused

    def _replace(self, failing: str) -> str:
        return self._context.tokens.replace(failing, lambda _: _fetch_other_than(failing, self._context))


def fetch_token(context: ChannelContext, *, force: bool = False) -> FreshToken:
    """A token from WeChat. Raises DeliveryError; a wrong app id, secret or address is the account's fault."""
    body = {
        "grant_type": "client_credential",
        "appid": setting(context.account, "app_id"),
        "secret": setting(context.account, "app_secret"),
        "force_refresh": force,
    }
    url = f"{api_base(context.account)}/cgi-bin/stable_token"
    with before_sending():
        response = context.http.request("POST", url, headers=JSON_HEADERS, body=json.dumps(body).encode())
        try:
            answer = read_answer(response)
        except DeliveryError as error:
            if error.error_class != "token":
                raise
            # Here the same errcode, 40001, is about the app secret.
            raise DeliveryError("account", "app_secret_refused", "The app secret is wrong") from error
    token, expires_in = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(expires_in, int | float):
        raise DeliveryError("retry", "provider_garbled", "WeChat's answer holds no access token")
    return FreshToken(token, float(expires_in))


def _fetch_other_than(failing: str, context: ChannelContext) -> FreshToken:
    """WeChat's current token; a forced new one only when the current one is what has just been refused."""
    fresh = fetch_token(context)
    return fetch_token(context, force=True) if fresh.value == failing else fresh
