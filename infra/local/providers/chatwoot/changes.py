"""What happens in Chatwoot when something is done, by the API or by an agent: the rules of its models.

Sources: app/models/message.rb (an incoming message opens a conversation again), app/models/concerns/
activity_message_handler.rb, app/builders/contact_inbox_builder.rb and conversation_builder.rb of
github.com/chatwoot/chatwoot.
"""

from __future__ import annotations

import uuid
from typing import Any

from infra.local.providers.chatwoot.delivery import Webhooks
from infra.local.providers.chatwoot.errors import unprocessable
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.state import (
    Contact,
    ContactInbox,
    Conversation,
    ConversationStatus,
    Message,
    Priority,
)

LONGEST_CONTENT = 150_000
MOST_ATTACHMENTS = 15
MESSAGES_A_MINUTE = 200


class Changes:
    def __init__(self, service: Service, webhooks: Webhooks) -> None:
        self._service = service
        self._webhooks = webhooks

    def open_conversation(
        self, contact: Contact, source_id: str | None, status: ConversationStatus, attributes: dict[str, Any]
    ) -> Conversation:
        """Raises ApiError(422)."""
        place = self._place(contact, source_id or str(uuid.uuid4()))
        state, now = self._service.state, self._service.clock.now()
        if self._service.accounts[contact.account].lock_to_single_conversation:
            for each in state.conversations.values():
                if each.contact_inbox_id == place.id:
                    return each
        conversation = Conversation(
            id=state.next_id(),
            account=contact.account,
            contact_id=contact.id,
            contact_inbox_id=place.id,
            status=status,
            custom_attributes=attributes,
            created_at=now,
            updated_at=now,
        )
        state.conversations[str(conversation.id)] = conversation
        self._service.changed()
        self._webhooks.conversation_event("conversation_created", conversation, {})
        return conversation

    def add_message(self, conversation: Conversation, message: Message) -> Message:
        """Raises ApiError(422)."""
        now = self._service.clock.now()
        if len(message.content or "") > LONGEST_CONTENT:
            raise unprocessable("Validation failed: Content is too long (maximum is 150000 characters)")
        if len(message.attachments) > MOST_ATTACHMENTS:
            raise unprocessable("Validation failed: Attachments exceeded maximum allowed")
        if sum(now - each.created_at < 60 for each in conversation.messages) >= MESSAGES_A_MINUTE:
            raise unprocessable("Validation failed: Too many messages")
        conversation.messages.append(message)
        conversation.updated_at = now
        self._service.changed()
        self._webhooks.message_created(conversation, message)
        if message.message_type == "incoming" and conversation.status in ("resolved", "snoozed"):
            self.set_status(conversation, "open", None)
        return message

    def set_status(self, conversation: Conversation, status: ConversationStatus, by: str | None) -> None:
        """Nothing at all happens when it has the status already."""
        before = conversation.status
        if before == status:
            return
        conversation.status = status
        conversation.updated_at = now = self._service.clock.now()
        who = f" by {by}" if by else " due to a new incoming message"
        text = f"Conversation was marked {status}{who}"
        line = Message(id=self._service.state.next_id(), content=text, message_type="activity", created_at=now)
        conversation.messages.append(line)
        self._service.changed()
        changed = {"status": [before, status]}
        self._webhooks.conversation_event("conversation_status_changed", conversation, changed)
        self._webhooks.conversation_event("conversation_updated", conversation, changed)

    def set_labels(self, conversation: Conversation, labels: list[str]) -> None:
        """In the place of those that are there; what the account has no label for is left out."""
        known = self._service.accounts[conversation.account].labels
        before, after = conversation.labels, [each for each in known if each in labels]
        if before != after:
            conversation.labels = after
            self._updated(conversation, {"label_list": [before, after]})

    def set_priority(self, conversation: Conversation, priority: Priority | None) -> None:
        before = conversation.priority
        if before != priority:
            conversation.priority = priority
            self._updated(conversation, {"priority": [before, priority]})

    def delete_message(self, conversation: Conversation, message: Message) -> None:
        """A line that says so stays, and no file."""
        message.content, message.content_attributes = "This message was deleted", {"deleted": True}
        for attachment in message.attachments:
            self._service.folder.remove(attachment.signed_id)
        message.attachments = []
        self._service.changed()
        self._webhooks.message_updated(conversation, message)

    def _updated(self, conversation: Conversation, changed: dict[str, list[Any]]) -> None:
        conversation.updated_at = self._service.clock.now()
        self._service.changed()
        self._webhooks.conversation_event("conversation_updated", conversation, changed)

    def _place(self, contact: Contact, source_id: str) -> ContactInbox:
        places = self._service.state.contact_inboxes
        for each in places.values():
            if each.account == contact.account and each.source_id == source_id:
                if each.contact_id != contact.id:
                    raise unprocessable("source_id should be unique")
                return each
        place = ContactInbox(
            id=self._service.state.next_id(), account=contact.account, contact_id=contact.id, source_id=source_id
        )
        places[str(place.id)] = place
        return place
