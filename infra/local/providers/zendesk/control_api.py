"""What agents see and do in Zendesk, for tests and the local page. The first four are those of every helpdesk's
stand-in:

GET  /tickets    {items: [{id, status open|pending|closed, contact, messages: [{id, text, public, by, files: [name]}],
                  zendesk_status, external_id, followup_of}]}
POST /replies    {ticket, text?, public?, author?, files?: [{name, type, content (base64)}], status?} -> {id};
                 with a status, that is "Submit as ..."
POST /statuses   {ticket, status: open|pending|closed|hold|archived}; closed: solved, archived: closed for good
POST /fail, DELETE /fail, GET /requests, DELETE /requests, /clock   as with the channels' stand-ins
GET  /contacts   {items: [{id, name, emails, external_id, role}]}
POST /contacts   {name, email} -> {id}           somebody who is known there already
POST /deletions  {ticket?, contact?}             an agent deletes a ticket, or a user with all tickets
POST /requirement {field?}                       an admin asks for a field before tickets are solved, or no more
GET  /deliveries {items: [{account, body, status}]}; POST /deliveries/{number} sends one again
"""

from __future__ import annotations

import base64
from typing import Any, Literal

import msgspec
from aiohttp import web

from infra.local.providers.control import RefusedError, answer, asked
from infra.local.providers.desk import AgentReply, Deletion, carried_out, control_application
from infra.local.providers.zendesk.changes import Changes
from infra.local.providers.zendesk.delivery import Webhooks
from infra.local.providers.zendesk.errors import ApiError
from infra.local.providers.zendesk.service import AGENT, Service
from infra.local.providers.zendesk.state import Comment, Ticket, TicketStatus, Upload, User

Status = Literal["open", "pending", "closed", "hold", "archived"]
OURS: dict[TicketStatus, str] = {
    "new": "open",
    "open": "open",
    "pending": "pending",
    "hold": "pending",
    "solved": "closed",
    "closed": "closed",
}
THEIRS: dict[Status, TicketStatus] = {
    "open": "open",
    "pending": "pending",
    "closed": "solved",
    "hold": "hold",
    "archived": "closed",
}


class Submitted(AgentReply, kw_only=True, forbid_unknown_fields=True):
    status: Status | None = None


class StatusChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str
    status: Status


class Person(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    email: str
    external_id: str | None = None


class Requirement(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    field: str | None = None


class ZendeskControl:
    def __init__(self, service: Service, changes: Changes, webhooks: Webhooks) -> None:
        self._service = service
        self._changes = changes
        self._webhooks = webhooks

    def application(self) -> web.Application:
        routes = [
            web.get("/tickets", self._tickets),
            web.post("/replies", self._reply),
            web.post("/statuses", self._change),
            web.get("/contacts", self._contacts),
            web.post("/contacts", self._add_contact),
            web.post("/deletions", self._delete),
            web.post("/requirement", self._require),
            *self._webhooks.routes(),
        ]
        return control_application(routes, self._service, carried_out(self._webhooks, ApiError))

    async def _tickets(self, request: web.Request) -> web.Response:
        items = [
            {
                "id": str(each.id),
                "status": OURS[each.status],
                "zendesk_status": each.status,
                "contact": str(each.requester_id),
                "external_id": each.external_id,
                "followup_of": None if each.followup_of is None else str(each.followup_of),
                "subject": each.subject,
                "messages": [_shown(comment) for comment in each.comments],
            }
            for each in self._service.state.tickets.values()
            if not each.deleted
        ]
        return answer({"items": items})

    async def _reply(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Submitted)
        ticket = self._ticket(wanted.ticket)
        agent = self._agent(ticket.account)
        agent.name = wanted.author
        tokens = []
        for each in wanted.files:
            kept = self._service.keep_file(each.name, each.type, base64.b64decode(each.content))
            tokens.append(kept.token)
            self._service.state.uploads[kept.token] = Upload(account=ticket.account, attachments=[kept])
        said = wanted.text or ", ".join(each.name for each in wanted.files)
        comment = self._changes.comment(agent, said, wanted.public, tokens)
        status = None if wanted.status is None else THEIRS[wanted.status]
        self._changes.change(ticket, status, comment, agent, {})
        return answer({"id": str(comment.id)}, 201)

    async def _change(self, request: web.Request) -> web.Response:
        wanted = await asked(request, StatusChange)
        ticket = self._ticket(wanted.ticket)
        self._changes.change(ticket, THEIRS[wanted.status], None, self._agent(ticket.account), {})
        return answer({})

    async def _contacts(self, request: web.Request) -> web.Response:
        items = [
            {
                "id": str(each.id),
                "name": each.name,
                "emails": each.emails,
                "external_id": each.external_id,
                "role": each.role,
            }
            for each in self._service.state.users.values()
            if not each.deleted
        ]
        return answer({"items": items})

    async def _add_contact(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Person)
        account, _ = self._service.account(None)
        number = self._service.state.next_id()
        person = User(id=number, account=account, name=wanted.name, emails=[wanted.email])
        person.external_id = wanted.external_id
        self._service.state.users[str(number)] = person
        self._service.changed()
        return answer({"id": str(number)}, 201)

    async def _delete(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Deletion)
        if wanted.ticket is not None:
            self._ticket(wanted.ticket).deleted = True
        if wanted.contact is not None:
            user = self._service.state.users.get(wanted.contact)
            if user is None:
                raise RefusedError(404, f"no contact {wanted.contact}")
            for ticket in self._service.tickets_of(user):
                ticket.status = "closed"
            user.deleted, user.emails, user.external_id = True, [], None
        self._service.changed()
        return answer({})

    async def _require(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Requirement)
        self._service.account(None)[1].required_to_solve = wanted.field
        return answer({})

    def _agent(self, account: str) -> User:
        found = self._service.user_with(account, AGENT)
        if found is None:
            raise RefusedError(409, "the agent is gone")
        return found

    def _ticket(self, name: str) -> Ticket:
        found = self._service.state.tickets.get(name)
        if found is None or found.deleted:
            raise RefusedError(404, f"no ticket {name}")
        return found


def _shown(comment: Comment) -> dict[str, Any]:
    return {
        "id": str(comment.id),
        "text": comment.body,
        "public": comment.public,
        "by": "api" if comment.by_api else "agent",
        "author": str(comment.author_id),
        "files": [each.name for each in comment.attachments],
    }
