"""Chatwoot's messages: ``/conversations/{id}/messages``, and where attachments are.

Sources: developers.chatwoot.com/api-reference, "Messages"; app/builders/messages/message_builder.rb,
app/finders/message_finder.rb, app/services/messages/status_update_service.rb and
app/controllers/api/v1/accounts/conversations/messages_controller.rb of github.com/chatwoot/chatwoot; Rails' guide to
Active Storage.
"""

from __future__ import annotations

from typing import Any, cast

from aiohttp import web

from infra.local.providers.chatwoot.access import caller_of
from infra.local.providers.chatwoot.changes import Changes
from infra.local.providers.chatwoot.delivery import Webhooks
from infra.local.providers.chatwoot.errors import ApiError, not_found, unprocessable
from infra.local.providers.chatwoot.parameters import Given, given
from infra.local.providers.chatwoot.payloads import message_object
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.state import Attachment, Conversation, Message, MessageType
from infra.local.providers.control import answer

FIELDS = "content message_type private content_type content_attributes source_id echo_id external_created_at"
CONTENT_TYPES = ("text", "input_select", "cards", "form", "article", "input_email", "input_csat")
STATUSES = ("sent", "delivered", "read", "failed")
PAGE = 20


class MessagesApi:
    def __init__(self, service: Service, changes: Changes, webhooks: Webhooks) -> None:
        self._service = service
        self._changes = changes
        self._webhooks = webhooks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/conversations/{conversation}/messages", self.index),
            web.post("/conversations/{conversation}/messages", self.create),
            web.patch("/conversations/{conversation}/messages/{message}", self.update),
            web.delete("/conversations/{conversation}/messages/{message}", self.delete),
        ]

    async def index(self, request: web.Request) -> web.Response:
        conversation, messages = self._named(request), self._named(request).messages
        before = request.query.get("before")
        if before is not None:
            messages = [each for each in messages if each.id < int(before)]
        shown = [message_object(self._service, conversation, each) for each in messages[-PAGE:]]
        return answer({"meta": {"labels": [], "contact": {}}, "payload": shown})

    async def create(self, request: web.Request) -> web.Response:
        conversation, fields = self._named(request), await given(request, FIELDS)
        kind = fields.text("message_type") or "outgoing"
        if kind not in ("incoming", "outgoing"):
            raise unprocessable(f"'{kind}' is not a valid message_type")
        settings = caller_of(request).settings
        if kind == "incoming" and settings.channel_type != "Channel::Api":
            raise unprocessable("Incoming messages are only allowed in Api inboxes")
        content_type = fields.text("content_type") or "text"
        if content_type not in CONTENT_TYPES:
            raise unprocessable(f"'{content_type}' is not a valid content_type")
        message = Message(
            id=self._service.state.next_id(),
            content=fields.text("content"),
            message_type=cast("MessageType", kind),
            created_at=self._service.clock.now(),
            private=fields.flag("private"),
            content_type=content_type,
            content_attributes=_quoting(conversation, fields),
            source_id=fields.text("source_id"),
            sender=settings.agent_name if kind == "outgoing" else None,
            by_api=True,
            attachments=[self._service.keep_file(*file) for file in fields.files],
        )
        self._changes.add_message(conversation, message)
        return answer(message_object(self._service, conversation, message))

    async def update(self, request: web.Request) -> web.Response:
        """Only the status, and in inboxes of the type API alone. What was read does not become delivered again."""
        conversation, message = self._message(request)
        if caller_of(request).settings.channel_type != "Channel::Api":
            raise ApiError(403, {"error": "Message status update is only allowed for API inboxes"})
        fields = await given(request, "status external_error")
        status = fields.text("status")
        if status in STATUSES and not (message.status == "read" and status == "delivered"):
            message.status = status
            error = fields.text("external_error") if status == "failed" else None
            message.content_attributes = {**message.content_attributes, "external_error": error}
            self._service.changed()
            self._webhooks.message_updated(conversation, message)
        return answer(message_object(self._service, conversation, message))

    async def delete(self, request: web.Request) -> web.Response:
        conversation, message = self._message(request)
        self._changes.delete_message(conversation, message)
        return web.Response()

    async def redirect(self, request: web.Request) -> web.Response:
        """Active Storage does not hand out the bytes here, but says where they are."""
        attachment = self._attachment(request)
        location = f"{self._service.public_url}/rails/active_storage/disk/{attachment.signed_id}/{attachment.name}"
        return web.Response(status=302, headers={"Location": location})

    async def proxy(self, request: web.Request) -> web.Response:
        attachment = self._attachment(request)
        return web.Response(
            body=self._service.folder.read(attachment.signed_id), content_type=attachment.mime_type.partition(";")[0]
        )

    def _attachment(self, request: web.Request) -> Attachment:
        for conversation in self._service.state.conversations.values():
            for each in (found for message in conversation.messages for found in message.attachments):
                if each.signed_id == request.match_info["signed"] and each.name == request.match_info["name"]:
                    return each
        raise not_found()

    def _named(self, request: web.Request) -> Conversation:
        return self._service.conversation(caller_of(request).name, request.match_info["conversation"])

    def _message(self, request: web.Request) -> tuple[Conversation, Message]:
        conversation = self._named(request)
        for message in conversation.messages:
            if str(message.id) == request.match_info["message"]:
                return conversation, message
        raise not_found()


def _quoting(conversation: Conversation, fields: Given) -> dict[str, Any]:
    """A quoted message has to be of the conversation; any other is left out, as Chatwoot does."""
    quoted = fields.table("content_attributes").get("in_reply_to")
    known = {str(message.id) for message in conversation.messages}
    return {"in_reply_to": int(quoted)} if quoted is not None and str(quoted) in known else {}
