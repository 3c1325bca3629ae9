"""Webhooks from Slack: the handshake, and the proof that a request is Slack's.

Events come as JSON, clicks and slash commands as forms; the signature is over the raw bytes of either. Source:
docs.slack.dev, "Verifying requests from Slack", "Using the Events API", "Handling user interaction".
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from connectors.channels.slack.scanning import outline, scanned
from connectors.channels.slack.signature import signed_time
from shared.errors import BadRequest, Forbidden, MethodNotAllowed, Unauthorized
from shared.http.response import Response
from shared.model.envelope import VerifiedEvent

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.ports.accounts import Account
    from shared.ports.ingress import Ingress

FRESHNESS = 300
"""How far, in seconds, a request's timestamp may be from now."""

_RETRIES = ("x-slack-retry-num", "x-slack-retry-reason")
_DONE = Response()


class SlackIngress:
    """One request is one event."""

    body_limit = 1_048_576

    def handshake(self, request: Request, account: Account) -> Response | None:
        """Slack proves an address by ``url_verification``, which is signed like all else.

        Whoever plays an old one again learns the challenge that he has: its age is not looked at.

        Raises BadRequest(``missing_parameter``), Unauthorized (``bad_signature``, ``stale_timestamp``).
        """
        # An event says near its beginning that it is one. ``find``: with bytes, ``in`` takes many times as long.
        if request.body.find(b'"event":{') >= 0 or request.body.find(b'"url_verification"') < 0:
            return None
        signed_time(request, account)
        try:
            value = json.loads(request.body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict) or value.get("type") != "url_verification":
            return None
        challenge = value.get("challenge")
        if not isinstance(challenge, str):
            raise BadRequest("missing_parameter", "there is no challenge")
        return Response(200, challenge.encode("utf-8", "replace"), {"content-type": "text/plain; charset=utf-8"})

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """The one event in a request. What cannot be read but is proven to be Slack's is kept.

        A conversation's edits, reactions and replies name the channel and not always a person, so the channel decides
        the order: nothing overtakes the message that it is about. A delivery that Slack repeats is kept as well (its
        first may never have reached us); it has the ``event_id`` of the first.

        Raises BadRequest(``missing_parameter``), Unauthorized (``bad_signature``, ``stale_timestamp``), Forbidden
        (``wrong_account``).
        """
        if request.method != "POST":
            raise MethodNotAllowed("method_not_allowed", "Slack's requests are POST")
        if abs(now - signed_time(request, account)) > FRESHNESS:
            raise Unauthorized("stale_timestamp", f"the timestamp is over {FRESHNESS} seconds from now")
        body, team_id = request.body, account.get("team_id") or ""
        sender_key, dedupe_key = scanned(body, team_id) or _parsed(body, team_id)
        if _RETRIES[0] in request.headers:
            delivery = {name: request.headers.get(name, "")[:64] for name in _RETRIES}
            return [VerifiedEvent(sender_key, dedupe_key, body, headers=delivery)]
        return [VerifiedEvent(sender_key, dedupe_key, body)]

    def acknowledge(self) -> Response:
        """Empty: anything else would be shown to whoever clicked."""
        return _DONE


INGRESS: Ingress = SlackIngress()


def _parsed(body: bytes, team_id: str) -> tuple[str, str]:
    """What decides the order of a request, and its name, where they cannot be had without parsing it."""
    channel, event_id, teams = outline(body)
    if team_id and teams and team_id not in teams:
        raise Forbidden("wrong_account", "the request is for another workspace")
    return channel or "account", event_id or hashlib.sha256(body).hexdigest()
