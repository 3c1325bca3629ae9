"""The people's side of the control interface: who is there, what they see, and what they do."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from infra.local.providers.control import RefusedError, answer, asked
from infra.local.providers.slack.acts import Acts, Choice, Command, Edit, Reaction, Tap, Write
from infra.local.providers.slack.messages import Tasks
from infra.local.providers.slack.objects import message_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.settled import settled
from infra.local.providers.slack.state import Channel, Message
from infra.local.providers.slack.wishes import ChannelChange, DirectChoice, NewChannel, NewUser, UserChange


class PeopleControl:
    def __init__(self, service: Service, acts: Acts) -> None:
        self.service = service
        self.acts = acts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/state", self.state),
            web.get("/channels/{channel}", self.channel),
            web.get("/files/{file}", self.file),
            web.post("/users", self.create_user),
            web.post("/users/{user}", self.change_user),
            web.post("/channels", self.create_channel),
            web.post("/channels/{channel}", self.change_channel),
            web.post("/direct", self.direct),
            web.post("/messages", self.write),
            web.post("/edits", self.edit),
            web.post("/deletions", self.delete),
            web.post("/unfurls", self.unfurl),
            web.post("/reactions", self.react),
            web.post("/taps", self.tap),
            web.post("/commands", self.command),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Accounts, people and channels; messages are under ``/channels/{id}``."""
        accounts = [
            {
                "account": name,
                "team_id": settings.team_id,
                "team_name": settings.team_name,
                "bot_user_id": settings.bot_user_id,
                "bot_name": settings.bot_name,
                "standing": self.service.state.standing.get(name, "active"),
            }
            for name, settings in self.service.accounts.items()
        ]
        users = [user for user in self.service.state.users.values() if user.account in self.service.accounts]
        channels = [
            self._summary(channel)
            for channel in self.service.state.channels.values()
            if channel.account in self.service.accounts
        ]
        partners = {team_id: name for name, team_id in self.service.state.partners.items()}
        return answer({"accounts": accounts, "users": users, "channels": channels, "partners": partners})

    async def channel(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        messages = [
            {**message_object(self.service, channel, message), "file_ids": message.files, "state": message.state}
            for message in channel.messages
        ]
        items = {file_id: self.service.state.files[file_id] for one in channel.messages for file_id in one.files}
        return answer({**self._summary(channel), "messages": messages, "files": items})

    async def file(self, request: web.Request) -> web.Response:
        """A file's bytes, for showing it on a person's screen."""
        item = self.service.state.files.get(request.match_info["file"])
        if item is None or not item.stored:
            raise RefusedError(404, "no such file")
        shown = item.mime_type.startswith(("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/"))
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
        if not shown:
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=self.service.folder.read(item.id), content_type=item.mime_type, headers=headers)

    async def create_user(self, request: web.Request) -> web.Response:
        wanted = await asked(request, NewUser)
        account, _ = self.service.account(wanted.account)
        if not wanted.name.strip():
            raise RefusedError(400, "name")
        return answer(self.service.add_user(account, wanted.name.strip(), wanted.role, wanted.organisation), 201)

    async def change_user(self, request: web.Request) -> web.Response:
        change = await asked(request, UserChange)
        user = self.service.user(request.match_info["user"])
        user.deleted = change.deleted
        self.service.changed()
        return answer(user)

    async def create_channel(self, request: web.Request) -> web.Response:
        wanted = await asked(request, NewChannel)
        account, _ = self.service.account(wanted.account)
        channel = self.service.add_channel(
            account, wanted.name, private=wanted.private, shared=wanted.shared, with_app=wanted.with_app
        )
        if wanted.shared:
            home = self.service.accounts[account].team_id
            channel.members += [
                user.id
                for user in self.service.state.users.values()
                if user.account == account and user.team_id != home
            ]
        return answer(self._summary(channel), 201)

    async def change_channel(self, request: web.Request) -> web.Response:
        change = await asked(request, ChannelChange)
        channel = self._channel(request)
        bot = self.service.accounts[channel.account].bot_user_id
        if change.archived is not None:
            channel.archived = change.archived
        if change.with_app is not None:
            channel.members = [member for member in channel.members if member != bot]
            channel.members += [bot] if change.with_app else []
        channel.members += [self.service.user(user).id for user in change.add if user not in channel.members]
        self.service.changed()
        return answer(self._summary(channel))

    async def direct(self, request: web.Request) -> web.Response:
        choice = await asked(request, DirectChoice)
        user = self.service.user(choice.user)
        return answer(self._summary(self.service.direct(user.account, user.id)))

    async def write(self, request: web.Request) -> web.Response:
        return await self._acted(request, *self.acts.write(await asked(request, Write)))

    async def edit(self, request: web.Request) -> web.Response:
        return await self._acted(request, *self.acts.edit(await asked(request, Edit)))

    async def delete(self, request: web.Request) -> web.Response:
        return await self._acted(request, *self.acts.delete(await asked(request, Choice)))

    async def unfurl(self, request: web.Request) -> web.Response:
        return await self._acted(request, *self.acts.unfurl(await asked(request, Choice)))

    async def react(self, request: web.Request) -> web.Response:
        return await self._acted(request, *self.acts.react(await asked(request, Reaction)))

    async def tap(self, request: web.Request) -> web.Response:
        return await self._acted(request, *self.acts.tap(await asked(request, Tap)))

    async def command(self, request: web.Request) -> web.Response:
        return await settled(request, {}, self.acts.command(await asked(request, Command)))

    def _channel(self, request: web.Request) -> Channel:
        return self.service.channel(request.match_info["channel"])

    def _summary(self, channel: Channel) -> dict[str, Any]:
        summary: dict[str, Any] = msgspec.to_builtins(channel)
        summary["messages"] = len(channel.messages)
        return summary

    async def _acted(self, request: web.Request, channel: Channel, message: Message, tasks: Tasks) -> web.Response:
        result = {"channel": channel.id, "ts": message.ts}
        return await settled(request, result, tasks)
