"""Two Official Accounts of the WeChat stand-in: one that encrypts what it pushes, one that does not.

Both are bound to one Open Platform account: somebody who writes to both is told to be one person.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from infra.local.stack.settings import Settings


def accounts(settings: Settings) -> dict[str, dict[str, Any]]:
    return {"main": _account(settings, "main", secure=True), "plain": _account(settings, "plain", secure=False)}


def _account(settings: Settings, name: str, *, secure: bool) -> dict[str, Any]:
    shared: dict[str, Any] = {
        "app_id": f"wx{secrets.token_hex(8)}",
        "app_secret": secrets.token_hex(16),
        "token": secrets.token_hex(8),
        "mode": "secure" if secure else "plain",
    }
    if secure:
        # 43 characters that are base64 of 32 bytes when "=" is added (WeChat, "Message encryption").
        shared["encoding_aes_key"] = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return {
        "secret": {**shared, "api_base": f"{settings.providers_url}/wechat"},
        "stand_in": {
            **shared,
            "original_id": f"gh_{secrets.token_hex(6)}",
            "webhook_url": f"{settings.url}/hooks/wechat/{name}",
            "open_platform": True,
        },
    }
