"""Zendesk's tickets: ``/tickets``, with their audits, and ``/uploads``.

Sources: developer.zendesk.com/api-reference/ticketing/tickets/tickets, .../ticket_audits and .../ticket-attachments;
developer.zendesk.com/api-reference/ticketing/introduction ("Idempotency").
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, cast, get_args

from aiohttp import web

from infra.local.providers.control import answer
from infra.local.providers.zendesk.access import caller_of
from infra.local.providers.zendesk.changes import Changes
from infra.local.providers.zendesk.errors import ApiError, invalid, not_found
from infra.local.providers.zendesk.parameters import Given, given, within
from infra.local.providers.zendesk.payloads import attachment_object, audit_object, ticket_object
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.state import Comment, Made, Ticket, TicketStatus, Upload, User

FIELDS = "comment status tags metadata external_id subject"
NEW_FIELDS = f"{FIELDS} requester_id via_followup_source_id brand_id group_id"
COMMENT_FIELDS = "body html_body public author_id uploads"
KEY_SECONDS = 7200.0
LARGEST_FILE = 50 << 20
PAGE = 100


class TicketsApi:
    def __init__(self, service: Service, changes: Changes) -> None:
        self._service = service
        self._changes = changes

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/tickets.json", self.index),
            web.post("/tickets.json", self.create),
            web.get("/tickets/{ticket}.json", self.show),
            web.put("/tickets/{ticket}.json", self.update),
            web.get("/tickets/{ticket}/audits.json", self.audits),
            web.post("/uploads.json", self.upload),
        ]

    async def index(self, request: web.Request) -> web.Response:
        account, external = caller_of(request).account, request.query.get("external_id")
        found = [
            ticket_object(self._service, each)
            for each in self._service.state.tickets.values()
            if each.account == account and not each.deleted and external in (None, each.external_id)
        ]
        return answer({"tickets": found[:PAGE], "count": len(found), "next_page": None})

    async def create(self, request: web.Request) -> web.Response:
        caller, fields = caller_of(request), await given(request, "ticket", NEW_FIELDS)
        key, digest = request.headers.get("Idempotency-Key"), hashlib.sha256(await request.read()).hexdigest()
        made = self._made_before(key, digest)
        if made is not None:
            return self._shown(made, made.audits[0].id, 201, {"x-idempotency-lookup": "hit"})
        requester = self._person(caller.account, fields.number("requester_id"), "requester") or caller.user
        comment = self._comment(caller.user, requester, fields)
        if comment is None:
            raise invalid("base", "Description: cannot be blank")
        ticket = Ticket(
            id=self._service.state.next_id(),
            account=caller.account,
            subject=fields.text("subject") or "",
            requester_id=requester.id,
            status=_status(fields) or "new",
            external_id=fields.text("external_id"),
            tags=fields.texts("tags"),
            followup_of=self._source(caller.account, fields.number("via_followup_source_id")),
        )
        audit = self._changes.create(ticket, comment, caller.user, fields.table("metadata"))
        if key is not None:
            now = self._service.clock.now()
            self._service.state.made[key] = Made(digest=digest, ticket_id=ticket.id, at=now)
        return self._shown(ticket, audit.id, 201, {} if key is None else {"x-idempotency-lookup": "miss"})

    async def show(self, request: web.Request) -> web.Response:
        return answer({"ticket": ticket_object(self._service, self._named(request))})

    async def update(self, request: web.Request) -> web.Response:
        caller, ticket, fields = caller_of(request), self._named(request), await given(request, "ticket", FIELDS)
        requester = self._service.state.users[str(ticket.requester_id)]
        comment = self._comment(caller.user, requester, fields)
        audit = self._changes.change(ticket, _status(fields), comment, caller.user, fields.table("metadata"))
        return self._shown(ticket, audit.id, 200, {})

    async def audits(self, request: web.Request) -> web.Response:
        ticket, page = self._named(request), int(request.query.get("page", "1"))
        size = min(int(request.query.get("per_page", PAGE)), PAGE)
        found = ticket.audits[::-1] if request.query.get("sort_order") == "desc" else ticket.audits
        shown = found[(page - 1) * size : page * size]
        later = f"{self._service.public_url}/api/v2/tickets/{ticket.id}/audits.json?page={page + 1}"
        return answer(
            {
                "audits": [audit_object(self._service, ticket, each) for each in shown],
                "next_page": later if page * size < len(found) else None,
            }
        )

    async def upload(self, request: web.Request) -> web.Response:
        account, name = caller_of(request).account, request.query.get("filename", "")
        if not name:
            raise ApiError(400, {"error": "InvalidRequest", "description": "Parameter filename is required"})
        data = await request.read()
        if len(data) > LARGEST_FILE:
            raise ApiError(413, {"error": "AttachmentTooLarge", "description": "The file is too large"})
        token = request.query.get("token") or secrets.token_urlsafe(18)
        upload = self._service.uploaded(account, token)
        if upload is None and "token" in request.query:
            raise invalid("token", "Token: is invalid")
        upload = upload or Upload(account=account)
        kept = self._service.keep_file(name, request.content_type, data)
        upload.attachments.append(kept)
        self._service.state.uploads[token] = upload
        self._service.changed()
        shown = attachment_object(self._service, kept)
        return answer({"upload": {"token": token, "attachment": shown, "attachments": [shown]}}, 201)

    def _made_before(self, key: str | None, digest: str) -> Ticket | None:
        """Raises ApiError(400) for a key that came with something else."""
        made = self._service.state.made.get(key or "")
        if made is None or self._service.clock.now() - made.at > KEY_SECONDS:
            return None
        if made.digest != digest:
            wrong = "Request parameters don't match the given idempotency key"
            raise ApiError(400, {"error": "IdempotentRequestError", "description": wrong})
        return self._service.state.tickets[str(made.ticket_id)]

    def _comment(self, caller: User, requester: User, fields: Given) -> Comment | None:
        """By the agent who calls, or by whom the agent says."""
        if "comment" not in fields:
            return None
        said = within(fields.table("comment"), COMMENT_FIELDS)
        author = self._person(caller.account, said.number("author_id"), "author") or caller
        if author.role == "end-user" and author.id != requester.id:
            raise invalid("author", "Author: is not the requester")
        body = said.text("body") or said.text("html_body") or ""
        comment = self._changes.comment(author, body, said.flag("public", True), said.texts("uploads"))
        comment.by_api = True
        return comment

    def _person(self, account: str, number: int | None, role: str) -> User | None:
        if number is None:
            return None
        try:
            return self._service.user(account, str(number))
        except ApiError as error:
            raise invalid(role, f"{role.capitalize()}: is invalid") from error

    def _source(self, account: str, number: int | None) -> int | None:
        if number is None:
            return None
        if self._service.ticket(account, str(number)).status != "closed":
            raise invalid("via_followup_source_id", "Follow-up source: is not closed")
        return number

    def _shown(self, ticket: Ticket, audit_id: int, status: int, headers: dict[str, str]) -> web.Response:
        audit = next(each for each in ticket.audits if each.id == audit_id)
        shown: dict[str, Any] = {
            "ticket": ticket_object(self._service, ticket),
            "audit": audit_object(self._service, ticket, audit),
        }
        response = answer(shown, status)
        response.headers.update(headers)
        return response

    def _named(self, request: web.Request) -> Ticket:
        number = request.match_info["ticket"]
        if not number.isdigit():
            raise not_found()
        return self._service.ticket(caller_of(request).account, number)


def _status(fields: Given) -> TicketStatus | None:
    status = fields.text("status")
    if status is not None and status not in get_args(TicketStatus):
        raise invalid("status", f"Status: {status} is not a valid status")
    return cast("TicketStatus | None", status)
