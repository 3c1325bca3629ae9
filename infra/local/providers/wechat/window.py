"""When an account may write to a user, and how often.

Source: developers.weixin.qq.com, "Customer service messages": a message of the user allows 5 sends in 48 hours; a click
on the menu, a follow and a QR scan allow 3 sends in one minute each. "Customer typing": 30 seconds and 15 seconds.
"""

from __future__ import annotations

from typing import Literal

from infra.local.providers.wechat.errors import ApiError
from infra.local.providers.wechat.state import Customer, Window

Opening = Literal["message", "menu_click", "follow", "scan"]
RULES: dict[Opening, tuple[float, int]] = {
    "message": (48 * 3600, 5),
    "menu_click": (60, 3),
    "follow": (60, 3),
    "scan": (60, 3),
}
INTERACTION_SECONDS = 30
TYPING_SECONDS = 15


def open_window(customer: Customer, opening: Opening, now: float) -> None:
    seconds, sends = RULES[opening]
    customer.windows[opening] = Window(closes_at=now + seconds, remaining=sends)
    customer.interacted_at = now


def spend(customer: Customer, now: float) -> None:
    """Use up one send of the window that closes first. Raises 43004 (left), 45015 (no window), 45047 (used up)."""
    if customer.relation == "left":
        raise ApiError(43004)
    in_time = [window for window in customer.windows.values() if window.closes_at > now]
    if not in_time:
        raise ApiError(45015)
    usable = [window for window in in_time if window.remaining > 0]
    if not usable:
        raise ApiError(45047)
    min(usable, key=lambda window: window.closes_at).remaining -= 1
    customer.interacted_at = now
    customer.typing_until = 0.0


def show_typing(customer: Customer, command: object, now: float) -> None:
    """Start or stop "typing". Raises 45072 (command), 45080 (no interaction for 30 s), 45081 (shown already)."""
    if command not in ("Typing", "CancelTyping"):
        raise ApiError(45072)
    if customer.relation == "left":
        raise ApiError(43004)
    if now - customer.interacted_at > INTERACTION_SECONDS:
        raise ApiError(45080)
    if command == "CancelTyping":
        customer.typing_until = 0.0
        return
    if customer.typing_until > now:
        raise ApiError(45081)
    customer.typing_until = now + TYPING_SECONDS
