"""The stand-in's API. It refuses what a real helpdesk would: a wrong token (401), an unknown ticket (404), a body of
another type (415), a field that it does not know or that is empty (422), and a status that the ticket has (422)."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web

from infra.local.providers import faults
from infra.local.providers.control import Handler, RefusedError, answer
from infra.local.providers.generic.delivery import Webhooks
from infra.local.providers.generic.service import Service
from infra.local.providers.generic.state import Comment, DeskCustomer, StoredFile, Ticket, TicketStatus
from infra.local.providers.journal import Received

ACCOUNT = web.RequestKey("account", str)


class Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are refused."""


class NewCustomer(Strict, kw_only=True):
    name: str
    external_id: str


class NewTicket(Strict, kw_only=True):
    subject: str
    external_id: str
    customer_id: int | None = None


class NewComment(Strict, kw_only=True):
    body: str
    external_id: str
    author: str
    public: bool = True


class TicketChange(Strict, kw_only=True):
    status: TicketStatus


class GenericApi:
    def __init__(self, service: Service, webhooks: Webhooks) -> None:
        self._service = service
        self._webhooks = webhooks

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._recorded, self._guarded], client_max_size=30 << 20)
        application.add_routes(
            [
                web.get("/me", self._me),
                web.post("/customers", self._add_customer),
                web.get("/customers", self._customers),
                web.post("/tickets", self._add_ticket),
                web.get("/tickets", self._tickets),
                web.get("/tickets/{ticket}", self._show),
                web.put("/tickets/{ticket}", self._change),
                web.post("/tickets/{ticket}/comments", self._add_comment),
                web.get("/tickets/{ticket}/comments", self._comments),
                web.post("/tickets/{ticket}/files", self._add_file),
                web.get("/tickets/{ticket}/files", self._files),
                web.get("/files/{file}", self._file),
            ]
        )
        return application

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # A body of several parts is read by the one who needs it, and once only.
        body = b"" if request.content_type == "multipart/form-data" else await request.read()
        entry = Received(
            at=self._service.clock.now(),
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items() if name != "Authorization"},
            body=body.decode("utf-8", "replace")[:10_000],
        )
        self._service.journal.add(entry)
        fault = self._service.faults.take(request.path)
        response = await faults.played(fault, request, handler, faults.spoiled_answer)
        entry.status = response.status
        return response

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        for name, account in self._service.accounts.items():
            if hmac.compare_digest(given.encode(), f"Bearer {account.token}".encode()):
                request[ACCOUNT] = name
                break
        else:
            return answer({"error": "unknown token"}, 401)
        try:
            return await handler(request)
        except RefusedError as refused:
            return answer({"error": refused.reason}, refused.status)

    async def _me(self, request: web.Request) -> web.Response:
        return answer({"name": request[ACCOUNT]})

    async def _add_customer(self, request: web.Request) -> web.Response:
        wanted = await _read(request, NewCustomer)
        number = self._service.state.next_id()
        customer = DeskCustomer(id=number, account=request[ACCOUNT], name=wanted.name, external_id=wanted.external_id)
        self._service.state.customers[number] = customer
        self._service.changed()
        return answer({"customer": {"id": int(number)}}, 201)

    async def _customers(self, request: web.Request) -> web.Response:
        wanted = request.query.get("external_id")
        found = [each for each in self._service.state.customers.values() if wanted in (None, each.external_id)]
        return answer({"customers": [{"id": int(each.id), "external_id": each.external_id} for each in found]})

    async def _add_ticket(self, request: web.Request) -> web.Response:
        wanted = await _read(request, NewTicket)
        if wanted.customer_id is not None and str(wanted.customer_id) not in self._service.state.customers:
            raise RefusedError(422, "customer_id: no such customer")
        number = self._service.state.next_id()
        ticket = Ticket(
            id=number,
            account=request[ACCOUNT],
            subject=wanted.subject,
            external_id=wanted.external_id,
            customer_id=None if wanted.customer_id is None else str(wanted.customer_id),
        )
        self._service.state.tickets[number] = ticket
        self._service.changed()
        return answer({"ticket": _shown(ticket)}, 201)

    async def _tickets(self, request: web.Request) -> web.Response:
        wanted = request.query.get("external_id")
        found = [each for each in self._service.state.tickets.values() if wanted in (None, each.external_id)]
        return answer({"tickets": [_shown(each) for each in found]})

    async def _show(self, request: web.Request) -> web.Response:
        return answer({"ticket": _shown(self._ticket(request))})

    async def _change(self, request: web.Request) -> web.Response:
        ticket, wanted = self._ticket(request), await _read(request, TicketChange)
        if wanted.status == ticket.status:
            raise RefusedError(422, f"status: the ticket is {ticket.status} already")
        ticket.status = wanted.status
        self._service.changed()
        self._webhooks.tell("ticket.changed", ticket)
        return answer({"ticket": _shown(ticket)})

    async def _add_comment(self, request: web.Request) -> web.Response:
        ticket, wanted = self._ticket(request), await _read(request, NewComment)
        comment = Comment(
            id=self._service.state.next_id(),
            body=wanted.body,
            public=wanted.public,
            author=wanted.author,
            kind="api",
            external_id=wanted.external_id,
        )
        ticket.comments.append(comment)
        self._service.changed()
        # Before the answer: a helpdesk may be heard of by its webhook first.
        self._webhooks.tell("comment.created", ticket, comment)
        return answer({"comment": {"id": int(comment.id)}}, 201)

    async def _comments(self, request: web.Request) -> web.Response:
        found = self._ticket(request).comments
        items: list[dict[str, Any]] = [
            {"id": int(each.id), "external_id": each.external_id, "files": [file.name for file in each.files]}
            for each in found
        ]
        return answer({"comments": items})

    async def _add_file(self, request: web.Request) -> web.Response:
        ticket = self._ticket(request)
        if request.content_type != "multipart/form-data":
            raise RefusedError(415, "send multipart/form-data")
        fields: dict[str, str] = {}
        stored: StoredFile | None = None
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name not in ("file", "comment_id", "external_id"):
                raise RefusedError(422, "the fields are file, comment_id and external_id")
            content = bytes(await part.read())
            if part.name == "file":
                kind = part.headers.get("Content-Type", "application/octet-stream")
                text = base64.b64encode(content).decode()
                number = self._service.state.next_id()
                stored = StoredFile(id=number, name=part.filename or "", type=kind, content=text)
            else:
                fields[part.name] = content.decode()
        comment = next((each for each in ticket.comments if each.id == fields.get("comment_id")), None)
        if stored is None or not stored.name or comment is None:
            raise RefusedError(422, "a file has a name, and belongs to a comment")
        stored.external_id = fields.get("external_id")
        comment.files.append(stored)
        self._service.changed()
        return answer({"file": {"id": int(stored.id)}}, 201)

    async def _files(self, request: web.Request) -> web.Response:
        found = [file for comment in self._ticket(request).comments for file in comment.files]
        return answer({"files": [{"id": int(each.id), "external_id": each.external_id} for each in found]})

    async def _file(self, request: web.Request) -> web.Response:
        for ticket in self._service.state.tickets.values():
            for each in (file for comment in ticket.comments for file in comment.files):
                if each.id == request.match_info["file"]:
                    return web.Response(body=base64.b64decode(each.content), content_type=each.type)
        raise RefusedError(404, "no such file")

    def _ticket(self, request: web.Request) -> Ticket:
        return self._service.ticket(request.match_info["ticket"])


async def _read[Value](request: web.Request, kind: type[Value]) -> Value:
    """Raises RefusedError(415, 422)."""
    if request.content_type != "application/json":
        raise RefusedError(415, "send application/json")
    try:
        value = msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise RefusedError(422, str(error)) from error
    if any(getattr(value, name) == "" for name in kind.__annotations__):
        raise RefusedError(422, "a field is empty")
    return value


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {"id": int(ticket.id), "status": ticket.status, "external_id": ticket.external_id}
