"""Token rotation: bot tokens that end after twelve hours, and refresh tokens that work once.

Source: docs.slack.dev, "Using token rotation", "oauth.v2.access".
"""

from __future__ import annotations

import secrets
from typing import Any

from infra.local.providers.slack.arguments import Arguments
from infra.local.providers.slack.errors import ApiError
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.settings import AccountSettings
from infra.local.providers.slack.state import Rotation

LIFETIME = 43_200
"""Seconds."""

ARGUMENTS = frozenset({"client_id", "client_secret", "grant_type", "refresh_token", "code", "redirect_uri"})


def refresh(service: Service, arguments: Arguments) -> dict[str, Any]:
    """The next pair of tokens, for the newest refresh token alone. Raises ApiError."""
    client = arguments.required("client_id")
    found = [(name, each) for name, each in service.accounts.items() if each.client_id and each.client_id == client]
    if not found:
        raise ApiError("invalid_client_id")
    name, settings = found[0]
    if arguments.required("client_secret") != settings.client_secret:
        raise ApiError("bad_client_secret")
    if arguments.optional("grant_type") != "refresh_token":
        raise ApiError("invalid_grant_type")
    if settings.refresh_token is None:
        raise ApiError("token_rotation_not_enabled")
    rotation = rotation_of(service, name, settings)
    if arguments.required("refresh_token") != rotation.refresh_token:
        raise ApiError("invalid_refresh_token")
    token, rotation.refresh_token = f"xoxe.xoxb-1-{secrets.token_hex(16)}", f"xoxe-1-{secrets.token_hex(16)}"
    rotation.tokens[token] = service.clock.now() + LIFETIME
    return {
        "access_token": token,
        "expires_in": LIFETIME,
        "refresh_token": rotation.refresh_token,
        "token_type": "bot",
        "scope": ",".join(settings.scopes),
        "bot_user_id": settings.bot_user_id,
        "app_id": settings.app_id,
        "team": {"id": settings.team_id, "name": settings.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def is_good(service: Service, name: str, settings: AccountSettings, token: str) -> bool:
    """Whether a token is one of the account's; with rotation, until it ends. Raises token_expired."""
    if settings.refresh_token is None:
        return settings.bot_token == token
    ends = rotation_of(service, name, settings).tokens.get(token)
    if ends is not None and ends <= service.clock.now():
        raise ApiError("token_expired")
    return ends is not None


def rotation_of(service: Service, name: str, settings: AccountSettings) -> Rotation:
    """Where an account's tokens stand; it begins anew with every installation, which has another refresh token."""
    first = settings.refresh_token or ""
    known = service.state.rotations.get(name)
    if known is None or known.first != first:
        ends = service.clock.now() + LIFETIME
        known = Rotation(first=first, refresh_token=first, tokens={settings.bot_token: ends})
        service.state.rotations[name] = known
    return known
