"""What all parts of the stand-in share: its accounts, what is in them, and the bytes of attachments."""

from __future__ import annotations

import secrets
from pathlib import Path

from infra.local.providers.chatwoot.errors import not_found
from infra.local.providers.chatwoot.settings import AccountSettings
from infra.local.providers.chatwoot.state import Attachment, ChatwootState, Contact, ContactInbox, Conversation
from infra.local.providers.service import AccountService
from infra.local.providers.state_file import FileFolder


class Service(AccountService[ChatwootState, AccountSettings]):
    def __init__(self, accounts: dict[str, AccountSettings], public_url: str, folder: Path) -> None:
        super().__init__(folder / "chatwoot.json", ChatwootState, accounts, public_url)
        self.folder = FileFolder(folder / "chatwoot-files")

    def conversation(self, account: str, display_id: str) -> Conversation:
        """Raises ApiError(404)."""
        found = self.state.conversations.get(display_id)
        if found is None or found.account != account:
            raise not_found()
        return found

    def contact(self, account: str, contact_id: str) -> Contact:
        """Raises ApiError(404)."""
        found = self.state.contacts.get(contact_id)
        if found is None or found.account != account:
            raise not_found()
        return found

    def contact_inbox(self, conversation: Conversation) -> ContactInbox:
        return self.state.contact_inboxes[str(conversation.contact_inbox_id)]

    def conversations_of(self, contact: Contact) -> list[Conversation]:
        """The latest first."""
        found = [each for each in self.state.conversations.values() if each.contact_id == contact.id]
        return sorted(found, key=lambda each: -each.id)

    def keep_file(self, name: str, mime_type: str, data: bytes) -> Attachment:
        signed = f"{secrets.token_urlsafe(24)}--{secrets.token_hex(20)}"
        attachment = Attachment(
            id=self.state.next_id(), name=name, mime_type=mime_type, size=len(data), signed_id=signed
        )
        self.folder.write(signed, data)
        return attachment

    def delete_contact(self, contact: Contact) -> None:
        """With all its conversations."""
        for conversation in self.conversations_of(contact):
            del self.state.conversations[str(conversation.id)]
        for place in [each for each in self.state.contact_inboxes.values() if each.contact_id == contact.id]:
            del self.state.contact_inboxes[str(place.id)]
        del self.state.contacts[str(contact.id)]
        self.changed()
