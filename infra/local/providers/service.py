"""What the services of all stand-ins have: memory, faults and the record of calls; most have accounts and a clock."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from infra.local.providers.clock import Clock
from infra.local.providers.control import RefusedError
from infra.local.providers.faults import Faults
from infra.local.providers.journal import Journal
from infra.local.providers.state_file import StateFile


class ProviderService[State]:
    """``path`` is the file that keeps the state, a ``kind``, between runs."""

    def __init__(self, path: Path, kind: type[State]) -> None:
        self.file = StateFile(path, kind)
        self.faults = Faults()
        self.journal = Journal()

    @property
    def state(self) -> State:
        return self.file.state

    def changed(self) -> None:
        self.file.changed()


class ClockedState(Protocol):
    """The state of a stand-in whose clock can be moved."""

    clock_offset: float


class AccountService[State: ClockedState, Account](ProviderService[State]):
    """``public_url`` is where the provider's API is mounted: addresses that the provider gives out begin with it."""

    def __init__(self, path: Path, kind: type[State], accounts: dict[str, Account], public_url: str) -> None:
        super().__init__(path, kind)
        self.accounts = accounts
        self.public_url = public_url.rstrip("/")
        self.clock = Clock(self.state.clock_offset)

    def move_clock(self, offset: float) -> None:
        self.clock.offset = self.state.clock_offset = offset
        self.changed()

    def account(self, name: str | None) -> tuple[str, Account]:
        """The named account, or the first one. Raises RefusedError(404)."""
        chosen = name or next(iter(self.accounts), "")
        if chosen not in self.accounts:
            raise RefusedError(404, f"no account {chosen}")
        return chosen, self.accounts[chosen]
