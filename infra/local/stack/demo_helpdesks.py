"""Demo accounts of helpdesks that have a stand-in. Nothing is told to any of them until somebody subscribes it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from infra.local.stack.settings import Settings


@dataclass(frozen=True)
class DemoHelpdesk:
    """``secret`` is what ``onethread helpdesk set`` would store; ``stand_in`` what the stand-in is told."""

    helpdesk: str
    name: str
    secret: dict[str, Any]
    stand_in: dict[str, Any]


def demo_helpdesks(settings: Settings) -> list[DemoHelpdesk]:
    """All of them, with secrets that are new each time."""
    return [_chatwoot(settings), _zendesk(settings)]


def _chatwoot(settings: Settings) -> DemoHelpdesk:
    """An account with one inbox of the type API."""
    shared = {"access_token": secrets.token_urlsafe(24), "webhook_secret": secrets.token_urlsafe(24)}
    return DemoHelpdesk(
        "chatwoot",
        "demo",
        secret={
            **shared,
            "account_id": "1",
            "inbox_id": "1",
            "api_base": f"{settings.providers_url}/chatwoot",
        },
        stand_in={
            **shared,
            "account_id": 1,
            "inbox_id": 1,
            "labels": ["vip", "parcel", "invoice"],
            "webhook_url": f"{settings.url}/helpdesks/chatwoot/demo",
        },
    )


def _zendesk(settings: Settings) -> DemoHelpdesk:
    """An account whose triggers are those of the page about Zendesk."""
    shared = {
        "email": "onethread@zendesk.example",
        "api_token": secrets.token_urlsafe(24),
        "webhook_secret": secrets.token_urlsafe(24),
    }
    return DemoHelpdesk(
        "zendesk",
        "demo",
        secret={**shared, "api_base": f"{settings.providers_url}/zendesk"},
        stand_in={**shared, "webhook_url": f"{settings.url}/helpdesks/zendesk/demo"},
    )
