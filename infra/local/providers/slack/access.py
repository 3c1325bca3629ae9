"""Who calls, and what they may.

Source: docs.slack.dev, "Using the Web API" and the scopes on the pages of the single methods.
"""

from __future__ import annotations

import msgspec
from aiohttp import hdrs, web

from infra.local.providers.slack.errors import ApiError
from infra.local.providers.slack.rotation import is_good
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.settings import AccountSettings
from infra.local.providers.slack.state import Channel

READ_SCOPES = {"im": "im:read", "channel": "channels:read", "group": "groups:read"}


class Caller(msgspec.Struct):
    """The account that a token belongs to."""

    name: str
    settings: AccountSettings

    def need(self, *scopes: str) -> None:
        """One of ``scopes`` is enough. Raises missing_scope."""
        if not any(scope in self.settings.scopes for scope in scopes):
            details = {"needed": ",".join(scopes), "provided": ",".join(self.settings.scopes)}
            raise ApiError("missing_scope", details=details)


def bearer(request: web.Request) -> str | None:
    kind, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def caller(service: Service, token: str | None) -> Caller:
    """Raises not_authed, invalid_auth, token_expired, or what became of the installation."""
    if not token:
        raise ApiError("not_authed")
    for name, settings in service.accounts.items():
        if is_good(service, name, settings, token):
            standing = service.state.standing.get(name, "active")
            if standing != "active":
                raise ApiError(standing)
            return Caller(name, settings)
    raise ApiError("invalid_auth")


def visible_channel(service: Service, who: Caller, wanted: str) -> Channel:
    """By id, or ``#name``; a private channel that the app is not in cannot be seen. Raises channel_not_found."""
    channel = service.state.channels.get(wanted)
    if channel is None and wanted.startswith("#"):
        named = [one for one in service.channels_of(who.name) if one.name == wanted[1:]]
        channel = named[0] if named else None
    if channel is None or channel.account != who.name:
        raise ApiError("channel_not_found")
    if channel.kind == "group" and who.settings.bot_user_id not in channel.members:
        raise ApiError("channel_not_found")
    return channel


def writable_channel(service: Service, who: Caller, wanted: str) -> Channel:
    """Where the app may write. A user's id stands for the direct messages with them. Raises channel_not_found,
    is_archived, not_in_channel, user_disabled."""
    user = service.state.users.get(wanted)
    if user is not None and user.account == who.name and user.role != "app":
        channel = service.direct(who.name, user.id)
    else:
        channel = visible_channel(service, who, wanted)
    if channel.archived:
        raise ApiError("is_archived")
    if who.settings.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    if channel.user is not None and service.state.users[channel.user].deleted:
        raise ApiError("user_disabled")
    return channel
