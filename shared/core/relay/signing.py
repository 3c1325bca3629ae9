"""Signatures of webhooks, and the secrets behind them.

Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): signed
is ``<id>.<timestamp>.<body>``, with HMAC-SHA256 (``v1``) or Ed25519 (``v1a``), once with every secret that is live.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from shared.core.relay.records import Subscription
    from shared.ports.context import Seals

_DOMAIN: Final = "subscription"
"""Sets these secrets apart from everything else that is derived from the stack's secret."""


def signed_headers(seals: Seals, subscription: Subscription, event_id: str, body: bytes, now: float) -> dict[str, str]:
    """The three headers that say who sent this, when, and that it is the event of that id. ``now`` is in seconds."""
    timestamp = str(int(now))
    content = f"{event_id}.{timestamp}.".encode() + body
    signatures = [_signature(seals, subscription, number, content) for number in live_numbers(subscription, now)]
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def live_numbers(subscription: Subscription, now: float) -> list[int]:
    """The numbers of the secrets that are used, the newest first."""
    live = [each for each in subscription.secrets if each.until is None or each.until > now]
    return sorted((each.number for each in live), reverse=True)


def shown_secret(seals: Seals, subscription: Subscription) -> str:
    """What a consumer verifies with, for the newest secret: ``whsec_...``, which is to be kept secret, or the public
    key ``whpk_...`` of a subscription that is signed with Ed25519."""
    number = max(each.number for each in subscription.secrets)
    if subscription.signing == "hmac":
        return "whsec_" + b64encode(_secret(seals, subscription.id, number)).decode()
    public = _private_key(seals, subscription.id, number).public_key().public_bytes_raw()
    return "whpk_" + b64encode(public).decode()


def _signature(seals: Seals, subscription: Subscription, number: int, content: bytes) -> str:
    if subscription.signing == "hmac":
        digest = hmac.digest(_secret(seals, subscription.id, number), content, hashlib.sha256)
        return "v1," + b64encode(digest).decode()
    return "v1a," + b64encode(_private_key(seals, subscription.id, number).sign(content)).decode()


def _secret(seals: Seals, subscription_id: str, number: int) -> bytes:
    return seals.seal(_DOMAIN, subscription_id, str(number))


def _private_key(seals: Seals, subscription_id: str, number: int) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seals.seal(_DOMAIN, subscription_id, str(number), "ed25519"))
