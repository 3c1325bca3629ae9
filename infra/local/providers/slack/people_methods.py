"""conversations.*, users.info and auth.test.

Source: docs.slack.dev, the pages of the methods.
"""

from __future__ import annotations

from typing import Any

from infra.local.providers.slack.access import READ_SCOPES, Caller, visible_channel
from infra.local.providers.slack.arguments import Arguments
from infra.local.providers.slack.errors import ApiError
from infra.local.providers.slack.objects import channel_object, user_object
from infra.local.providers.slack.service import Service


class PeopleMethods:
    def __init__(self, service: Service) -> None:
        self.service = service

    async def test(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        settings = who.settings
        return {
            "url": f"https://{settings.team_name.lower()}.slack.com/",
            "team": settings.team_name,
            "user": settings.bot_name,
            "team_id": settings.team_id,
            "user_id": settings.bot_user_id,
            "bot_id": settings.bot_id,
            "is_enterprise_install": False,
        }

    async def open(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("im:write", "mpim:write", "channels:manage", "groups:write")
        wanted = arguments.optional("users")
        if arguments.optional("channel"):
            channel = visible_channel(self.service, who, str(arguments.optional("channel")))
            return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
        if not wanted:
            raise ApiError("users_list_not_supplied")
        if "," in wanted:
            raise ApiError("not_enough_users", messages=["[ERROR] the stand-in has no group direct messages"])
        who.need("im:write")
        user = self.service.state.users.get(wanted)
        if user is None or user.account != who.name:
            raise ApiError("user_not_found")
        if user.role == "app":
            raise ApiError("cannot_dm_bot")
        if user.deleted:
            raise ApiError("user_disabled")
        if user.team_id != who.settings.team_id and not self._met(who, user.id):
            raise ApiError("user_not_visible")
        return {"channel": {"id": self.service.direct(who.name, user.id).id}}

    async def info(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need(*READ_SCOPES.values())
        channel = visible_channel(self.service, who, arguments.required("channel"))
        who.need(READ_SCOPES[channel.kind])
        settings = who.settings
        return {"channel": channel_object(channel, settings.team_id, settings.bot_user_id)}

    async def user(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("users:read")
        user = self.service.state.users.get(arguments.required("user"))
        if user is None or user.account != who.name:
            raise ApiError("user_not_found")
        with_email = "users:read.email" in who.settings.scopes
        return {"user": user_object(user, who.settings.team_id, with_email=with_email)}

    def _met(self, who: Caller, user_id: str) -> bool:
        """Whether the app shares a channel with someone of another organisation."""
        bot = who.settings.bot_user_id
        return any({bot, user_id} <= set(channel.members) for channel in self.service.channels_of(who.name))
