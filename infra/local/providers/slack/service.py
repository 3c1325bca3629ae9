"""What all parts of the stand-in share: its accounts, the people and places of its workspaces, and their files."""

from __future__ import annotations

import time
from pathlib import Path

from infra.local.providers.control import RefusedError
from infra.local.providers.service import AccountService
from infra.local.providers.slack.settings import AccountSettings
from infra.local.providers.slack.state import Channel, ChannelKind, FileItem, Role, SlackState, User, new_id
from infra.local.providers.state_file import FileFolder


class Service(AccountService[SlackState, AccountSettings]):
    def __init__(self, accounts: dict[str, AccountSettings], public_url: str, folder: Path) -> None:
        super().__init__(folder / "slack.json", SlackState, accounts, public_url)
        self.folder = FileFolder(folder / "slack-files")
        for name in accounts:
            self._furnish(name)

    def user(self, user_id: str) -> User:
        if user_id not in self.state.users:
            raise RefusedError(404, f"no user {user_id}")
        return self.state.users[user_id]

    def channel(self, channel_id: str) -> Channel:
        if channel_id not in self.state.channels:
            raise RefusedError(404, f"no channel {channel_id}")
        return self.state.channels[channel_id]

    def channels_of(self, account: str) -> list[Channel]:
        return [channel for channel in self.state.channels.values() if channel.account == account]

    def direct(self, account: str, user_id: str) -> Channel:
        """The user's direct messages with the app, opened when there are none yet."""
        for channel in self.channels_of(account):
            if channel.kind == "im" and channel.user == user_id:
                return channel
        members = [user_id, self.accounts[account].bot_user_id]
        return self._add(Channel(id=new_id("D"), account=account, kind="im", user=user_id, members=members))

    def add_channel(self, account: str, name: str, *, private: bool, shared: bool, with_app: bool = True) -> Channel:
        """Everybody of the workspace is in it; people of other organisations are added one by one."""
        if any(channel.name == name for channel in self.channels_of(account)):
            raise RefusedError(409, f"there is a channel {name}")
        settings = self.accounts[account]
        people = [user for user in self.state.users.values() if user.account == account and user.role != "app"]
        members = [user.id for user in people if user.team_id == settings.team_id]
        if with_app:
            members.append(settings.bot_user_id)
        kind: ChannelKind = "group" if private else "channel"
        channel = Channel(id=new_id("C"), account=account, kind=kind, name=name, shared=shared, members=members)
        return self._add(channel)

    def add_user(self, account: str, name: str, role: Role, organisation: str | None) -> User:
        """``organisation``: the name of another company; its people get into the shared channels, and only there."""
        settings = self.accounts[account]
        team_id = settings.team_id
        if organisation is not None:
            team_id = self.state.partners.setdefault(organisation, new_id("T"))
        handle = name.lower().replace(" ", ".")
        user = User(id=new_id("U"), account=account, team_id=team_id, name=handle, real_name=name, role=role)
        user.email = f"{user.id.lower()}@example.com" if organisation is None else None
        self.state.users[user.id] = user
        for channel in self.channels_of(account):
            if channel.kind != "im" and channel.shared == (organisation is not None):
                channel.members.append(user.id)
        self.changed()
        return user

    def keep_file(self, data: bytes, item: FileItem) -> FileItem:
        self.folder.write(item.id, data)
        item.stored, item.size = True, len(data)
        self.state.files[item.id] = item
        self.changed()
        return item

    def next_ts(self) -> str:
        """Unix seconds with six digits after the point, never the same twice: a message's name within its channel."""
        self.state.last_microsecond = max(int(time.time() * 1_000_000), self.state.last_microsecond + 1)
        seconds, rest = divmod(self.state.last_microsecond, 1_000_000)
        return f"{seconds}.{rest:06d}"

    def _furnish(self, name: str) -> None:
        settings = self.accounts[name]
        bot = User(
            id=settings.bot_user_id,
            account=name,
            team_id=settings.team_id,
            name=settings.bot_name,
            real_name=settings.bot_name,
            role="app",
        )
        self.state.users[bot.id] = bot
        if not any(channel.name == settings.channel for channel in self.channels_of(name)):
            self.add_channel(name, settings.channel, private=False, shared=False)

    def _add(self, channel: Channel) -> Channel:
        self.state.channels[channel.id] = channel
        self.changed()
        return channel
