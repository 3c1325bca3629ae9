"""The stand-in's control interface under ``/_control/email``: mailboxes, customers' mail, and failures on demand."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict

from infra.local.providers.control import RefusedError, answer, asked, refusals
from infra.local.providers.email import reading, reports
from infra.local.providers.email.console import Console
from infra.local.providers.email.handing_over import HandOverError, hand_over
from infra.local.providers.email.outbox import Outbox
from infra.local.providers.email.service import SMTP_HOST, Service
from infra.local.providers.email.state import Kept, received_id
from infra.local.providers.email.writing import Writing, compose

HTML_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""For the HTML of a mail: nothing runs, nothing is loaded, and only our own page may frame it."""
PRIVATE = {"X-Content-Type-Options": "nosniff", hdrs.CACHE_CONTROL: "no-store"}


class Bounce(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``recipient``: all of the mail's when it is not named. ``status`` and ``diagnostic`` have fitting defaults."""

    recipient: str | None = None
    type: reports.BounceType = "Permanent"
    subtype: str = "General"
    status: str | None = None
    diagnostic: str | None = None


class Complaint(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    recipient: str | None = None


class EmailControl:
    """``POST /messages`` answers when the listener has taken the mail."""

    def __init__(self, service: Service, outbox: Outbox) -> None:
        self.service = service
        self.outbox = outbox

    def application(self) -> web.Application:
        application = web.Application(middlewares=[refusals])
        application.add_routes(
            [
                web.get("/settings", self.settings),
                web.get("/mailboxes", self.mailboxes),
                web.get("/mailboxes/{address}", self.mailbox),
                web.delete("/mailboxes/{address}", self.clear_mailbox),
                web.post("/messages", self.write),
                web.delete("/messages", self.clear),
                web.get("/messages/{id}", self.message),
                web.get("/messages/{id}/raw", self.raw),
                web.get("/messages/{id}/html", self.html),
                web.get("/messages/{id}/attachments/{index}", self.attachment),
                web.post("/messages/{id}/bounce", self.bounce),
                web.post("/messages/{id}/complaint", self.complain),
                *Console(self.service).routes(),
            ]
        )
        return application

    async def settings(self, request: web.Request) -> web.Response:
        return answer(
            {
                "smtp": {"host": SMTP_HOST, "port": self.service.smtp_port},
                "accounts": {name: msgspec.to_builtins(one) for name, one in self.service.accounts.items()},
            }
        )

    async def mailboxes(self, request: web.Request) -> web.Response:
        counts: dict[str, int] = {}
        for mail in self.service.state.mails.values():
            for address in mail.mailboxes:
                counts[address] = counts.get(address, 0) + 1
        return answer({"items": [{"address": address, "messages": count} for address, count in counts.items()]})

    async def mailbox(self, request: web.Request) -> web.Response:
        """What lies in the mailbox, the oldest first, without the texts."""
        mails = self.service.mailbox(request.match_info["address"])
        return answer({"items": [_summary(mail) for mail in mails]})

    async def clear_mailbox(self, request: web.Request) -> web.Response:
        for mail in self.service.mailbox(request.match_info["address"]):
            mail.mailboxes.remove(request.match_info["address"].lower())
            if not mail.mailboxes:
                del self.service.state.mails[mail.id]
                self.service.folder.remove(mail.id)
        self.service.changed()
        return answer({})

    async def clear(self, request: web.Request) -> web.Response:
        self.service.state.mails.clear()
        self.service.folder.clear()
        self.service.changed()
        return answer({})

    async def write(self, request: web.Request) -> web.Response:
        writing = await asked(request, Writing)
        original = writing.in_reply_to_message
        answered = None if original is None else self.service.folder.read(self.service.mail(original).id)
        default = next((account.address for account in self.service.accounts.values()), "")
        try:
            written = compose(writing, answered, self.service.now(), default)
        except ValueError as error:
            raise RefusedError(400, str(error)) from error
        try:
            received = await hand_over(self.service.smtp_port, written.sender, written.recipients, written.raw)
        except HandOverError as error:
            raise RefusedError(409, str(error)) from error
        mail = Kept(
            id=received_id(),
            at=self.service.now(),
            direction="sent",
            mailboxes=[parseaddr(writing.author)[1].lower()],
            sender=written.sender,
            recipients=written.recipients,
            size=len(written.raw),
        )
        self.service.keep(mail, written.raw)
        return answer({**_summary(mail), "received_id": received}, 201)

    async def message(self, request: web.Request) -> web.Response:
        mail = self._mail(request)
        opened = reading.open_mail(self.service.folder.read(mail.id))
        return answer({**_summary(mail), **msgspec.to_builtins(opened)})

    async def raw(self, request: web.Request) -> web.Response:
        mail = self._mail(request)
        headers = {**PRIVATE, hdrs.CONTENT_DISPOSITION: f'attachment; filename="{mail.id}.eml"'}
        data = self.service.folder.read(mail.id)
        return web.Response(body=data, content_type="message/rfc822", headers=headers)

    async def html(self, request: web.Request) -> web.Response:
        """The mail's HTML as a page of its own, for a frame."""
        markup = reading.html_with_pictures(self.service.folder.read(self._mail(request).id))
        if markup is None:
            raise RefusedError(404, "this mail has no HTML")
        headers = {**PRIVATE, "Content-Security-Policy": HTML_POLICY, "Referrer-Policy": "no-referrer"}
        return web.Response(text=markup, content_type="text/html", charset="utf-8", headers=headers)

    async def attachment(self, request: web.Request) -> web.Response:
        index = request.match_info["index"]
        raw = self.service.folder.read(self._mail(request).id)
        found = reading.attachment(raw, int(index)) if index.isdecimal() else None
        if found is None:
            raise RefusedError(404, "no such attachment")
        # Never shown in place: what customers and agents attach may be a page.
        headers = CIMultiDict({**PRIVATE, hdrs.CONTENT_DISPOSITION: "attachment"})
        return web.Response(body=found[1], content_type="application/octet-stream", headers=headers)

    async def bounce(self, request: web.Request) -> web.Response:
        wanted, mail = await asked(request, Bounce), self._reported(request)
        events = [
            reports.bounce(
                mail.report,
                recipient,
                self.service.now(),
                kind=wanted.type,
                subtype=wanted.subtype,
                status=wanted.status,
                diagnostic=wanted.diagnostic,
            )
            for recipient in _recipients(mail, wanted.recipient)
        ]
        return await self._report(events)

    async def complain(self, request: web.Request) -> web.Response:
        wanted, mail = await asked(request, Complaint), self._reported(request)
        recipients = _recipients(mail, wanted.recipient)
        return await self._report([reports.complaint(mail.report, one, self.service.now()) for one in recipients])

    def _mail(self, request: web.Request) -> Kept:
        return self.service.mail(request.match_info["id"])

    def _reported(self, request: web.Request) -> Kept:
        mail = self._mail(request)
        if mail.configuration_set is None:
            raise RefusedError(409, "nothing is reported about this mail")
        return mail

    async def _report(self, events: list[dict[str, Any]]) -> web.Response:
        for event in events:
            await self.outbox.report(event)
        return answer({"items": events}, 201)


def _summary(mail: Kept) -> dict[str, Any]:
    return {
        "id": mail.id,
        "at": mail.at,
        "direction": mail.direction,
        "mailboxes": mail.mailboxes,
        "sender": mail.sender,
        "recipients": mail.recipients,
        "size": mail.size,
        **mail.shown,
    }


def _recipients(mail: Kept, wanted: str | None) -> list[str]:
    if wanted is None:
        return mail.recipients
    if wanted not in mail.recipients:
        raise RefusedError(404, f"the mail did not go to {wanted}")
    return [wanted]
