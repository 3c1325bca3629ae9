"""What adapters are handed, put together for each helpdesk account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.helpdesk.seam import HelpdeskContext

if TYPE_CHECKING:
    from shared.core.helpdesks.files import FilesOf
    from shared.core.records import Entry
    from shared.helpdesk.seam import DeskMemory
    from shared.ports.accounts import Accounts
    from shared.ports.clock import Clock
    from shared.ports.http import HttpClient


class HelpdeskContexts:
    """Call it with (helpdesk, account) and the log entry whose files may be read, if there is one."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        http: HttpClient,
        files_of: FilesOf,
        memory_of: Callable[[str, str], DeskMemory],
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._http = http
        self._files_of = files_of
        self._memory_of = memory_of
        self._clock = clock

    def __call__(self, helpdesk: str, account: str, entry: Entry | None = None) -> HelpdeskContext:
        """Raises UnknownAccount."""
        return HelpdeskContext(
            account_name=account,
            account=self._accounts.account(helpdesk, account).current,
            http=self._http,
            files=self._files_of(entry),
            memory=self._memory_of(helpdesk, account),
            clock=self._clock,
            source=source_of(helpdesk, account),
        )

    def refresh(self, helpdesk: str, account: str) -> None:
        """The account's settings may have been mended: they are read again, at most every 30 s. Raises
        UnknownAccount."""
        self._accounts.refresh(helpdesk, account)


def source_of(helpdesk: str, account: str) -> str:
    """How messages and changes name the helpdesk that they came from (``metadata.helpdesk``)."""
    return f"{helpdesk}/{account}"
