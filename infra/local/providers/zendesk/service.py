"""What all parts of the stand-in share: its account, who and what is in it, and the bytes of attachments."""

from __future__ import annotations

import secrets
from pathlib import Path

from infra.local.providers.service import AccountService
from infra.local.providers.state_file import FileFolder
from infra.local.providers.zendesk.errors import not_found
from infra.local.providers.zendesk.settings import AccountSettings
from infra.local.providers.zendesk.state import Attachment, Ticket, Upload, User, ZendeskState

AGENT = "ada@zendesk.example"


class Service(AccountService[ZendeskState, AccountSettings]):
    def __init__(self, accounts: dict[str, AccountSettings], public_url: str, folder: Path) -> None:
        super().__init__(folder / "zendesk.json", ZendeskState, accounts, public_url)
        self.folder = FileFolder(folder / "zendesk-files")
        for name, settings in accounts.items():
            self._staff(User(id=0, account=name, name=settings.agent_name, role=settings.role, emails=[settings.email]))
            self._staff(User(id=0, account=name, name="Ada", role="agent", emails=[AGENT]))

    def ticket(self, account: str, number: str) -> Ticket:
        """Raises ApiError(404)."""
        found = self.state.tickets.get(number)
        if found is None or found.account != account or found.deleted:
            raise not_found()
        return found

    def user(self, account: str, number: str) -> User:
        """Raises ApiError(404)."""
        found = self.state.users.get(number)
        if found is None or found.account != account or found.deleted:
            raise not_found()
        return found

    def users_of(self, account: str) -> list[User]:
        return [each for each in self.state.users.values() if each.account == account and not each.deleted]

    def user_with(self, account: str, email: str) -> User | None:
        """Addresses are unique, whatever their case."""
        wanted = email.casefold()
        return next((each for each in self.users_of(account) if wanted in map(str.casefold, each.emails)), None)

    def tickets_of(self, user: User) -> list[Ticket]:
        return [each for each in self.state.tickets.values() if each.requester_id == user.id and not each.deleted]

    def keep_file(self, name: str, mime_type: str, data: bytes) -> Attachment:
        token = secrets.token_urlsafe(18)
        kept = Attachment(
            id=self.state.next_id(),
            name=name,
            mime_type=mime_type or "application/unknown",
            size=len(data),
            token=token,
        )
        self.folder.write(token, data)
        return kept

    def uploaded(self, account: str, token: str) -> Upload | None:
        found = self.state.uploads.get(token)
        return found if found is not None and found.account == account else None

    def _staff(self, user: User) -> None:
        if self.user_with(user.account, user.emails[0]) is None:
            user.id = self.state.next_id()
            self.state.users[str(user.id)] = user
            self.changed()
