"""The Chatwoot stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

from pathlib import Path

from infra.local.providers.chatwoot.api import ChatwootApi
from infra.local.providers.chatwoot.changes import Changes
from infra.local.providers.chatwoot.control_api import ChatwootControl
from infra.local.providers.chatwoot.delivery import Webhooks
from infra.local.providers.chatwoot.service import Service
from infra.local.providers.chatwoot.settings import AccountSettings
from infra.local.providers.desk import kept_running


class ChatwootProvider:
    """``api`` is mounted at ``public_url``, where accounts' ``api_base`` points; ``control`` goes under
    ``/_control/chatwoot``. ``folder`` keeps the memory between runs."""

    def __init__(self, accounts: dict[str, AccountSettings], *, public_url: str, folder: Path) -> None:
        self.service = Service(accounts, public_url, folder)
        webhooks = Webhooks(self.service)
        changes = Changes(self.service, webhooks)
        self.api = ChatwootApi(self.service, changes, webhooks).application()
        self.control = ChatwootControl(self.service, changes, webhooks).application()
        kept_running(self.api, self.service, webhooks)
