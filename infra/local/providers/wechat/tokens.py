"""Access tokens.

Source: developers.weixin.qq.com, "getStableAccessToken": one token until 5 minutes before its end, then a new one while
the old is good for 5 more minutes; a forced refresh ends the old at once, 20 a day, and does nothing within 30 seconds
of the last. "getAccessToken": a new token at each call, the old one good for 5 more minutes, 2,000 calls a day.
"""

from __future__ import annotations

import secrets
from typing import Literal

from infra.local.providers.wechat.errors import ApiError
from infra.local.providers.wechat.settings import AccountSettings
from infra.local.providers.wechat.state import Token, WeChatState

LIFETIME = 7200
OVERLAP = 300
DAY = 86400


def account_of(accounts: dict[str, AccountSettings], app_id: object, app_secret: object, address: str | None) -> str:
    """The name of the account these credentials belong to. Raises 41002, 41004, 40013, 40125, 40001 or 40164."""
    if not app_id:
        raise ApiError(41002)
    if not app_secret:
        raise ApiError(41004)
    for name, account in accounts.items():
        if account.app_id != app_id:
            continue
        if account.app_secret != app_secret:
            # Seen as 40125 when it cannot be a secret at all, as 40001 when it is one, but another's.
            malformed = not isinstance(app_secret, str) or len(app_secret) != len(account.app_secret)
            raise ApiError(40125) if malformed else ApiError(40001, text="AppSecret error or not of this AppID")
        if account.allowed_ips is not None and address not in account.allowed_ips:
            raise ApiError(40164, text=f"invalid ip {address} ipv6 ::ffff:{address}, not in whitelist")
        return name
    raise ApiError(40013)


def stable_token(state: WeChatState, account: str, *, force_refresh: bool, now: float) -> dict[str, object]:
    current = _newest(state, account, "stable_token")
    if force_refresh:
        return _forced(state, account, current, now)
    if current is None or current.expires_at <= now:
        current = _issue(state, account, "stable_token", now)
    elif current.expires_at - now <= OVERLAP:
        current.expires_at = now + OVERLAP
        current = _issue(state, account, "stable_token", now)
    return _answer(current, now)


def _forced(state: WeChatState, account: str, current: Token | None, now: float) -> dict[str, object]:
    refreshes = [at for at in state.refreshes.get(account, []) if now - at < DAY]
    if current is not None and current.expires_at > now and refreshes and now - refreshes[-1] < 30:
        return _answer(current, now)
    if len(refreshes) >= 20:
        raise ApiError(45009)
    state.refreshes[account] = [*refreshes, now]
    for token in [
        token for token in state.tokens.values() if (token.account, token.source) == (account, "stable_token")
    ]:
        del state.tokens[token.value]
    return _answer(_issue(state, account, "stable_token", now), now)


def rotating_token(state: WeChatState, account: str, now: float) -> dict[str, object]:
    calls = [at for at in state.token_calls.get(account, []) if now - at < DAY]
    if len(calls) >= 2000:
        raise ApiError(45009)
    state.token_calls[account] = [*calls, now]
    current = _newest(state, account, "token")
    if current is not None:
        current.expires_at = min(current.expires_at, now + OVERLAP)
    return _answer(_issue(state, account, "token", now), now)


def account_of_token(state: WeChatState, value: str | None, now: float) -> str:
    """The account a call is made for. Raises 41001 (no token), 40001 (unknown or replaced), 42001 (expired)."""
    if not value:
        raise ApiError(41001)
    token = state.tokens.get(value)
    if token is None:
        raise ApiError(40001)
    if token.expires_at <= now:
        raise ApiError(42001)
    return token.account


def _newest(state: WeChatState, account: str, source: Literal["stable_token", "token"]) -> Token | None:
    tokens = [token for token in state.tokens.values() if (token.account, token.source) == (account, source)]
    return tokens[-1] if tokens else None


def _issue(state: WeChatState, account: str, source: Literal["stable_token", "token"], now: float) -> Token:
    token = Token(value=f"88_{secrets.token_urlsafe(100)}", account=account, source=source, expires_at=now + LIFETIME)
    state.tokens[token.value] = token
    return token


def _answer(token: Token, now: float) -> dict[str, object]:
    return {"access_token": token.value, "expires_in": int(token.expires_at - now)}
