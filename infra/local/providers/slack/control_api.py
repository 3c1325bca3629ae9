"""The stand-in's control interface, under ``/_control/slack``: play people, look at the app's calls, cause trouble.

Acts wait until the app's server answered; with ``?wait=0`` they return at once (202).
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Literal

import msgspec
from aiohttp import web

from infra.local.providers.control import RefusedError, answer, asked, refusals
from infra.local.providers.faults import Fault
from infra.local.providers.slack.acts import Acts, Choice, Command, Edit, Reaction, Tap, Write
from infra.local.providers.slack.delivery import Attempt, Delivery, Sent, Signing
from infra.local.providers.slack.events import VERIFICATION_WORD, Events
from infra.local.providers.slack.limits import Buckets
from infra.local.providers.slack.messages import Tasks
from infra.local.providers.slack.objects import message_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, Message, Standing


class NewUser(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``organisation``: the name of another company, whose people are met in shared channels only."""

    name: str
    account: str | None = None
    role: Literal["customer", "staff"] = "customer"
    organisation: str | None = None


class UserChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    deleted: bool


class NewChannel(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    account: str | None = None
    private: bool = False
    shared: bool = False
    with_app: bool = True


class ChannelChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    archived: bool | None = None
    with_app: bool | None = None
    add: list[str] = []


class DirectChoice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    user: str


class RawEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``changes`` replace fields of the envelope."""

    event: dict[str, Any]
    account: str | None = None
    shared: bool = False
    changes: dict[str, Any] = {}


class Forging(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How one post differs from an honest one; ``clock_skew`` (seconds) makes it stale."""

    signing: Signing = "good"
    clock_skew: float = 0.0
    headers: dict[str, str] = {}


class RawPost(Forging, kw_only=True, forbid_unknown_fields=True):
    body: str
    account: str | None = None
    content_type: str = "application/json"


class AccountChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    scopes: list[str] | None = None
    events: list[str] | None = None
    standing: Standing | None = None


class AccountChoice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    account: str | None = None


class SlackFault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """As ``Fault``, with Slack's ``error`` word, and ``retry_after`` (seconds) for a 429."""

    path: str
    times: int = 1
    when: Literal["before", "after"] = "before"
    error: str | None = None
    retry_after: int | None = None
    http_status: int | None = None
    headers: dict[str, str] = {}
    hang_seconds: float = 0.0
    garbage: str | bool = False
    redirect: str | None = None

    def fault(self) -> Fault:
        """Raises ValueError."""
        error, status, headers = self.error, self.http_status, self.headers
        if self.retry_after is not None:
            error, status = error or "ratelimited", status or 429
            headers = {**headers, "Retry-After": str(self.retry_after)}
        return Fault(
            path=self.path,
            times=self.times,
            when=self.when,
            errcode=None if error is None else 0,
            errmsg=error,
            http_status=status,
            headers=headers,
            hang_seconds=self.hang_seconds,
            garbage=self.garbage,
            redirect=self.redirect,
        )


class ClockSetting(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    offset_seconds: float | None = None
    advance_seconds: float = 0.0


class Behaviour(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    rate_limits: bool | None = None
    answer_seconds: float | None = None
    retry_seconds: list[float] | None = None


class SlackControl:
    def __init__(self, service: Service, events: Events, acts: Acts, buckets: Buckets) -> None:
        self.service = service
        self.events = events
        self.acts = acts
        self.buckets = buckets

    def application(self) -> web.Application:
        application = web.Application(middlewares=[refusals])
        application.add_routes(
            [
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
                web.post("/events", self.event),
                web.post("/posts", self.post),
                web.get("/deliveries", self.deliveries),
                web.delete("/deliveries", self.forget_deliveries),
                web.post("/deliveries/{id}", self.redeliver),
                web.post("/verify", self.verify),
                web.post("/accounts/{account}", self.change_account),
                web.post("/fail", self.fail),
                web.delete("/fail", self.recover),
                web.get("/requests", self.requests),
                web.delete("/requests", self.forget_requests),
                web.get("/clock", self.clock),
                web.post("/clock", self.set_clock),
                web.post("/behaviour", self.behave),
            ]
        )
        return application

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
        return await self._settled(request, {}, self.acts.command(await asked(request, Command)))

    async def event(self, request: web.Request) -> web.Response:
        raw = await asked(request, RawEvent)
        account, _ = self.service.account(raw.account)
        return await self._settled(request, {}, [self.events.raw(account, raw.event, raw.changes, shared=raw.shared)])

    async def post(self, request: web.Request) -> web.Response:
        """Any body at all, to the app's server."""
        wanted = await asked(request, RawPost)
        account, _ = self.service.account(wanted.account)
        sent = self._delivery().noted(account, "raw", wanted.body.encode(), wanted.content_type)
        return answer(await self._again(sent, wanted), 201)

    async def deliveries(self, request: web.Request) -> web.Response:
        kind = request.query.get("kind")
        return answer({"items": [sent for sent in self._delivery().sent if kind in (None, sent.kind)]})

    async def forget_deliveries(self, request: web.Request) -> web.Response:
        self._delivery().sent.clear()
        return answer({})

    async def redeliver(self, request: web.Request) -> web.Response:
        """The same body once more: with the same event_id, signed anew, or wrongly."""
        forging = await asked(request, Forging)
        for sent in self._delivery().sent:
            if sent.id == request.match_info["id"]:
                return answer(await self._again(sent, forging), 201)
        raise RefusedError(404, "no such delivery")

    async def _again(self, sent: Sent, forging: Forging) -> Attempt:
        attempt, _ = await self._delivery().post(
            self.service.accounts[sent.account],
            sent.body.encode(),
            sent.content_type,
            forging.headers,
            signing=forging.signing,
            clock_skew=forging.clock_skew,
        )
        sent.attempts.append(attempt)
        sent.accepted = sent.accepted or attempt.accepted
        sent.done = True
        return attempt

    async def verify(self, request: web.Request) -> web.Response:
        """What the app's page does when the request URL is entered: the answer must hold the challenge."""
        choice = await asked(request, AccountChoice)
        _, settings = self.service.account(choice.account)
        challenge = secrets.token_urlsafe(36)
        body = {"token": VERIFICATION_WORD, "challenge": challenge, "type": "url_verification"}
        attempt, _ = await self._delivery().post(settings, msgspec.json.encode(body), "application/json", {})
        attempt.accepted = attempt.accepted and _challenge(attempt.answer) == challenge
        return answer(attempt)

    async def change_account(self, request: web.Request) -> web.Response:
        """New scopes or subscriptions, or the end of the installation."""
        change = await asked(request, AccountChange)
        name, settings = self.service.account(request.match_info["account"])
        settings.scopes = settings.scopes if change.scopes is None else change.scopes
        settings.events = settings.events if change.events is None else change.events
        if change.standing is not None:
            self.service.state.standing[name] = change.standing
            self.service.changed()
        return answer({"account": name})

    async def fail(self, request: web.Request) -> web.Response:
        wanted = await asked(request, SlackFault)
        try:
            self.service.faults.plan(wanted.fault())
        except ValueError as error:
            raise RefusedError(400, str(error)) from error
        return answer(wanted, 201)

    async def recover(self, request: web.Request) -> web.Response:
        self.service.faults.clear()
        return answer({})

    async def requests(self, request: web.Request) -> web.Response:
        return answer({"items": self.service.journal.find(request.query.get("path", ""))})

    async def forget_requests(self, request: web.Request) -> web.Response:
        self.service.journal.clear()
        return answer({})

    async def clock(self, request: web.Request) -> web.Response:
        return answer({"offset_seconds": self.service.clock.offset, "now": self.service.clock.now()})

    async def set_clock(self, request: web.Request) -> web.Response:
        """Only rate limits follow this clock."""
        setting = await asked(request, ClockSetting)
        start = self.service.clock.offset if setting.offset_seconds is None else setting.offset_seconds
        self.service.move_clock(start + setting.advance_seconds)
        return await self.clock(request)

    async def behave(self, request: web.Request) -> web.Response:
        """Rate limits on or off; how long a webhook has, and the waits between the tries of an event."""
        wanted = await asked(request, Behaviour)
        delivery = self._delivery()
        if wanted.rate_limits is not None:
            self.service.state.rate_limits = wanted.rate_limits
            self.buckets.clear()
        if wanted.answer_seconds is not None:
            delivery.answer_seconds = wanted.answer_seconds
        if wanted.retry_seconds is not None:
            delivery.retry_seconds = tuple(wanted.retry_seconds)
        self.service.changed()
        return answer(
            {
                "rate_limits": self.service.state.rate_limits,
                "answer_seconds": delivery.answer_seconds,
                "retry_seconds": delivery.retry_seconds,
            }
        )

    def _delivery(self) -> Delivery:
        if self.events.delivery is None:
            raise RefusedError(409, "the stand-in is not running")
        return self.events.delivery

    def _channel(self, request: web.Request) -> Channel:
        return self.service.channel(request.match_info["channel"])

    def _summary(self, channel: Channel) -> dict[str, Any]:
        summary: dict[str, Any] = msgspec.to_builtins(channel)
        summary["messages"] = len(channel.messages)
        return summary

    async def _acted(self, request: web.Request, channel: Channel, message: Message, tasks: Tasks) -> web.Response:
        result = {"channel": channel.id, "ts": message.ts}
        return await self._settled(request, result, tasks)

    async def _settled(self, request: web.Request, result: dict[str, Any], tasks: Tasks) -> web.Response:
        if request.query.get("wait", "1") == "0":
            return answer(result, 202)
        return answer({**result, "deliveries": await asyncio.gather(*tasks)}, 201)


def _challenge(text: str) -> str:
    """The challenge in an answer: as text, as a form or as JSON."""
    try:
        document = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return text.strip().removeprefix("challenge=")
    return str(document.get("challenge"))
