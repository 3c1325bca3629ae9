"""Chatwoot's objects in JSON, as its API answers with them and as its webhooks carry them.

Sources: app/views/api/v1/models/*.jbuilder, ``push_event_data`` and ``webhook_data`` of app/models/message.rb,
contact.rb and attachment.rb, app/presenters/conversations/event_data_presenter.rb of github.com/chatwoot/chatwoot;
"Webhook events" at chatwoot.com/docs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.state import MESSAGE_TYPES, Attachment, Contact, Conversation, Message

USER_ID = 1
AGENT_ID = 2


def contact_object(contact: Contact) -> dict[str, Any]:
    return {
        "additional_attributes": contact.additional_attributes,
        "availability_status": "offline",
        "email": contact.email,
        "id": contact.id,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "blocked": False,
        "identifier": contact.identifier,
        "thumbnail": "",
        "custom_attributes": contact.custom_attributes,
        "created_at": int(contact.created_at),
    }


def conversation_object(service: Service, conversation: Conversation) -> dict[str, Any]:
    contact = service.state.contacts[str(conversation.contact_id)]
    settings = service.accounts[conversation.account]
    return {
        "meta": {"sender": contact_object(contact), "channel": settings.channel_type, "hmac_verified": False},
        "id": conversation.id,
        "messages": [message_object(service, conversation, each) for each in conversation.messages[-1:]],
        "account_id": settings.account_id,
        "additional_attributes": conversation.additional_attributes,
        "can_reply": True,
        "custom_attributes": conversation.custom_attributes,
        "inbox_id": settings.inbox_id,
        "labels": conversation.labels,
        "muted": False,
        "snoozed_until": None,
        "priority": conversation.priority,
        "status": conversation.status,
        "created_at": int(conversation.created_at),
        "timestamp": int(conversation.updated_at),
    }


def message_object(service: Service, conversation: Conversation, message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": message.id,
        "content": message.content,
        "inbox_id": service.accounts[conversation.account].inbox_id,
        "conversation_id": conversation.id,
        "message_type": MESSAGE_TYPES[message.message_type],
        "content_type": message.content_type,
        "status": message.status,
        "content_attributes": message.content_attributes,
        "created_at": int(message.created_at),
        "private": message.private,
        "source_id": message.source_id,
    }
    if message.attachments:
        shown["attachments"] = [attachment_object(service, message, each) for each in message.attachments]
    return shown


def attachment_object(service: Service, message: Message, attachment: Attachment) -> dict[str, Any]:
    name = quote(attachment.name, safe="")
    address = f"{service.public_url}/rails/active_storage/blobs/redirect/{attachment.signed_id}/{name}"
    return {
        "id": attachment.id,
        "message_id": message.id,
        "file_type": attachment.file_type,
        "account_id": next(iter(service.accounts.values())).account_id,
        "extension": None,
        "data_url": address,
        "thumb_url": "",
        "file_size": attachment.size,
        "width": None,
        "height": None,
    }


def message_webhook(service: Service, conversation: Conversation, message: Message) -> dict[str, Any]:
    settings = service.accounts[conversation.account]
    payload: dict[str, Any] = {
        "account": {"id": settings.account_id, "name": "Example"},
        "additional_attributes": {},
        "content_attributes": message.content_attributes,
        "content_type": message.content_type,
        "content": message.content,
        "conversation": conversation_webhook(service, conversation),
        "created_at": _time(message.created_at),
        "id": message.id,
        "inbox": {"id": settings.inbox_id, "name": settings.inbox_name},
        "message_type": message.message_type,
        "private": message.private,
        "sender": _sender(service, conversation, message),
        "source_id": message.source_id,
    }
    if message.attachments:
        payload["attachments"] = [attachment_object(service, message, each) for each in message.attachments]
    return payload


def conversation_webhook(service: Service, conversation: Conversation) -> dict[str, Any]:
    settings = service.accounts[conversation.account]
    contact = service.state.contacts[str(conversation.contact_id)]
    place = service.contact_inbox(conversation)
    said = [each for each in conversation.messages if each.message_type != "activity" and not each.private]
    return {
        "additional_attributes": conversation.additional_attributes,
        "can_reply": True,
        "channel": settings.channel_type,
        "contact_inbox": {
            "id": place.id,
            "contact_id": place.contact_id,
            "inbox_id": settings.inbox_id,
            "source_id": place.source_id,
            "created_at": _time(conversation.created_at),
            "updated_at": _time(conversation.created_at),
            "hmac_verified": False,
        },
        "id": conversation.id,
        "inbox_id": settings.inbox_id,
        "messages": [message_object(service, conversation, each) for each in said[-1:]],
        "labels": conversation.labels,
        "priority": conversation.priority,
        "meta": {"sender": {**contact_object(contact), "type": "contact"}, "assignee": None, "hmac_verified": False},
        "status": conversation.status,
        "custom_attributes": conversation.custom_attributes,
        "snoozed_until": None,
        "unread_count": 0,
        "agent_last_seen_at": 0,
        "contact_last_seen_at": 0,
        "timestamp": int(conversation.updated_at),
        "created_at": int(conversation.created_at),
        "updated_at": conversation.updated_at,
    }


def _sender(service: Service, conversation: Conversation, message: Message) -> dict[str, Any] | None:
    if message.message_type == "incoming":
        contact = service.state.contacts[str(conversation.contact_id)]
        return {"id": contact.id, "name": contact.name, "avatar": "", "type": "contact"}
    if message.sender is None:
        return None
    number = USER_ID if message.by_api else AGENT_ID
    return {"id": number, "name": message.sender, "email": f"agent{number}@example.com", "type": "user"}


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
