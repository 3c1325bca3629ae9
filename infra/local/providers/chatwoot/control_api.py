"""What agents see and do in the dashboard, for tests and the local page. The first four are those of every helpdesk's
stand-in:

GET  /tickets    {items: [{id, external_id, status open|pending|closed, labels, priority, contact,
                  messages: [{id, text, public, by, status, error, files: [name]}]}]}
POST /replies    {ticket, text?, public?, author?, files?: [{name, type, content (base64)}]} -> {id}
POST /statuses   {ticket, status: open|pending|closed}
POST /fail, DELETE /fail, GET /requests, DELETE /requests, /clock   as with the channels' stand-ins
POST /interactive {ticket, text, content_type, items} -> {id}        what a bot of Chatwoot sends
GET  /contacts   {items: [{id, external_id, name, emails, phone_number}]}
POST /labels     {ticket, labels: [name]}        in the place of those that are there
POST /priorities {ticket, priority?: low|medium|high|urgent}
POST /deletions  {ticket?, contact?}             an administrator deletes a conversation, or a contact
POST /withdrawals {ticket, message}              an agent deletes a message
GET  /deliveries {items: [{account, event, body, status}]}; POST /deliveries/{number} sends one again
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from aiohttp import web

from infra.local.providers.chatwoot.changes import Changes
from infra.local.providers.chatwoot.delivery import Webhooks
from infra.local.providers.chatwoot.errors import ApiError
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.state import Conversation, ConversationStatus, Message, Priority
from infra.local.providers.control import RefusedError, answer, asked
from infra.local.providers.desk import AgentReply, Deletion, Status, StatusChange, carried_out, control_application

OURS: dict[ConversationStatus, Status] = {
    "open": "open",
    "pending": "pending",
    "snoozed": "pending",
    "resolved": "closed",
}
THEIRS: dict[Status, ConversationStatus] = {"open": "open", "pending": "pending", "closed": "resolved"}


class BotMessage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str
    text: str
    content_type: str
    items: list[dict[str, Any]]


class Labels(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str
    labels: list[str]


class PriorityChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str
    priority: Priority | None = None


class Withdrawal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str
    message: str


class ChatwootControl:
    def __init__(self, service: Service, changes: Changes, webhooks: Webhooks) -> None:
        self._service = service
        self._changes = changes
        self._webhooks = webhooks

    def application(self) -> web.Application:
        routes = [
            web.get("/tickets", self._tickets),
            web.post("/replies", self._reply),
            web.post("/interactive", self._interactive),
            web.post("/statuses", self._change),
            web.post("/labels", self._label),
            web.post("/priorities", self._prioritise),
            web.post("/withdrawals", self._withdraw),
            web.get("/contacts", self._contacts),
            web.post("/deletions", self._delete),
            *self._webhooks.routes(),
        ]
        return control_application(routes, self._service, carried_out(self._webhooks, ApiError))

    async def _tickets(self, request: web.Request) -> web.Response:
        items = [
            {
                "id": str(each.id),
                "external_id": each.custom_attributes.get("onethread_conversation_id"),
                "status": OURS[each.status],
                "labels": each.labels,
                "priority": each.priority,
                "contact": str(each.contact_id),
                "messages": [_shown(message) for message in each.messages if message.message_type != "activity"],
            }
            for each in self._service.state.conversations.values()
        ]
        return answer({"items": items})

    async def _reply(self, request: web.Request) -> web.Response:
        wanted = await asked(request, AgentReply)
        files = [self._service.keep_file(each.name, each.type, base64.b64decode(each.content)) for each in wanted.files]
        message = self._message(wanted.text or None, wanted.author)
        message.private, message.attachments = not wanted.public, files
        self._changes.add_message(self._conversation(wanted.ticket), message)
        return answer({"id": str(message.id)}, 201)

    async def _interactive(self, request: web.Request) -> web.Response:
        wanted = await asked(request, BotMessage)
        message = self._message(wanted.text, "Bot")
        message.content_type, message.content_attributes = wanted.content_type, {"items": wanted.items}
        self._changes.add_message(self._conversation(wanted.ticket), message)
        return answer({"id": str(message.id)}, 201)

    async def _change(self, request: web.Request) -> web.Response:
        wanted = await asked(request, StatusChange)
        self._changes.set_status(self._conversation(wanted.ticket), THEIRS[wanted.status], "Ada")
        return answer({})

    async def _label(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Labels)
        self._changes.set_labels(self._conversation(wanted.ticket), wanted.labels)
        return answer({})

    async def _prioritise(self, request: web.Request) -> web.Response:
        wanted = await asked(request, PriorityChange)
        self._changes.set_priority(self._conversation(wanted.ticket), wanted.priority)
        return answer({})

    async def _withdraw(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Withdrawal)
        conversation = self._conversation(wanted.ticket)
        for message in conversation.messages:
            if str(message.id) == wanted.message:
                self._changes.delete_message(conversation, message)
                return answer({})
        raise RefusedError(404, f"no message {wanted.message}")

    async def _contacts(self, request: web.Request) -> web.Response:
        items = [
            {
                "id": str(each.id),
                "external_id": each.identifier,
                "name": each.name,
                "emails": [each.email] if each.email else [],
                "phone_number": each.phone_number,
            }
            for each in self._service.state.contacts.values()
        ]
        return answer({"items": items})

    async def _delete(self, request: web.Request) -> web.Response:
        wanted = await asked(request, Deletion)
        if wanted.ticket is not None:
            del self._service.state.conversations[str(self._conversation(wanted.ticket).id)]
        if wanted.contact is not None:
            contact = self._service.state.contacts.get(wanted.contact)
            if contact is None:
                raise RefusedError(404, f"no contact {wanted.contact}")
            self._service.delete_contact(contact)
        self._service.changed()
        return answer({})

    def _message(self, text: str | None, author: str) -> Message:
        now = self._service.clock.now()
        number = self._service.state.next_id()
        return Message(id=number, content=text, message_type="outgoing", created_at=now, sender=author)

    def _conversation(self, ticket: str) -> Conversation:
        found = self._service.state.conversations.get(ticket)
        if found is None:
            raise RefusedError(404, f"no ticket {ticket}")
        return found


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "text": message.content or "",
        "public": not message.private,
        "by": "api" if message.by_api else "agent",
        "type": message.message_type,
        "status": message.status,
        "error": message.content_attributes.get("external_error"),
        "files": [each.name for each in message.attachments],
    }
