"""Web chat on this machine's own pages."""

from __future__ import annotations

import secrets
from typing import Any

from infra.local.stack.settings import Settings


def accounts(settings: Settings) -> dict[str, dict[str, Any]]:
    origins = [f"http://{name}:{settings.port}" for name in ("127.0.0.1", "localhost")]
    secret = {
        "allowed_origins": origins,
        "identity_secret": secrets.token_urlsafe(32),
        "page_url": f"{settings.url}/shop/",
    }
    return {"main": {"secret": secret}}
