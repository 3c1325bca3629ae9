"""Webhooks from Chatwoot: the proof that a request is the inbox's.

Signed (Chatwoot 4.13.0 and later): ``X-Chatwoot-Signature`` is ``sha256=`` and the HMAC-SHA256, in hexadecimal digits,
of ``<X-Chatwoot-Timestamp>.<raw body>`` with the secret of the inbox. Unsigned (older): the address that Chatwoot was
given carries ``?token=``, at least 128 random bits, and nothing else proves anything. Source: lib/webhooks/trigger.rb
and pull requests 13573 and 13892 of github.com/chatwoot/chatwoot; the fields: "Webhook events" at chatwoot.com/docs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.chatwoot.marks import changes_in, is_answer, is_deleted_answer
from connectors.helpdesks.chatwoot.settings import setting
from shared.errors import BadRequest, Forbidden, MethodNotAllowed, Unauthorized
from shared.helpdesk.settings import optional
from shared.http.response import Response
from shared.model.envelope import VerifiedEvent

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.ports.accounts import Account
    from shared.ports.ingress import Ingress

FRESHNESS = 300
"""How far, in seconds, a request's timestamp may be from now: as pull request 13573 advises."""

WANTED = ("message_created", "message_updated", "conversation_status_changed", "conversation_updated")
"""The events that are taken. An API inbox sends all it has; the others are acknowledged and let go."""

_SIGNATURE = "x-chatwoot-signature"
_TIMESTAMP = "x-chatwoot-timestamp"
_DONE = Response()


class ChatwootIngress:
    """One request is one event."""

    body_limit = 1_048_576

    def handshake(self, request: Request, account: Account) -> Response | None:
        """Chatwoot makes no setup call."""
        return None

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """The event in a request; none when it asks for nothing: it is of a kind or an inbox that is not wanted, an
        internal note, or a message that we have put there.

        The conversation decides the order. A message is known by its id, and a change of the conversation by the bytes
        that say it, for Chatwoot numbers only deliveries.

        Raises MethodNotAllowed, BadRequest (``missing_parameter``, ``malformed``), Unauthorized (``bad_signature``,
        ``stale_timestamp``, ``bad_token``), Forbidden (``wrong_account``), ConfigurationError.
        """
        if request.method != "POST":
            raise MethodNotAllowed("method_not_allowed", "Chatwoot's requests are POST")
        _prove(request, account, now)
        event = _object(request.body)
        if event.get("event") not in WANTED or not _is_for(event, account):
            return []
        digest = hashlib.sha256(request.body).hexdigest()
        match event["event"]:
            case "message_created" if is_answer(event):
                conversation, dedupe = _conversation(event.get("conversation")), f"message:{event.get('id')}"
            case "message_updated" if is_deleted_answer(event):
                conversation, dedupe = _conversation(event.get("conversation")), f"deleted:{event.get('id')}"
            case "conversation_status_changed":
                conversation, dedupe = _conversation(event), f"status:{digest}"
            case "conversation_updated" if changes_in(event):
                conversation, dedupe = _conversation(event), f"changed:{digest}"
            case _:
                return []
        return [VerifiedEvent(conversation, dedupe, request.body)]

    def acknowledge(self) -> Response:
        """Anything but success marks an agent's message as failed, and is not tried again."""
        return _DONE


INGRESS: Ingress = ChatwootIngress()


def _prove(request: Request, account: Account, now: float) -> None:
    """Whatever of the two the account has is asked for, and both when it has both."""
    secret, token = optional(account, "webhook_secret"), optional(account, "webhook_token")
    if secret is None and token is None:
        setting(account, "webhook_secret")
    if token is not None and not hmac.compare_digest(_bytes(request.query.get("token", "")), _bytes(token)):
        raise Unauthorized("bad_token", "the address has not the right token")
    if secret is not None:
        _require_signature(request, secret, now)


def _require_signature(request: Request, secret: str, now: float) -> None:
    timestamp, given = request.headers.get(_TIMESTAMP), request.headers.get(_SIGNATURE)
    if not timestamp or not given:
        raise BadRequest("missing_parameter", f"there is no {_SIGNATURE if timestamp else _TIMESTAMP}")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
        raise Unauthorized("stale_timestamp", "the timestamp is not a time")
    digest = hmac.new(_bytes(secret), timestamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(b"sha256=" + digest.encode(), _bytes(given)):
        raise Unauthorized("bad_signature", f"{_SIGNATURE} is wrong")
    if not -FRESHNESS <= now - int(timestamp) <= FRESHNESS:
        raise Unauthorized("stale_timestamp", f"the timestamp is over {FRESHNESS} seconds from now")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("malformed", "the body is no JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("malformed", "the body is no JSON object")
    return value


def _is_for(event: dict[str, Any], account: Account) -> bool:
    """Whether it is of the account's inbox: a webhook of the whole Chatwoot account tells of every inbox.

    Raises Forbidden when it is of another Chatwoot account.
    """
    of_account = event.get("account")
    account_id = of_account.get("id") if isinstance(of_account, dict) else event.get("account_id")
    if account_id is not None and str(account_id) != setting(account, "account_id"):
        raise Forbidden("wrong_account", "the webhook is of another Chatwoot account")
    inbox = event.get("inbox")
    inbox_id = inbox.get("id") if isinstance(inbox, dict) else event.get("inbox_id")
    return inbox_id is not None and str(inbox_id) == setting(account, "inbox_id")


def _conversation(value: object) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    if type(found) is not int:
        raise BadRequest("malformed", "the event names no conversation")
    return str(found)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
