"""QR codes with a scene: whoever scans one tells the account which one it was.

Source: developers.weixin.qq.com, "createQRCode". The pictures here are none that a camera could read: a user scans by
the ticket, or by the address that the code would hold.
"""

from __future__ import annotations

import secrets
from typing import Any

from infra.local.providers.wechat.documents import fields
from infra.local.providers.wechat.errors import ApiError
from infra.local.providers.wechat.state import Ticket, WeChatState

DEFAULT_SECONDS = 60
MAXIMUM_SECONDS = 30 * 86400


def create(state: WeChatState, account: str, document: dict[str, Any], now: float) -> dict[str, object]:
    """The answer ``{ticket, expire_seconds?, url}``. Raises 47001, 40052 or 40053."""
    fields(document, "request", {"action_name": str, "action_info": dict}, {"expire_seconds": int})
    action = document["action_name"]
    if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise ApiError(40052)
    permanent = "LIMIT" in action
    scene = _scene(document["action_info"], named="STR" in action, permanent=permanent)
    seconds = document.get("expire_seconds", DEFAULT_SECONDS)
    if not 1 <= seconds <= MAXIMUM_SECONDS:
        raise ApiError(40053, "expire_seconds")
    ticket = Ticket(
        ticket=f"gQ{secrets.token_urlsafe(60)}==",
        account=account,
        scene=scene,
        url=f"http://weixin.qq.com/q/{secrets.token_urlsafe(15)}",
        expires_at=None if permanent else now + seconds,
    )
    state.tickets[ticket.ticket] = ticket
    lifetime: dict[str, object] = {} if permanent else {"expire_seconds": seconds}
    return {"ticket": ticket.ticket, **lifetime, "url": ticket.url}


def by_address(state: WeChatState, url: str) -> Ticket | None:
    """The code that holds this address."""
    return next((ticket for ticket in state.tickets.values() if ticket.url == url), None)


def expired(ticket: Ticket, now: float) -> bool:
    return ticket.expires_at is not None and ticket.expires_at <= now


def _scene(info: dict[str, Any], *, named: bool, permanent: bool) -> str:
    scene = fields(info, "action_info", {"scene": dict})["scene"]
    if named:
        name = fields(scene, "scene", {"scene_str": str})["scene_str"]
        if not 1 <= len(name) <= 64:
            raise ApiError(40053, "scene_str")
        return str(name)
    number = fields(scene, "scene", {"scene_id": int})["scene_id"]
    if not 1 <= number <= (100_000 if permanent else 2**32 - 1):
        raise ApiError(40053, "scene_id")
    return str(number)
