"""The Zendesk stand-in as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

from pathlib import Path

from infra.local.providers.desk import kept_running
from infra.local.providers.zendesk.api import ZendeskApi
from infra.local.providers.zendesk.changes import Changes
from infra.local.providers.zendesk.control_api import ZendeskControl
from infra.local.providers.zendesk.delivery import Webhooks
from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.settings import AccountSettings


class ZendeskProvider:
    """``api`` is mounted at ``public_url``, where accounts' ``api_base`` points; ``control`` goes under
    ``/_control/zendesk``. ``folder`` keeps the memory between runs."""

    def __init__(self, accounts: dict[str, AccountSettings], *, public_url: str, folder: Path) -> None:
        self.service = Service(accounts, public_url, folder)
        webhooks = Webhooks(self.service)
        changes = Changes(self.service, webhooks)
        self.api = ZendeskApi(self.service, changes, webhooks).application()
        self.control = ZendeskControl(self.service, changes, webhooks).application()
        kept_running(self.api, self.service, webhooks)
