"""What all parts of the mail stand-in share: accounts, mailboxes, and what was taken and told."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

from infra.local.providers.control import RefusedError
from infra.local.providers.email.reading import summary
from infra.local.providers.email.settings import EmailSettings
from infra.local.providers.email.state import EmailState, Kept
from infra.local.providers.service import ProviderService
from infra.local.providers.state_file import FileFolder

REMEMBERED = 1000
SMTP_HOST = "127.0.0.1"


class Service(ProviderService[EmailState]):
    """``smtp_port`` is where the listener really is once it runs."""

    def __init__(self, settings: EmailSettings, folder: Path) -> None:
        super().__init__(folder / "email.json", EmailState)
        self.settings = settings
        self.accounts = settings.accounts
        self.region = settings.aws.region
        self.smtp_port = settings.smtp_port
        self.folder = FileFolder(folder / "email-mails", ".eml")
        self.arrivals: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self.events: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)

    def takes(self, recipient: str) -> bool:
        """Whether the receipt rule takes mail for this recipient."""
        return any(account.takes(recipient) for account in self.accounts.values())

    def is_verified(self, identity: str) -> bool:
        """Whether SES would send from this address, or knows this identity: itself or its domain is verified."""
        wanted = identity.lower()
        if wanted in self.state.unverified:
            return False
        known = {name for account in self.accounts.values() for name in account.identities()}
        known = (known | set(self.state.verified)) - set(self.state.unverified)
        return wanted in known or wanted.rpartition("@")[2] in known

    def keep(self, mail: Kept, raw: bytes) -> Kept:
        self.folder.write(mail.id, raw)
        mail.shown = summary(raw)
        self.state.mails[mail.id] = mail
        self.changed()
        return mail

    def mail(self, mail_id: str) -> Kept:
        if mail_id not in self.state.mails:
            raise RefusedError(404, f"no mail {mail_id}")
        return self.state.mails[mail_id]

    def mailbox(self, address: str) -> list[Kept]:
        """What lies in one mailbox, the oldest first."""
        return [mail for mail in self.state.mails.values() if address.lower() in mail.mailboxes]

    @staticmethod
    def now() -> float:
        return time.time()
