"""The account ``demo`` of the local stack: its triggers are those of the page about Zendesk."""

from __future__ import annotations

import secrets

from infra.local.providers.desk import Demo


def demo(api_base: str, webhook_url: str) -> Demo:
    shared = {
        "email": "onethread@zendesk.example",
        "api_token": secrets.token_urlsafe(24),
        "webhook_secret": secrets.token_urlsafe(24),
    }
    return Demo(secret={**shared, "api_base": api_base}, stand_in={**shared, "webhook_url": webhook_url})
