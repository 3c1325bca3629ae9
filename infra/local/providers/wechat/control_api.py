"""The stand-in's control interface under ``/_control/wechat``: playing users, moving the clock, asking for failures."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from infra.local.providers.clock import clock_routes
from infra.local.providers.control import RefusedError, answer, asked, refusals
from infra.local.providers.faults import fault_routes
from infra.local.providers.journal import journal_routes
from infra.local.providers.wechat import actions
from infra.local.providers.wechat.customers import Customers
from infra.local.providers.wechat.qrcode import expired
from infra.local.providers.wechat.service import Service
from infra.local.providers.wechat.state import Customer, Entry


class NewCustomer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``follow``: they follow the account at once, which is pushed as ``subscribe``. ``same_person_as``: the openid
    that they have with another account."""

    name: str
    account: str | None = None
    language: str = "zh_CN"
    follow: bool = False
    same_person_as: str | None = None


class AccountChoice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    account: str | None = None
    echo: str = "5837397576500011341"


class AccountChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an administrator could change in the console while tests run. Not kept over a restart."""

    webhook_url: str | msgspec.UnsetType = msgspec.UNSET
    verified: bool | msgspec.UnsetType = msgspec.UNSET
    open_platform: bool | msgspec.UnsetType = msgspec.UNSET
    allowed_ips: list[str] | msgspec.UnsetType | None = msgspec.UNSET


class WeChatControl:
    """Acts of users answer when the push was answered; with ``?wait=0`` at once, status 202."""

    def __init__(self, service: Service, customers: Customers) -> None:
        self.service = service
        self.customers = customers

    def application(self) -> web.Application:
        application = web.Application(middlewares=[refusals])
        application.add_routes(
            [
                web.get("/users", self.users),
                web.post("/customers", self.create),
                web.get("/customers/{openid}", self.timeline),
                web.post("/customers/{openid}/follow", self.follow),
                web.post("/customers/{openid}/unfollow", self.unfollow),
                web.post("/customers/{openid}/menu", self.click),
                web.post("/customers/{openid}/scan", self.scan),
                web.post("/customers/{openid}/messages", self.write),
                web.get("/media/{media_id}", self.media),
                web.get("/codes", self.codes),
                web.get("/accounts", self.accounts),
                web.post("/accounts/{account}", self.change_account),
                web.post("/verify", self.verify),
                *fault_routes(self.service.faults),
                *journal_routes(self.service.journal),
                *clock_routes(self.service.clock, self.service.move_clock),
            ]
        )
        return application

    async def users(self, request: web.Request) -> web.Response:
        return answer({"items": [self._summary(customer) for customer in self.service.state.customers.values()]})

    async def create(self, request: web.Request) -> web.Response:
        wanted = await asked(request, NewCustomer)
        customer = self.customers.create(wanted.name, wanted.account, wanted.language, wanted.same_person_as)
        if wanted.follow:
            await self.customers.follow(customer, wait=_wait(request))
        return answer(self._summary(customer), 201)

    async def timeline(self, request: web.Request) -> web.Response:
        """``?after=N`` leaves out the entries up to number N."""
        customer = self._customer(request)
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise RefusedError(400, "after is a number")
        return answer({**self._summary(customer), "timeline": customer.timeline[int(after) :]})

    async def follow(self, request: web.Request) -> web.Response:
        return _done(request, await self.customers.follow(self._customer(request), wait=_wait(request)))

    async def unfollow(self, request: web.Request) -> web.Response:
        return _done(request, await self.customers.unfollow(self._customer(request), wait=_wait(request)))

    async def click(self, request: web.Request) -> web.Response:
        click = await asked(request, actions.MenuClick)
        return _done(request, await self.customers.click(self._customer(request), click, wait=_wait(request)))

    async def scan(self, request: web.Request) -> web.Response:
        scan = await asked(request, actions.Scan)
        return _done(request, await self.customers.scan(self._customer(request), scan, wait=_wait(request)))

    async def write(self, request: web.Request) -> web.Response:
        try:
            message = msgspec.json.decode(await request.read(), type=actions.UserMessage)
        except msgspec.DecodeError as error:
            raise RefusedError(400, str(error)) from error
        return _done(request, await self.customers.write(self._customer(request), message, wait=_wait(request)))

    async def media(self, request: web.Request) -> web.Response:
        """A media's bytes, for showing it on the customer's screen."""
        item = self.service.state.media.get(request.match_info["media_id"])
        if item is None:
            raise RefusedError(404, "no such media")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
        data = self.service.media.read(item.media_id)
        return web.Response(body=data, content_type=item.mime_type, headers=headers)

    async def codes(self, request: web.Request) -> web.Response:
        """The QR codes that can be scanned now, the latest first: what a camera could be held at."""
        now = self.service.clock.now()
        tickets = [ticket for ticket in self.service.state.tickets.values() if not expired(ticket, now)]
        return answer(
            {
                "items": [
                    {"account": ticket.account, "scene": ticket.scene, "url": ticket.url}
                    for ticket in reversed(tickets)
                ]
            }
        )

    async def accounts(self, request: web.Request) -> web.Response:
        return answer(
            {
                "items": [
                    {"account": name, "original_id": account.original_id, "mode": account.mode}
                    for name, account in self.service.accounts.items()
                ]
            }
        )

    async def change_account(self, request: web.Request) -> web.Response:
        change = await asked(request, AccountChange)
        name, account = self.service.account(request.match_info["account"])
        for field, value in msgspec.structs.asdict(change).items():
            if value is not msgspec.UNSET:
                setattr(account, field, value)
        return answer({"account": name})

    async def verify(self, request: web.Request) -> web.Response:
        choice = await asked(request, AccountChoice)
        _, account = self.service.account(choice.account)
        if self.customers.delivery is None:
            raise RefusedError(409, "the stand-in is not running")
        return answer(await self.customers.delivery.verify_url(account, choice.echo))

    def _customer(self, request: web.Request) -> Customer:
        return self.service.customer(request.match_info["openid"])

    def _summary(self, customer: Customer) -> dict[str, Any]:
        now = self.service.clock.now()
        summary: dict[str, Any] = msgspec.to_builtins(customer)
        del summary["timeline"]
        return {
            **summary,
            "entries": len(customer.timeline),
            "typing": customer.typing_until > now,
            "windows": {name: window for name, window in customer.windows.items() if window.closes_at > now},
        }


def _wait(request: web.Request) -> bool:
    return request.query.get("wait", "1") != "0"


def _done(request: web.Request, entry: Entry) -> web.Response:
    return answer(entry, 201 if _wait(request) else 202)
