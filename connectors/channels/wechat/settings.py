"""What the secret of a WeChat account holds, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from shared.ports.accounts import Account

API_BASE = "https://api.weixin.qq.com"
PICTURE_BASE = "https://mp.weixin.qq.com"
_WECHATS_OWN = ".weixin.qq.com"


def setting(account: Account, name: str) -> str:
    """A setting that must be there. Raises ConfigurationError."""
    value = account.get(name)
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"the WeChat account has no {name}")
    return value


def is_secure(account: Account) -> bool:
    """Whether pushes are encrypted: as ``mode`` says, else whether there is an ``encoding_aes_key``."""
    mode = account.get("mode")
    return mode == "secure" if mode else bool(account.get("encoding_aes_key"))


def api_base(account: Account) -> str:
    return str(account.get("api_base") or API_BASE).rstrip("/")


def picture_base(account: Account) -> str:
    """Where the pictures of QR codes are: WeChat has a host of their own for all its API hosts; what stands in for
    WeChat, or in front of it, has them as well."""
    base = api_base(account)
    return PICTURE_BASE if (urlsplit(base).hostname or "").endswith(_WECHATS_OWN) else base


def problems(account: Account) -> list[str]:
    """What is wrong with an account's settings, one sentence each; no setting's value is shown."""
    found = [
        f"{name} is missing."
        for name in ("app_id", "app_secret", "token")
        if not isinstance(account.get(name), str) or not account[name]
    ]
    if account.get("mode") not in (None, "", "plain", "secure"):
        found.append("mode must be plain or secure; for WeChat's compatible mode use secure.")
    if is_secure(account):
        found.extend(_key_problems(account.get("encoding_aes_key")))
    base = urlsplit(api_base(account))
    if base.scheme not in ("http", "https") or not base.netloc:
        found.append("api_base must be an http or https address.")
    return found


def _key_problems(key: object) -> list[str]:
    if not key:
        return ["encoding_aes_key is missing; secure mode needs it."]
    from connectors.channels.wechat.crypto import aes_key

    try:
        aes_key(str(key))
    except ConfigurationError as error:
        return [f"{error}."]
    return []
