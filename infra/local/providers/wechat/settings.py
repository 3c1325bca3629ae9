"""An Official Account as it is set up in WeChat's console."""

from __future__ import annotations

from typing import Literal

import msgspec

Mode = Literal["plain", "compatible", "secure"]


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``webhook_url`` is the server address of the console. No ``mode``: secure when there is a key, else plain.

    ``verified``: unverified accounts may not send customer-service messages, make QR codes or ask who a user is.
    ``open_platform``: the account is bound to the one Open Platform account, so its users have a unionid.
    ``allowed_ips``: the IP whitelist for tokens; None lets everybody in.
    """

    app_id: str
    app_secret: str
    token: str
    original_id: str
    webhook_url: str
    encoding_aes_key: str | None = None
    mode: Mode | None = None
    data_format: Literal["xml", "json"] = "xml"
    verified: bool = True
    open_platform: bool = False
    allowed_ips: list[str] | None = None
    kf_accounts: list[str] = []

    def __post_init__(self) -> None:
        if self.mode is None:
            self.mode = "secure" if self.encoding_aes_key else "plain"
        if self.mode != "plain" and len(self.encoding_aes_key or "") != 43:
            raise ValueError("encoding_aes_key has exactly 43 characters")
        if not 3 <= len(self.token) <= 32:
            raise ValueError("token has 3 to 32 characters")
        if not self.original_id.startswith("gh_"):
            raise ValueError("original_id starts with gh_")

    @property
    def encrypted(self) -> bool:
        return self.mode != "plain"
