"""Webhooks from Zendesk: the proof that a request is the account's.

``X-Zendesk-Webhook-Signature`` is the HMAC-SHA256, in base64, of ``<X-Zendesk-Webhook-Signature-Timestamp><raw body>``
with the webhook's signing secret, as it is shown. Source: developer.zendesk.com/documentation/webhooks/verifying.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.helpdesks.zendesk.marks import answer_in, comment_id, is_our_doing, read_body, ticket_id
from connectors.helpdesks.zendesk.settings import setting
from shared.errors import BadRequest, MethodNotAllowed, Unauthorized
from shared.http.response import Response
from shared.model.envelope import VerifiedEvent

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.ports.accounts import Account
    from shared.ports.ingress import Ingress

FRESHNESS = 300
"""How far, in seconds, a request's timestamp may be from now. Zendesk itself names no limit."""

_SIGNATURE = "x-zendesk-webhook-signature"
_TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
_INVOCATION = "x-zendesk-webhook-invocation-id"
_DONE = Response()


class ZendeskIngress:
    """One request is one event."""

    body_limit = 1_048_576

    def handshake(self, request: Request, account: Account) -> Response | None:
        """Zendesk makes no setup call."""
        return None

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """The event in a request; none when it asks for nothing: it tells of what we did ourselves, or of the
        customer's own words.

        The ticket decides the order. An answer is known by its comment, and a change of status by the invocation, for
        a ticket may be solved twice within minutes.

        Raises MethodNotAllowed, BadRequest (``missing_parameter``, ``malformed``), Unauthorized (``bad_signature``,
        ``stale_timestamp``), ConfigurationError.
        """
        if request.method != "POST":
            raise MethodNotAllowed("method_not_allowed", "Zendesk's webhooks are POST")
        _prove(request, account, now)
        event = read_body(request.body)
        ticket = ticket_id(event)
        if is_our_doing(event, account):
            return []
        answer = answer_in(event, account)
        if isinstance(event.get("status"), str):
            digest = hashlib.sha256(request.body).hexdigest()
            called = request.headers.get(_INVOCATION) or f"{request.headers[_TIMESTAMP]}:{digest}"
            return [VerifiedEvent(ticket, f"status:{called}", request.body)]
        if answer is None:
            return []
        return [VerifiedEvent(ticket, f"comment:{comment_id(event, answer)}", request.body)]

    def acknowledge(self) -> Response:
        return _DONE


INGRESS: Ingress = ZendeskIngress()


def _prove(request: Request, account: Account, now: float) -> None:
    timestamp, given = request.headers.get(_TIMESTAMP), request.headers.get(_SIGNATURE)
    if not timestamp or not given:
        raise BadRequest("missing_parameter", f"there is no {_SIGNATURE if timestamp else _TIMESTAMP}")
    signed = timestamp.encode("utf-8", "surrogatepass") + request.body
    digest = hmac.new(setting(account, "webhook_secret").encode(), signed, hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(digest), given.encode("utf-8", "surrogatepass")):
        raise Unauthorized("bad_signature", f"{_SIGNATURE} is wrong")
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError as error:
        raise Unauthorized("stale_timestamp", "the timestamp is not a time") from error
    if at.tzinfo is None or not -FRESHNESS <= now - at.timestamp() <= FRESHNESS:
        raise Unauthorized("stale_timestamp", f"the timestamp is over {FRESHNESS} seconds from now")
