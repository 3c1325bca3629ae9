"""What people do in Slack's apps, as the control interface names it."""

from __future__ import annotations

import asyncio
import mimetypes
import time
import uuid

import msgspec

from infra.local.providers.control import RefusedError
from infra.local.providers.slack import forms
from infra.local.providers.slack.delivery import FORM, Sent
from infra.local.providers.slack.events import Events
from infra.local.providers.slack.messages import Messages, Tasks
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, FileItem, Message, User, new_id
from infra.local.providers.slack.wording import markup, rich_text


class NewFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``data`` in base64."""

    name: str
    data: bytes
    title: str | None = None


class Write(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``text`` is what is typed: ``@name`` mentions; with ``verbatim`` it is Slack's own form (``&lt;``, ``<@U1>``).

    No ``channel``: the direct messages with the app. ``broadcast`` shows a reply in the channel too.
    """

    user: str
    text: str = ""
    channel: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    me: bool = False
    verbatim: bool = False
    files: list[NewFile] = []


class Edit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    user: str
    channel: str
    ts: str
    text: str
    verbatim: bool = False


class Choice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One message."""

    channel: str
    ts: str
    user: str = ""


class Reaction(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    user: str
    channel: str
    ts: str
    name: str
    added: bool = True


class Tap(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``value``: the option chosen from a menu. No ``block_id``: the first element with the action_id."""

    user: str
    channel: str
    ts: str
    action_id: str
    block_id: str | None = None
    value: str | None = None


class Command(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    user: str
    text: str = ""
    channel: str | None = None
    command: str | None = None


class Acts:
    """Each act returns the deliveries it causes, which are under way."""

    def __init__(self, service: Service, events: Events, messages: Messages) -> None:
        self.service = service
        self.events = events
        self.messages = messages

    def write(self, act: Write) -> tuple[Channel, Message, Tasks]:
        user, channel = self._place(act.user, act.channel)
        if not act.text and not act.files:
            raise RefusedError(400, "text or files")
        if act.thread_ts is not None and channel.find(act.thread_ts) is None:
            raise RefusedError(404, f"no message {act.thread_ts}")
        text = act.text if act.verbatim else markup(act.text, self._names(channel))
        message = Message(
            ts=self.service.next_ts(),
            user=user.id,
            team_id=user.team_id,
            text=text,
            client_msg_id=str(uuid.uuid4()),
            blocks=rich_text(text),
            files=[self._keep(user, file).id for file in act.files],
            thread_ts=act.thread_ts,
            subtype=_subtype(act),
        )
        tasks = self.messages.post(channel, message)
        self._watch(message, tasks)
        return channel, message, tasks

    def edit(self, act: Edit) -> tuple[Channel, Message, Tasks]:
        channel, message = self._own(act.user, act.channel, act.ts)
        text = act.text if act.verbatim else markup(act.text, self._names(channel))
        return (
            channel,
            message,
            self.messages.edit(channel, message, act.user, {"text": text, "blocks": rich_text(text)}),
        )

    def delete(self, act: Choice) -> tuple[Channel, Message, Tasks]:
        channel, message = self._own(act.user, act.channel, act.ts)
        return channel, message, self.messages.delete(channel, message)

    def unfurl(self, act: Choice) -> tuple[Channel, Message, Tasks]:
        channel, message = self._found(act.channel, act.ts)
        preview = {"id": 1, "from_url": "https://example.com/", "title": "Example Domain", "fallback": "Example Domain"}
        return channel, message, self.messages.unfurl(channel, message, preview)

    def react(self, act: Reaction) -> tuple[Channel, Message, Tasks]:
        user, channel = self._place(act.user, act.channel)
        _, message = self._found(channel.id, act.ts)
        return channel, message, self.messages.react(channel, message, user.id, act.name, added=act.added)

    def tap(self, act: Tap) -> tuple[Channel, Message, Tasks]:
        user, channel = self._place(act.user, act.channel)
        _, message = self._found(channel.id, act.ts)
        chosen = forms.chosen(message, act.action_id, act.block_id, act.value)
        form = forms.tap(self.service, user, channel, message, chosen)
        return channel, message, [self._post_form(channel, "block_actions", form)]

    def command(self, act: Command) -> Tasks:
        user, channel = self._place(act.user, act.channel)
        name = act.command or self.service.accounts[channel.account].command
        return [self._post_form(channel, "command", forms.command(self.service, user, channel, name, act.text))]

    def _post_form(self, channel: Channel, kind: str, form: bytes) -> asyncio.Task[Sent]:
        if self.events.delivery is None:
            raise RuntimeError("the stand-in is not running")
        sent = self.events.delivery.noted(channel.account, kind, form, FORM)
        settings = self.service.accounts[channel.account]
        return self.events.started(self.events.delivery.deliver(settings, sent, retried=False))

    def _place(self, user_id: str, channel_id: str | None) -> tuple[User, Channel]:
        user = self.service.user(user_id)
        if user.deleted:
            raise RefusedError(409, f"{user.real_name} is deactivated")
        if channel_id is None:
            return user, self.service.direct(user.account, user.id)
        channel = self.service.channel(channel_id)
        if user.id not in channel.members:
            raise RefusedError(409, f"{user.real_name} is not in this channel")
        if channel.archived:
            raise RefusedError(409, "the channel is archived")
        return user, channel

    def _found(self, channel_id: str, ts: str) -> tuple[Channel, Message]:
        channel = self.service.channel(channel_id)
        message = channel.find(ts)
        if message is None:
            raise RefusedError(404, f"no message {ts}")
        return channel, message

    def _own(self, user_id: str, channel_id: str, ts: str) -> tuple[Channel, Message]:
        channel, message = self._found(channel_id, ts)
        if message.user != user_id:
            raise RefusedError(409, "only your own messages")
        return channel, message

    def _names(self, channel: Channel) -> dict[str, str]:
        people = [self.service.state.users[member] for member in channel.members]
        return {name: user.id for user in people for name in (user.name, user.real_name)}

    def _keep(self, user: User, file: NewFile) -> FileItem:
        item = FileItem(
            id=new_id("F"),
            account=user.account,
            user=user.id,
            team_id=user.team_id,
            name=file.name,
            title=file.title or file.name,
            mime_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
            size=len(file.data),
            created=int(time.time()),
            shared=True,
        )
        return self.service.keep_file(file.data, item)

    def _watch(self, message: Message, tasks: Tasks) -> None:
        """Notes on the message whether our server took all of it."""

        def settled(task: asyncio.Task[Sent]) -> None:
            if message.state != "failed" and all(one.done() for one in tasks):
                message.state = "delivered"
            if task.cancelled() or not task.result().accepted:
                message.state = "failed"
            self.service.changed()

        message.state = "sending" if tasks else "delivered"
        for task in tasks:
            task.add_done_callback(settled)


def _subtype(act: Write) -> str | None:
    if act.files:
        return "file_share"
    if act.me:
        return "me_message"
    return "thread_broadcast" if act.broadcast and act.thread_ts else None
