"""A workspace of the Slack stand-in with the app installed. Ids stay the same, so that people and channels of the last
start are still its own; token and signing secret are new."""

from __future__ import annotations

import secrets
from typing import Any

from infra.local.stack.settings import Settings


def accounts(settings: Settings) -> dict[str, dict[str, Any]]:
    shared = {
        "bot_token": f"xoxb-{secrets.randbelow(10**12):012d}-{secrets.token_hex(12)}",
        "signing_secret": secrets.token_hex(16),
        "team_id": "T0DEMO00001",
    }
    return {
        "main": {
            "secret": {**shared, "api_base": f"{settings.providers_url}/slack"},
            "stand_in": {
                **shared,
                "app_id": "A0DEMO00001",
                "bot_id": "B0DEMO00001",
                "bot_user_id": "U0DEMO00001",
                "webhook_url": f"{settings.url}/hooks/slack/main",
            },
        }
    }
