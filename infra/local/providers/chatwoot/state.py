"""What the stand-in remembers. Ids are numbers; dictionaries have them as text."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

MessageType = Literal["incoming", "outgoing", "activity", "template"]
ConversationStatus = Literal["open", "resolved", "pending", "snoozed"]
Priority = Literal["low", "medium", "high", "urgent"]
MESSAGE_TYPES: dict[MessageType, int] = {"incoming": 0, "outgoing": 1, "activity": 2, "template": 3}


class Attachment(msgspec.Struct, kw_only=True):
    """``signed_id`` is the unguessable part of its address."""

    id: int
    name: str
    mime_type: str
    size: int
    signed_id: str

    @property
    def file_type(self) -> str:
        kind = self.mime_type.partition("/")[0]
        return kind if kind in ("image", "audio", "video") else "file"


class Message(msgspec.Struct, kw_only=True):
    """``sender`` is the name of a user, or None for the contact and for what Chatwoot writes itself. ``by_api`` is for
    the control interface alone."""

    id: int
    content: str | None
    message_type: MessageType
    created_at: float
    private: bool = False
    content_type: str = "text"
    content_attributes: dict[str, Any] = {}
    source_id: str | None = None
    status: str = "sent"
    sender: str | None = None
    by_api: bool = False
    attachments: list[Attachment] = []


class Contact(msgspec.Struct, kw_only=True):
    id: int
    account: str
    name: str = ""
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    custom_attributes: dict[str, Any] = {}
    additional_attributes: dict[str, Any] = {}
    created_at: float = 0.0


class ContactInbox(msgspec.Struct, kw_only=True):
    """A contact's place in the inbox. ``source_id`` is unique in it."""

    id: int
    account: str
    contact_id: int
    source_id: str


class Conversation(msgspec.Struct, kw_only=True):
    """``id`` is the ``display_id``: agents see it, and all addresses have it."""

    id: int
    account: str
    contact_id: int
    contact_inbox_id: int
    status: ConversationStatus = "open"
    labels: list[str] = []
    priority: Priority | None = None
    custom_attributes: dict[str, Any] = {}
    additional_attributes: dict[str, Any] = {}
    created_at: float = 0.0
    updated_at: float = 0.0
    messages: list[Message] = []


class ChatwootState(msgspec.Struct, kw_only=True):
    last_id: int = 0
    clock_offset: float = 0.0
    contacts: dict[str, Contact] = {}
    contact_inboxes: dict[str, ContactInbox] = {}
    conversations: dict[str, Conversation] = {}

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id
