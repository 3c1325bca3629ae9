"""What Slack's answers mean. It says 200 to almost everything; the truth is in ``ok`` and ``error``.

Sources: docs.slack.dev, the error tables of the methods called here, and "Rate limits".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import DeliveryError
from shared.http.answers import garbled, json_object, retry_after

if TYPE_CHECKING:
    from shared.errors import ErrorClass
    from shared.ports.http import HttpResponse


class Verdict(NamedTuple):
    error_class: ErrorClass
    code: str
    title: str


def _same(error_class: ErrorClass, titles: Mapping[str, str]) -> dict[str, Verdict]:
    return {error: Verdict(error_class, error, title) for error, title in titles.items()}


ERRORS: Mapping[str, Verdict] = {
    "ratelimited": Verdict("retry", "rate_limited", "Too many calls"),
    "rate_limited": Verdict("retry", "rate_limited", "Too many calls"),
    "message_limit_exceeded": Verdict("retry", "rate_limited", "Too many messages to this channel"),
    "internal_error": Verdict("retry", "provider_error", "Slack had an error"),
    "fatal_error": Verdict("retry", "provider_error", "Slack had an error"),
    "service_unavailable": Verdict("retry", "provider_error", "Slack is not available"),
    "request_timeout": Verdict("retry", "provider_error", "Slack did not get the whole request"),
    "team_added_to_org": Verdict("retry", "provider_busy", "The workspace is being moved into an organisation"),
    **_same("token", {"token_expired": "The bot token has expired"}),
    **_same(
        "account",
        {
            "token_revoked": "The bot token was revoked",
            "invalid_auth": "Slack does not know the bot token",
            "not_authed": "There is no bot token",
            "account_inactive": "The app is not installed any more, or its workspace is gone",
            "missing_scope": "The app lacks a permission (scope)",
            "no_permission": "The app lacks a permission",
            "not_allowed_token_type": "The token is not a bot token",
            "org_login_required": "The workspace is being moved into an organisation",
            "ekm_access_denied": "An administrator has suspended access",
            "access_denied": "The app may not use this method",
            "team_access_not_granted": "The app was not given this workspace",
            "accesslimited": "The app may not use this method here",
            "invalid_refresh_token": "The refresh token was used before or has ended; install the app anew",
            "invalid_client_id": "Slack does not know the client id",
            "bad_client_secret": "The client secret is wrong",
            "token_rotation_not_enabled": "The app's token does not rotate: store its bot token, and no refresh token",
        },
    ),
    **_same(
        "permanent",
        {
            "channel_not_found": "There is no such channel, or the app is not in it",
            "not_in_channel": "The app is not in the channel",
            "is_archived": "The channel is archived",
            "restricted_action": "An administrator has restricted posting",
            "restricted_action_read_only_channel": "The channel is read-only",
            "restricted_action_thread_only_channel": "The channel takes replies in threads alone",
            "restricted_action_non_threadable_channel": "The channel has no threads",
            "restricted_action_thread_locked": "The thread is locked",
            "thread_locked": "The thread is locked",
            "cannot_reply_to_message": "This message takes no replies",
            "msg_too_long": "The text is too long",
            "msg_blocks_too_long": "The blocks are too long",
            "invalid_blocks": "Slack does not take these blocks",
            "invalid_blocks_format": "Slack does not take these blocks",
            "no_text": "There is nothing in the message",
            "invalid_arguments": "Slack does not take these arguments",
            "invalid_metadata_format": "Slack does not take the metadata",
            "user_not_found": "Slack does not know the user",
            "users_not_found": "Slack does not know the user",
            "file_upload_size_restricted": "The workspace restricts the size of files",
            "file_uploads_disabled": "The workspace allows no files",
            "file_type_restricted": "The workspace does not allow files of this type",
            "storage_limit_reached": "The workspace has no room for files left",
        },
    ),
    "file_not_found": Verdict("permanent", "media_expired", "Slack does not have the file any more"),
    "file_deleted": Verdict("permanent", "media_expired", "The file was deleted"),
    **_same(
        "blocked",
        {
            "user_disabled": "The user's account is deactivated",
            "cannot_dm_bot": "The recipient is an app",
            "user_not_visible": "The user cannot be seen by the app",
        },
    ),
}
"""Every ``error`` with a meaning for us. Any other is permanent, with its name in the code."""

_UNNAMED = re.compile(r"[^a-z0-9_]")


def read_answer(response: HttpResponse) -> dict[str, Any]:
    """The JSON object of a success. Raises DeliveryError, classed, for anything else."""
    answer = json_object(response, "Slack")
    if not isinstance(answer.get("ok"), bool):
        raise garbled("Slack")
    if answer["ok"] is not True:
        raise refusal(str(answer.get("error", "")), retry_after(response))
    return answer


def refusal(error: str, pause: float | None = None) -> DeliveryError:
    """The error for Slack's word for it."""
    verdict = ERRORS.get(error)
    if verdict is None:
        name = _UNNAMED.sub("_", error.lower())[:60] or "unknown"
        return DeliveryError("permanent", f"slack_{name}", f"Slack refused: {name}")
    wait = pause if verdict.error_class == "retry" else None
    return DeliveryError(verdict.error_class, verdict.code, verdict.title, wait)
