"""The small helpdesk as one thing: what a local server mounts, starts and stops."""

from __future__ import annotations

from pathlib import Path

from infra.local.providers.desk import kept_running
from infra.local.providers.generic.api import GenericApi
from infra.local.providers.generic.control_api import GenericControl
from infra.local.providers.generic.delivery import Webhooks
from infra.local.providers.generic.service import Service
from infra.local.providers.generic.settings import AccountSettings


class GenericProvider:
    """``api`` is mounted at ``public_url``, where accounts' ``api_base`` points; ``control`` goes under
    ``/_control/generic``. ``folder`` keeps the memory between runs."""

    def __init__(self, accounts: dict[str, AccountSettings], *, public_url: str, folder: Path) -> None:
        self.service = Service(accounts, public_url, folder)
        webhooks = Webhooks(self.service)
        self.api = GenericApi(self.service, webhooks).application()
        self.control = GenericControl(self.service, webhooks).application()
        kept_running(self.api, self.service, webhooks)
