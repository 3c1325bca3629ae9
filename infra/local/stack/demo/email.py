"""A mail account of the SES stand-in."""

from __future__ import annotations

from typing import Any

from infra.local.stack.settings import Settings


def accounts(settings: Settings) -> dict[str, dict[str, Any]]:
    shared = {
        "address": "support@onethread.example",
        "reply_domain": "reply.onethread.example",
        "from_name": "Onethread Support",
    }
    return {"main": {"secret": {**shared, "api_base": f"{settings.providers_url}/email"}, "stand_in": shared}}
