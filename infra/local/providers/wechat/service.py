"""What all parts of the stand-in share: its accounts, their customers and their media."""

from __future__ import annotations

import time
from pathlib import Path

from infra.local.providers.control import RefusedError
from infra.local.providers.service import AccountService
from infra.local.providers.state_file import FileFolder
from infra.local.providers.wechat.media import keep
from infra.local.providers.wechat.settings import AccountSettings
from infra.local.providers.wechat.state import Customer, MediaItem, WeChatState


class Service(AccountService[WeChatState, AccountSettings]):
    def __init__(self, accounts: dict[str, AccountSettings], public_url: str, folder: Path) -> None:
        super().__init__(folder / "wechat.json", WeChatState, accounts, public_url)
        self.media = FileFolder(folder / "wechat-media")

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
