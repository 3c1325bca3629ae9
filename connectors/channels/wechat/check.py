"""What ``onethread channel check`` finds out about an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.wechat.settings import is_secure, problems
from connectors.channels.wechat.tokens import fetch_token
from shared.errors import DeliveryError
from shared.ports import Finding

if TYPE_CHECKING:
    from shared.ports import ChannelContext


def check(context: ChannelContext) -> list[Finding]:
    """The settings, the mode, and whether WeChat gives an access token for them."""
    wrong = problems(context.account)
    if wrong:
        return [Finding(False, "settings", sentence) for sentence in wrong]
    return [Finding(True, "settings", "complete"), _mode(context), _token(context)]


def _mode(context: ChannelContext) -> Finding:
    if is_secure(context.account):
        return Finding(True, "mode", "secure: pushes are encrypted and signed; plain ones are refused")
    return Finding(True, "mode", "plain: WeChat does not sign the body of a push; secure mode is recommended")


def _token(context: ChannelContext) -> Finding:
    try:
        fresh = fetch_token(context)
    except DeliveryError as error:
        detail = f"{error.title} ({error.code})"
        if error.code == "address_not_allowed":
            detail += "; add it in the WeChat console, under API IP allow list (IP白名单)"
        return Finding(False, "access token", detail)
    return Finding(True, "access token", f"WeChat gave one, valid for {fresh.expires_in:.0f} seconds")
