"""WeChat users and what they do: each act is noted on their own screen and pushed to the account's server."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

import msgspec

from infra.local.providers.control import RefusedError
from infra.local.providers.wechat import actions, media, qrcode, samples
from infra.local.providers.wechat.delivery import UNAVAILABLE, Delivery
from infra.local.providers.wechat.pushes import Fields
from infra.local.providers.wechat.service import Service
from infra.local.providers.wechat.state import Customer, Direction, Entry, new_openid
from infra.local.providers.wechat.window import Opening, open_window


class Act(msgspec.Struct, kw_only=True):
    """One act: how the user's screen shows it, the push it causes, and the send window it opens."""

    direction: Direction
    kind: str
    fields: Fields
    content: dict[str, Any] = {}
    opening: Opening | None = None
    copies: int = 1
    clock_skew: float = 0.0


class Customers:
    """Acts of users. Each returns the timeline entry; ``wait`` false returns before the push is answered."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.delivery: Delivery | None = None
        self.under_way: set[asyncio.Task[None]] = set()

    def create(self, name: str, account_name: str | None, language: str, same_person_as: str | None = None) -> Customer:
        """A new user of an account; ``same_person_as`` is the openid that they have with another account.

        Raises RefusedError: 404 when there is no such account or user, 409 when they are a user of this account
        already.
        """
        account, settings = self.service.account(account_name)
        customer = Customer(
            openid=new_openid(settings.app_id),
            account=account,
            name=name,
            created_at=self.service.wall_clock(),
            language=language,
        )
        if same_person_as is not None:
            customer.person = self._person_new_to(account, same_person_as)
        self.service.state.customers[customer.openid] = customer
        self.service.changed()
        return customer

    async def follow(self, customer: Customer, *, wait: bool = True) -> Entry:
        if customer.relation == "following":
            raise RefusedError(409, "follows already")
        return await self._follow(customer, actions.event("subscribe", EventKey=""), {}, wait=wait)

    async def unfollow(self, customer: Customer, *, wait: bool = True) -> Entry:
        _require_follower(customer)
        customer.relation = "left"
        customer.windows.clear()
        act = Act(direction="event", kind="unsubscribe", fields=actions.event("unsubscribe", EventKey=""))
        return await self._do(customer, act, wait=wait)

    async def click(self, customer: Customer, click: actions.MenuClick, *, wait: bool = True) -> Entry:
        _require_follower(customer)
        act = Act(
            direction="event",
            kind="menu",
            content={"event": click.event, "key": click.key},
            fields=actions.event(click.event, EventKey=click.key),
            opening="menu_click" if click.event.lower() in actions.CLICKS_THAT_OPEN else None,
        )
        return await self._do(customer, act, wait=wait)

    async def scan(self, customer: Customer, scan: actions.Scan, *, wait: bool = True) -> Entry:
        """A follower's scan is an event SCAN; anybody else follows by scanning, and the scene comes along."""
        scene, ticket = self._scanned(customer, scan)
        content = {"scene": scene}
        if customer.relation == "following":
            fields = actions.event("SCAN", EventKey=scene, Ticket=ticket)
            act = Act(direction="event", kind="scan", content=content, fields=fields, opening="scan")
            return await self._do(customer, act, wait=wait)
        customer.scene = scene
        fields = actions.event("subscribe", EventKey=f"qrscene_{scene}", Ticket=ticket)
        return await self._follow(customer, fields, content, wait=wait)

    async def write(self, customer: Customer, message: actions.UserMessage, *, wait: bool = True) -> Entry:
        if customer.relation == "left":
            raise RefusedError(409, "does not follow any more")
        opening: Opening | None = "message"
        match message:
            case actions.Raw():
                fields: Fields = message.fields
                content: dict[str, Any] = {"fields": message.fields}
                opening = None if str(message.fields.get("MsgType", "")).lower() == "event" else "message"
            case actions.Image() | actions.Voice() | actions.Video():
                fields, content = self._with_media(customer.account, message)
            case _:
                fields, content = actions.written(message)
        if opening is not None and "MsgId" not in fields:
            fields = {**fields, "MsgId": self.service.next_msg_id()}
        act = Act(
            direction="sent",
            kind=str(message.__struct_config__.tag),
            content=content,
            fields=fields,
            opening=opening,
            copies=message.copies,
            clock_skew=message.clock_skew,
        )
        return await self._do(customer, act, wait=wait)

    async def _follow(self, customer: Customer, fields: Fields, content: dict[str, Any], *, wait: bool) -> Entry:
        customer.relation = "following"
        customer.subscribed_at = self.service.wall_clock()
        act = Act(direction="event", kind="subscribe", content=content, fields=fields, opening="follow")
        return await self._do(customer, act, wait=wait)

    def _person_new_to(self, account: str, openid: str) -> str:
        person = self.service.customer(openid).person
        known = {(each.account, each.person) for each in self.service.state.customers.values()}
        if (account, person) in known:
            raise RefusedError(409, "is a user of this account already")
        return person

    def _scanned(self, customer: Customer, scan: actions.Scan) -> tuple[str, str]:
        """Scene and ticket of the code."""
        given = [value for value in (scan.ticket, scan.url, scan.scene) if value]
        if len(given) != 1:
            raise RefusedError(400, "one of ticket, url and scene")
        if scan.scene:
            return scan.scene, f"gQ{secrets.token_urlsafe(60)}=="
        state = self.service.state
        ticket = state.tickets.get(scan.ticket) if scan.ticket else qrcode.by_address(state, given[0])
        if ticket is None or ticket.account != customer.account:
            raise RefusedError(404, "no such QR code of this account")
        if qrcode.expired(ticket, self.service.clock.now()):
            raise RefusedError(409, "the QR code has expired")
        return ticket.scene, ticket.ticket

    def _with_media(
        self, account: str, message: actions.Image | actions.Voice | actions.Video
    ) -> tuple[Fields, dict[str, Any]]:
        match message:
            case actions.Image():
                media_id = self._keep(account, "image", message.filename, message.data or samples.png())
                picture = f"{self.service.public_url}/files/{media_id}"
                return {"MsgType": "image", "PicUrl": picture, "MediaId": media_id}, {"media_id": media_id}
            case actions.Voice():
                media_id = self._keep(account, "voice", f"voice.{message.format}", message.data or samples.amr())
                heard: dict[str, str] = {} if message.recognition is None else {"Recognition": message.recognition}
                content = {"media_id": media_id, "recognition": message.recognition}
                return {"MsgType": "voice", "MediaId": media_id, "Format": message.format, **heard}, content
            case actions.Video():
                kind = "shortvideo" if message.short else "video"
                media_id = self._keep(account, "video", "video.mp4", message.data or samples.MP4)
                thumb_id = self._keep(account, "thumb", "thumb.png", samples.png())
                return {"MsgType": kind, "MediaId": media_id, "ThumbMediaId": thumb_id}, {"media_id": media_id}

    def _keep(self, account: str, kind: str, filename: str, data: bytes) -> str:
        """A user's own media: the app sends what it made itself, so nothing is refused here."""
        mime_type = media.sniff(data) or "application/octet-stream"
        item = self.service.keep_media(data, account=account, kind=kind, filename=filename, mime_type=mime_type)
        return item.media_id

    async def _do(self, customer: Customer, act: Act, *, wait: bool) -> Entry:
        now = self.service.wall_clock()
        entry = customer.add(now, act.direction, act.kind, act.content, state="sending")
        if act.opening is not None:
            open_window(customer, act.opening, self.service.clock.now())
        _, settings = self.service.account(customer.account)
        head: Fields = {
            "ToUserName": settings.original_id,
            "FromUserName": customer.openid,
            "CreateTime": int(now),
        }
        act.fields = {**head, **act.fields}
        push = self._push(customer, act, entry)
        self.service.changed()
        if wait:
            await push
        else:
            self._in_background(push)
        return entry

    async def _push(self, customer: Customer, act: Act, entry: Entry) -> None:
        if self.delivery is None:
            raise RuntimeError("the stand-in is not running")
        _, settings = self.service.account(customer.account)
        refused = False
        for _copy in range(act.copies):
            attempts = await self.delivery.deliver(settings, customer.openid, act.fields, clock_skew=act.clock_skew)
            entry.attempts += [msgspec.to_builtins(attempt) for attempt in attempts]
            refused = refused or not attempts[-1].accepted
        entry.state = "failed" if refused else "delivered"
        if refused:
            customer.add(self.service.wall_clock(), "notice", "notice", {"text": UNAVAILABLE})
        self.service.changed()

    def _in_background(self, push: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(push)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)


def _require_follower(customer: Customer) -> None:
    if customer.relation != "following":
        raise RefusedError(409, "does not follow")
