"""Zendesk's Ticketing API and its file addresses, with the record of calls and the faults that tests ask for."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from infra.local.providers.control import Handler, answer
from infra.local.providers.desk import noted
from infra.local.providers.zendesk.access import admit
from infra.local.providers.zendesk.changes import Changes
from infra.local.providers.zendesk.delivery import Webhooks
from infra.local.providers.zendesk.errors import ApiError, not_found
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.state import Attachment
from infra.local.providers.zendesk.tickets_api import TicketsApi
from infra.local.providers.zendesk.users_api import UsersApi

PREFIX = "/api/v2"
LARGEST_BODY = 60 << 20


class ZendeskApi:
    def __init__(self, service: Service, changes: Changes, webhooks: Webhooks) -> None:
        self._service = service
        self._webhooks = webhooks
        self._parts = (UsersApi(service), TicketsApi(service, changes))

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._answered], client_max_size=LARGEST_BODY)
        for part in self._parts:
            application.add_routes([web.route(each.method, PREFIX + each.path, each.handler) for each in part.routes()])
        application.router.add_get("/attachments/token/{token}/", self._redirect)
        application.router.add_get("/user-content/{token}", self._content)
        return application

    @web.middleware
    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        true_answer = partial(self._true_answer, handler=handler)
        return await noted(request, true_answer, self._service, prefix=PREFIX, unnoted="Authorization")

    async def _true_answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A call is answered when its webhooks were: the worst order there can be for whoever made it."""
        try:
            if PREFIX in request.path:
                admit(request, self._service)
            response = await handler(request)
        except ApiError as error:
            return answer(error.body, error.status)
        await self._webhooks.settled()
        return response

    async def _redirect(self, request: web.Request) -> web.Response:
        """The bytes are elsewhere; where that is holds good by itself."""
        attachment = self._attachment(request.match_info["token"])
        location = f"{self._service.public_url}/user-content/{attachment.token}"
        return web.Response(status=302, headers={"Location": location})

    async def _content(self, request: web.Request) -> web.Response:
        attachment = self._attachment(request.match_info["token"])
        body = self._service.folder.read(attachment.token)
        return web.Response(body=body, content_type=attachment.mime_type.partition(";")[0])

    def _attachment(self, token: str) -> Attachment:
        for ticket in self._service.state.tickets.values():
            for each in (found for comment in ticket.comments for found in comment.attachments):
                if each.token == token:
                    return each
        raise not_found()
