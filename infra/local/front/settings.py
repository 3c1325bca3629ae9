"""What the front server is told when it starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from infra.local.providers.email import EmailSettings
from infra.local.providers.slack import AccountSettings as SlackAccountSettings
from infra.local.providers.wechat import AccountSettings

DEFAULT_PORT = 8700


class SlackSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The accounts the Slack stand-in has, by name."""

    accounts: dict[str, SlackAccountSettings]


class WeChatSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The accounts the WeChat stand-in has, by name."""

    accounts: dict[str, AccountSettings]


class ProviderSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which stand-ins run. ``helpdesks`` are the accounts of each helpdesk's, by its name and theirs."""

    slack: SlackSettings | None = None
    wechat: WeChatSettings | None = None
    email: EmailSettings | None = None
    helpdesks: dict[str, dict[str, dict[str, Any]]] = {}

    def names(self) -> list[str]:
        """Of all that run."""
        channels = [name for name in self.__struct_fields__ if name != "helpdesks" and getattr(self, name) is not None]
        return [*channels, *self.helpdesks]


class FrontSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``gateway_url`` is the base URL of the API Gateway emulator; ``gateway_host`` the Host it tells its APIs apart
    by.

    ``accounts`` maps a channel to its account names, for the page. ``content_origins`` are further origins the page may
    connect to and take pictures from: the socket's and the media bucket's. ``folder`` keeps the stand-ins' memory.
    """

    gateway_url: str
    api_key: str
    port: int | None = None
    gateway_host: str | None = None
    socket_url: str | None = None
    content_origins: list[str] = []
    accounts: dict[str, list[str]] = {}
    providers: ProviderSettings = msgspec.field(default_factory=ProviderSettings)
    folder: str = ".onethread/providers"

    def listening_port(self) -> int:
        """``port``, else ONETHREAD_PORT, else 8700; 0 takes any free port."""
        if self.port is not None:
            return self.port
        return int(os.environ.get("ONETHREAD_PORT", DEFAULT_PORT))

    def for_page(self) -> dict[str, Any]:
        """What the page needs to know; the API key makes this a secret of this machine."""
        return {
            "api_key": self.api_key,
            "accounts": self.accounts,
            "socket_url": self.socket_url,
            "providers": self.providers.names(),
        }


def read_settings(path: Path) -> FrontSettings:
    """Raises OSError or msgspec.ValidationError."""
    return msgspec.json.decode(path.read_bytes(), type=FrontSettings)
