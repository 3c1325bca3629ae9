"""Chatwoot's conversations: ``/conversations``, and the inbox that they are in.

Sources: developers.chatwoot.com/api-reference, "Conversations", "Conversation Labels" and "Inboxes";
app/controllers/api/v1/accounts/conversations_controller.rb and app/controllers/concerns/label_concern.rb of
github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

from typing import cast, get_args

from aiohttp import web

from infra.local.providers.chatwoot.access import caller_of
from infra.local.providers.chatwoot.changes import Changes
from infra.local.providers.chatwoot.errors import not_found, unprocessable
from infra.local.providers.chatwoot.parameters import Given, given
from infra.local.providers.chatwoot.payloads import conversation_object
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.state import Conversation, ConversationStatus, Priority
from infra.local.providers.control import answer

FIELDS = "inbox_id contact_id source_id status additional_attributes custom_attributes assignee_id team_id"


class ConversationsApi:
    def __init__(self, service: Service, changes: Changes) -> None:
        self._service = service
        self._changes = changes

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/inboxes/{inbox}", self.inbox),
            web.post("/conversations", self.create),
            web.get("/conversations/{conversation}", self.show),
            web.post("/conversations/{conversation}/toggle_status", self.toggle),
            web.post("/conversations/{conversation}/toggle_priority", self.set_priority),
            web.post("/conversations/{conversation}/labels", self.set_labels),
        ]

    async def inbox(self, request: web.Request) -> web.Response:
        settings = caller_of(request).settings
        if request.match_info["inbox"] != str(settings.inbox_id):
            raise not_found()
        shown = {
            "id": settings.inbox_id,
            "name": settings.inbox_name,
            "channel_type": settings.channel_type,
            "webhook_url": settings.webhook_url,
            "lock_to_single_conversation": settings.lock_to_single_conversation,
        }
        return answer(shown | ({"secret": settings.webhook_secret} if settings.administrator else {}))

    async def create(self, request: web.Request) -> web.Response:
        caller, fields = caller_of(request), await given(request, FIELDS)
        if fields.number("inbox_id") != caller.settings.inbox_id:
            raise not_found()
        contact = self._service.contact(caller.name, str(fields.number("contact_id")))
        conversation = self._changes.open_conversation(
            contact, fields.text("source_id"), _status(fields) or "open", fields.table("custom_attributes")
        )
        return answer(conversation_object(self._service, conversation))

    async def show(self, request: web.Request) -> web.Response:
        return answer(conversation_object(self._service, self._named(request)))

    async def toggle(self, request: web.Request) -> web.Response:
        """Without a status: open becomes resolved, and anything else open."""
        conversation, fields = self._named(request), await given(request, "status snoozed_until")
        status = _status(fields) or ("resolved" if conversation.status == "open" else "open")
        self._changes.set_status(conversation, status, caller_of(request).settings.agent_name)
        payload = {"success": True, "conversation_id": conversation.id, "current_status": status, "snoozed_until": None}
        return answer({"meta": {}, "payload": payload})

    async def set_priority(self, request: web.Request) -> web.Response:
        """None empties it."""
        conversation, fields = self._named(request), await given(request, "priority")
        priority = fields.text("priority")
        if priority is not None and priority not in get_args(Priority):
            raise unprocessable(f"'{priority}' is not a valid priority")
        self._changes.set_priority(conversation, cast("Priority | None", priority))
        return web.Response()

    async def set_labels(self, request: web.Request) -> web.Response:
        conversation, fields = self._named(request), await given(request, "labels")
        self._changes.set_labels(conversation, fields.texts("labels"))
        return answer({"payload": conversation.labels})

    def _named(self, request: web.Request) -> Conversation:
        return self._service.conversation(caller_of(request).name, request.match_info["conversation"])


def _status(fields: Given) -> ConversationStatus | None:
    status = fields.text("status")
    if status is not None and status not in get_args(ConversationStatus):
        raise unprocessable(f"'{status}' is not a valid status")
    return cast("ConversationStatus | None", status)
