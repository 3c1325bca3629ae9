"""The account ``demo`` of the local stack: one inbox of the type API."""

from __future__ import annotations

import secrets

from infra.local.providers.desk import Demo


def demo(api_base: str, webhook_url: str) -> Demo:
    shared = {"access_token": secrets.token_urlsafe(24), "webhook_secret": secrets.token_urlsafe(24)}
    labels = ["vip", "parcel", "invoice"]
    return Demo(
        secret={**shared, "account_id": "1", "inbox_id": "1", "api_base": api_base},
        stand_in={**shared, "account_id": 1, "inbox_id": 1, "labels": labels, "webhook_url": webhook_url},
    )
