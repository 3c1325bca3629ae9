"""Who calls: the agent whose token a call shows, in the account that the address names.

Sources: app/controllers/concerns/access_token_auth_helper.rb and ensure_current_account_helper.rb of
github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import hmac

import msgspec
from aiohttp import web

from infra.local.providers.chatwoot.errors import ApiError, not_found
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.settings import AccountSettings


class Caller(msgspec.Struct):
    """``name`` is that of the account in the stand-in."""

    name: str
    settings: AccountSettings


CALLER = web.RequestKey("caller", Caller)


def caller_of(request: web.Request) -> Caller:
    return request[CALLER]


def admit(request: web.Request, service: Service, account_id: str) -> None:
    """Raises ApiError(401, 404)."""
    token = request.headers.get("api_access_token", "")
    owned = {
        name: settings
        for name, settings in service.accounts.items()
        if hmac.compare_digest(token.encode(), settings.access_token.encode())
    }
    if not owned:
        raise ApiError(401, {"error": "Invalid Access Token"})
    if account_id not in {str(settings.account_id) for settings in service.accounts.values()}:
        raise not_found()
    for name, settings in owned.items():
        if str(settings.account_id) == account_id:
            request[CALLER] = Caller(name, settings)
            return
    raise ApiError(401, {"error": "You are not authorized to access this account"})
