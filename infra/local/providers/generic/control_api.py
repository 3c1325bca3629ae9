"""What agents see and do in the desk, for tests and the local page. All helpdesks' stand-ins have these four:

GET  /tickets   {items: [{id, status open|pending|closed, messages: [{id, text, public, by, files: [name]}]}]}
POST /replies   {ticket, text?, public?, author?, files?: [{name, type, content (base64)}]} -> {id}
POST /statuses  {ticket, status: open|pending|closed}
POST /fail, DELETE /fail, GET /requests, DELETE /requests   as with the channels' stand-ins
"""

from __future__ import annotations

from aiohttp import web

from infra.local.providers.control import answer, asked
from infra.local.providers.desk import AgentReply, Status, StatusChange, carried_out, control_application
from infra.local.providers.generic.delivery import Webhooks
from infra.local.providers.generic.service import Service
from infra.local.providers.generic.state import Comment, StoredFile, Ticket, TicketStatus

OURS: dict[TicketStatus, Status] = {"open": "open", "waiting": "pending", "solved": "closed"}
THEIRS: dict[Status, TicketStatus] = {ours: theirs for theirs, ours in OURS.items()}


class GenericControl:
    def __init__(self, service: Service, webhooks: Webhooks) -> None:
        self._service = service
        self._webhooks = webhooks

    def application(self) -> web.Application:
        routes = [
            web.get("/tickets", self._tickets),
            web.post("/replies", self._reply),
            web.post("/statuses", self._change),
        ]
        return control_application(routes, self._service, carried_out(self._webhooks))

    async def _tickets(self, request: web.Request) -> web.Response:
        items = [
            {
                "id": each.id,
                "status": OURS[each.status],
                "messages": [
                    {
                        "id": comment.id,
                        "text": comment.body,
                        "public": comment.public,
                        "by": comment.kind,
                        "files": [file.name for file in comment.files],
                    }
                    for comment in each.comments
                ],
            }
            for each in self._service.state.tickets.values()
        ]
        return answer({"items": items})

    async def _reply(self, request: web.Request) -> web.Response:
        wanted = await asked(request, AgentReply)
        ticket = self._service.ticket(wanted.ticket)
        state = self._service.state
        files = [
            StoredFile(id=state.next_id(), name=each.name, type=each.type, content=each.content)
            for each in wanted.files
        ]
        comment = Comment(
            id=state.next_id(),
            body=wanted.text,
            public=wanted.public,
            author=wanted.author,
            kind="agent",
            files=files,
        )
        ticket.comments.append(comment)
        self._service.changed()
        self._webhooks.tell("comment.created", ticket, comment)
        return answer({"id": comment.id}, 201)

    async def _change(self, request: web.Request) -> web.Response:
        wanted = await asked(request, StatusChange)
        ticket: Ticket = self._service.ticket(wanted.ticket)
        ticket.status = THEIRS[wanted.status]
        self._service.changed()
        self._webhooks.tell("ticket.changed", ticket)
        return answer({})
