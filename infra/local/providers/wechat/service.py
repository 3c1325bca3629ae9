"""What all parts of the stand-in share: accounts, memory, clock, faults and the record of calls."""

from __future__ import annotations

import time
from pathlib import Path

from infra.local.providers.clock import Clock
from infra.local.providers.control import RefusedError
from infra.local.providers.faults import Faults
from infra.local.providers.journal import Journal
from infra.local.providers.state_file import StateFile
from infra.local.providers.wechat.media import keep
from infra.local.providers.wechat.settings import AccountSettings
from infra.local.providers.wechat.state import Customer, MediaFolder, MediaItem, WeChatState


class Service:
    """``public_url`` is where the provider's API is mounted: WeChat's own links begin with it."""

    def __init__(self, accounts: dict[str, AccountSettings], public_url: str, folder: Path) -> None:
        self.accounts = accounts
        self.public_url = public_url.rstrip("/")
        self.file = StateFile(folder / "wechat.json", WeChatState, WeChatState)
        self.media = MediaFolder(folder / "wechat-media")
        self.clock = Clock(self.state.clock_offset)
        self.faults = Faults()
        self.journal = Journal()

    @property
    def state(self) -> WeChatState:
        return self.file.state

    def changed(self) -> None:
        self.file.changed()

    def move_clock(self, offset: float) -> None:
        self.clock.offset = self.state.clock_offset = offset
        self.changed()

    def account(self, name: str | None) -> tuple[str, AccountSettings]:
        """The named account, or the first one. Raises RefusedError(404)."""
        chosen = name or next(iter(self.accounts), "")
        if chosen not in self.accounts:
            raise RefusedError(404, f"no account {chosen}")
        return chosen, self.accounts[chosen]

    def customer(self, openid: str) -> Customer:
        if openid not in self.state.customers:
            raise RefusedError(404, f"no customer {openid}")
        return self.state.customers[openid]

    def keep_media(self, data: bytes, *, account: str, kind: str, filename: str, mime_type: str) -> MediaItem:
        item = keep(
            self.state,
            self.media,
            data,
            account=account,
            kind=kind,
            filename=filename,
            mime_type=mime_type,
            now=self.clock.now(),
        )
        self.changed()
        return item

    def next_msg_id(self) -> int:
        self.state.last_msg_id += 1
        return self.state.last_msg_id

    @staticmethod
    def wall_clock() -> float:
        """What is signed, sent and shown carries real time, whatever the rules' clock says."""
        return time.time()
