"""The channel accounts of this stack, and their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Account = Mapping[str, Any]
"""The secret of one channel account: the JSON object that ``onethread channel set`` stored."""


class AccountSecrets(Protocol):
    """The secrets of one channel account; two are valid while one is rotated."""

    @property
    def current(self) -> Account: ...

    def previous(self) -> Account | None:
        """The secret before the last rotation, if there is one."""
        ...


class Accounts(Protocol):
    """The channel accounts of this stack."""

    def account(self, channel: str, account: str) -> AccountSecrets:
        """Raises UnknownAccount. May be a few minutes old."""
        ...

    def refresh(self, channel: str, account: str) -> AccountSecrets:
        """As it is stored now, for a caller whose proof failed; asks at most once every 30 s."""
        ...
