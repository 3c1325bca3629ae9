"""What ``onethread channel check`` finds out about an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.wechat.deep_links import temporary_code
from connectors.channels.wechat.errors import NOT_FOR_THIS_ACCOUNT
from connectors.channels.wechat.settings import is_secure, problems
from connectors.channels.wechat.tokens import fetch_token
from shared.errors import DeliveryError
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext


def check(context: ChannelContext) -> list[Finding]:
    """The settings, the mode, whether WeChat gives an access token for them, and whether it lets the account make QR
    codes."""
    wrong = problems(context.account)
    if wrong:
        return [Finding(False, "settings", sentence) for sentence in wrong]
    return [Finding(True, "settings", "complete"), _mode(context), *_calls(context)]


def _mode(context: ChannelContext) -> Finding:
    if is_secure(context.account):
        return Finding(True, "mode", "secure: pushes are encrypted and signed; plain ones are refused")
    return Finding(True, "mode", "plain: WeChat does not sign the body of a push; secure mode is recommended")


def _calls(context: ChannelContext) -> list[Finding]:
    try:
        fresh = fetch_token(context)
    except DeliveryError as error:
        detail = f"{error.title} ({error.code})"
        if error.code == "address_not_allowed":
            detail += "; add it in the WeChat console, under API IP allow list (IP白名单)"
        return [Finding(False, "access token", detail)]
    token = Finding(True, "access token", f"WeChat gave one, valid for {fresh.expires_in:.0f} seconds")
    return [token, _scan(fresh.value, context)]


def _scan(token: str, context: ChannelContext) -> Finding:
    """Whether the account may make QR codes, found out by one that nobody sees."""
    try:
        temporary_code("check", 60, token, context)
    except DeliveryError as error:
        if error.code in NOT_FOR_THIS_ACCOUNT:
            detail = "not with this account: WeChat lets verified service accounts alone make QR codes"
            return Finding(True, "scan to continue", detail)
        return Finding(False, "scan to continue", f"{error.title} ({error.code})")
    return Finding(True, "scan to continue", "customers can come here from other channels by a QR code")
