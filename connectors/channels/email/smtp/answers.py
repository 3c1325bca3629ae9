"""What a mail server's refusals mean for the mail.

The class follows from the first digit (4: later, 5: never) and from what was refused; the enhanced code (RFC 3463),
where there is one, says why. The server's own words are not passed on: they repeat addresses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.errors import ErrorClass

Step = Literal["greeting", "login", "sender", "recipient", "copy", "content"]
"""What was refused. ``copy``: the address of somebody who was to get a copy."""

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.6", "5.1.10", "5.2.1"})
"""The address is unknown, has moved, takes no mail at all (RFC 7505), or is disabled."""

_FULL = frozenset({"5.2.2"})
_UNREACHABLE = frozenset({"5.1.2", "5.4.1", "5.4.3", "5.4.4", "5.4.6", "5.4.7"})
_TOO_LARGE = frozenset({"5.2.3", "5.3.4"})
_AUTHENTICATION = frozenset({530, 534, 535, 538})


def refusal(step: Step, code: int, words: bytes) -> DeliveryError:
    """The error for an answer that is no success. ``code`` is the three digits, ``words`` what follows them."""
    enhanced = _enhanced(words)
    said = f"{code} {enhanced}".strip()
    if code == 421:
        return DeliveryError("retry", "provider_busy", f"The mail server takes no mail just now ({said})")
    if 400 <= code <= 499:
        return DeliveryError("retry", "mail_deferred", f"The mail server puts the mail off ({said})")
    if not 500 <= code <= 599:
        return DeliveryError("retry", "provider_garbled", "The mail server's answer could not be read")
    error_class, name, title = _permanent(step, code, enhanced)
    return DeliveryError(error_class, name, f"{title} ({said})")


def _permanent(step: Step, code: int, enhanced: str) -> tuple[ErrorClass, str, str]:
    if code in _AUTHENTICATION or step == "login":
        return "account", "login_refused", "The mail server does not take the user name and password"
    if step == "greeting":
        return "account", "connection_refused", "The mail server does not talk to this stack"
    if enhanced in _TOO_LARGE or (code == 552 and step in ("sender", "content") and enhanced not in _FULL):
        return "permanent", "mail_too_large", "The mail is larger than the mail server takes"
    if step == "sender":
        return "account", "sender_refused", "The mail server does not send from the account's address"
    if step == "copy":
        return (
            "permanent",
            "copy_refused",
            "The mail server refuses somebody who was to get a copy; nobody got the mail",
        )
    if step == "recipient":
        return _unreachable(code, enhanced)
    return "permanent", "mail_refused", "The mail server refuses the mail"


def _unreachable(code: int, enhanced: str) -> tuple[ErrorClass, str, str]:
    """Why the customer cannot be written to. Without an enhanced code 550 may be about the address or about a policy:
    only what is certain closes the route."""
    if enhanced in _NO_SUCH_ADDRESS:
        return "blocked", "mail_bounced", "The mail server does not take mail for this address"
    if enhanced in _FULL or enhanced in _UNREACHABLE or (code == 552 and not enhanced):
        return "permanent", "mail_undelivered", "The mail could not be delivered"
    return "permanent", "mail_refused", "The mail server refuses mail to this address"


def _enhanced(words: bytes) -> str:
    found = _ENHANCED.match(words)
    return found[1].decode("ascii") if found else ""
