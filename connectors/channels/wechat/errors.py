"""What WeChat's answers mean. It says 200 to almost everything; the truth is in ``errcode``.

Sources: developers.weixin.qq.com, "Global return codes", "Sending customer service messages", "Customer service
typing status", "Getting a stable access token".
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import DeliveryError
from shared.http.answers import garbled, json_object

if TYPE_CHECKING:
    from shared.errors import ErrorClass
    from shared.ports.http import HttpResponse


class Verdict(NamedTuple):
    """``retry_after`` is in seconds."""

    error_class: ErrorClass
    code: str
    title: str
    retry_after: float | None = None


ERRORS: Mapping[int, Verdict] = {
    -1: Verdict("retry", "provider_busy", "WeChat is busy"),
    45009: Verdict("retry", "daily_quota", "The account's daily number of calls is used up"),
    45011: Verdict("retry", "rate_limited", "Too many calls in this minute", 60.0),
    45066: Verdict("retry", "rate_limited", "Too many calls at once", 60.0),
    40001: Verdict("token", "token_refused", "The access token is not valid"),
    40014: Verdict("token", "token_refused", "The access token is not valid"),
    41001: Verdict("token", "token_refused", "The access token is missing"),
    42001: Verdict("token", "token_refused", "The access token has expired"),
    45015: Verdict("window", "window_closed", "The customer has not written within the last 48 hours"),
    45047: Verdict("window", "window_used_up", "The number of replies to the customer's last message is used up"),
    43004: Verdict("blocked", "not_following", "The customer does not follow the account"),
    50005: Verdict("blocked", "not_following", "The customer does not follow the account"),
    43019: Verdict("blocked", "blacklisted", "The customer is on the account's blacklist"),
    43101: Verdict("blocked", "refused_by_customer", "The customer has refused these messages"),
    48002: Verdict("blocked", "refused_by_customer", "The customer refuses messages from the account"),
    40013: Verdict("account", "app_id_refused", "WeChat does not know the app id"),
    40125: Verdict("account", "app_secret_refused", "The app secret is wrong"),
    40164: Verdict(
        "account", "address_not_allowed", "The address that calls WeChat is not on the account's IP allow list"
    ),
    48001: Verdict("account", "not_permitted", "The account may not use this interface; is it verified?"),
    48004: Verdict("account", "banned", "WeChat has banned the account from this interface"),
    40003: Verdict("permanent", "unknown_recipient", "WeChat does not know the customer's OpenID"),
    40007: Verdict("permanent", "media_expired", "WeChat no longer has the file"),
    40033: Verdict("permanent", "request_refused", "The request has characters that WeChat does not take"),
    40200: Verdict("permanent", "account_type", "This type of account may not do this"),
    44004: Verdict("permanent", "text_empty", "The text is empty"),
    45002: Verdict("permanent", "text_too_long", "The text is too long"),
    45008: Verdict("permanent", "article_count", "A message may have one article"),
    45072: Verdict("permanent", "typing_command", "The typing command is not known"),
    45080: Verdict("permanent", "typing_not_possible", "The customer has not written within the last 30 seconds"),
    45081: Verdict("permanent", "typing_already", "Typing is already shown"),
    47001: Verdict("permanent", "request_refused", "WeChat could not read the request"),
    61452: Verdict("permanent", "agent_unknown", "The customer service account is not valid"),
    70000: Verdict("permanent", "minors_protection", "The customer is protected as a minor"),
}
"""Every ``errcode`` with a meaning for us. Any other is permanent, with its number in the code."""

NOT_FOR_THIS_ACCOUNT = frozenset({"not_permitted", "account_type"})
"""The codes of what an account of this type, or one that is not verified, may not do."""

TYPING_NOT_POSSIBLE = frozenset({"typing_command", "typing_not_possible", "typing_already"})
_ADDRESS = re.compile(r"invalid ip\s+([0-9a-fA-F.:]{3,45})")
_LONGEST_WAIT = 43_200.0
_BEIJING = 8 * 3600


def read_answer(response: HttpResponse) -> dict[str, Any]:
    """The JSON object that WeChat answered. Raises DeliveryError, classed, for anything but a success."""
    answer = json_object(response, "WeChat")
    code = answer.get("errcode", 0)
    if not isinstance(code, int) or isinstance(code, bool):
        raise garbled("WeChat")
    if code != 0:
        raise refusal(code, str(answer.get("errmsg", "")))
    return answer


def read_confirmation(response: HttpResponse) -> None:
    """Like :func:`read_answer`, for calls that WeChat confirms by an ``errcode`` of 0; without one nothing is known."""
    if "errcode" not in read_answer(response):
        raise garbled("WeChat")


def refusal(errcode: int, errmsg: str = "") -> DeliveryError:
    """The error for an ``errcode`` that is not 0. Of WeChat's own words only the address to be allowed is passed on."""
    verdict = ERRORS.get(errcode)
    if verdict is None:
        return DeliveryError("permanent", f"wechat_{errcode}", f"WeChat refused with error {errcode}")
    wait = _until_next_day(time.time()) if errcode == 45009 else verdict.retry_after
    address = _ADDRESS.search(errmsg) if errcode == 40164 else None
    title = f"{verdict.title}: {address[1]}" if address else verdict.title
    return DeliveryError(verdict.error_class, verdict.code, title, wait)


def _until_next_day(now: float) -> float:
    """Seconds until quotas start anew, at midnight in Beijing; 12 hours at most, as long as a queue hides a message."""
    return min(_LONGEST_WAIT, 86_400 - (now + _BEIJING) % 86_400)
