"""Chatwoot's application API and its file addresses, with the record of calls and the faults that tests ask for."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from infra.local.providers.chatwoot.access import admit
from infra.local.providers.chatwoot.changes import Changes
from infra.local.providers.chatwoot.contacts_api import ContactsApi
from infra.local.providers.chatwoot.conversations_api import ConversationsApi
from infra.local.providers.chatwoot.delivery import Webhooks
from infra.local.providers.chatwoot.errors import ApiError
from infra.local.providers.chatwoot.messages_api import MessagesApi
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.control import Handler, answer
from infra.local.providers.desk import noted

PREFIX = "/api/v1/accounts/{account_id}"
LARGEST_BODY = 50 << 20


class ChatwootApi:
    def __init__(self, service: Service, changes: Changes, webhooks: Webhooks) -> None:
        self._service = service
        self._webhooks = webhooks
        self._contacts = ContactsApi(service)
        self._conversations = ConversationsApi(service, changes)
        self._messages = MessagesApi(service, changes, webhooks)

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._answered], client_max_size=LARGEST_BODY)
        for part in (self._contacts, self._conversations, self._messages):
            application.add_routes([web.route(each.method, PREFIX + each.path, each.handler) for each in part.routes()])
        blobs = "/rails/active_storage/blobs"
        application.router.add_get(f"{blobs}/redirect/{{signed}}/{{name}}", self._messages.redirect)
        application.router.add_get(f"{blobs}/proxy/{{signed}}/{{name}}", self._messages.proxy)
        return application

    @web.middleware
    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        true_answer = partial(self._true_answer, handler=handler)
        return await noted(request, true_answer, self._service, prefix="/api/v1", unnoted="api_access_token")

    async def _true_answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A call is answered when its webhooks were: the worst order there can be for whoever made it."""
        try:
            if "account_id" in request.match_info:
                admit(request, self._service, request.match_info["account_id"])
            response = await handler(request)
        except ApiError as error:
            if isinstance(error.body, str):
                return web.Response(status=error.status, text=error.body)
            return answer(error.body, error.status)
        await self._webhooks.settled()
        return response
