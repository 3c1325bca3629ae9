"""Who calls: the agent whose address and API token a call shows.

Source: developer.zendesk.com/api-reference/introduction/security-and-auth ("API token").
"""

from __future__ import annotations

import base64
import hmac

import msgspec
from aiohttp import web

from infra.local.providers.zendesk.errors import stranger
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.settings import AccountSettings
from infra.local.providers.zendesk.state import User


class Caller(msgspec.Struct):
    """``account`` is its name in the stand-in."""

    account: str
    settings: AccountSettings
    user: User


CALLER = web.RequestKey("caller", Caller)


def caller_of(request: web.Request) -> Caller:
    return request[CALLER]


def admit(request: web.Request, service: Service) -> None:
    """Raises ApiError(401)."""
    given = request.headers.get("Authorization", "").encode()
    for name, settings in service.accounts.items():
        pair = f"{settings.email}/token:{settings.api_token}".encode()
        user = service.user_with(name, settings.email)
        if user is not None and hmac.compare_digest(given, b"Basic " + base64.b64encode(pair)):
            request[CALLER] = Caller(name, settings, user)
            return
    raise stranger()
