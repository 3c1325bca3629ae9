"""What all parts of the stand-in share."""

from __future__ import annotations

from pathlib import Path

from infra.local.providers.control import RefusedError
from infra.local.providers.generic.settings import AccountSettings
from infra.local.providers.generic.state import GenericState, Ticket
from infra.local.providers.service import AccountService


class Service(AccountService[GenericState, AccountSettings]):
    def __init__(self, accounts: dict[str, AccountSettings], public_url: str, folder: Path) -> None:
        super().__init__(folder / "generic.json", GenericState, accounts, public_url)

    def ticket(self, name: str) -> Ticket:
        """Raises RefusedError(404)."""
        if name not in self.state.tickets:
            raise RefusedError(404, f"no ticket {name}")
        return self.state.tickets[name]
