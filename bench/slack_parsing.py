"""P3 for Slack: a plain direct message, verified, parsed and normalised, beside slack_bolt and slack_sdk."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence

from shared.http.request import Request
from shared.model.envelope import Envelope

OURS = "slack event"
BOLT = "slack_bolt dispatch"
VERIFIER = "slack_sdk verifier + json.loads"
GOAL = 15.0
"""How many times as fast as slack_bolt."""

_SECRET = "0123456789abcdef0123456789abcdef"  # made up, for the benchmark alone
_ACCOUNT = {"bot_token": "xoxb-benchmark", "signing_secret": _SECRET, "team_id": "T1"}

Work = Callable[[], object]


def works() -> dict[str, Work]:
    return {OURS: _ours(), BOLT: _bolt(), VERIFIER: _verifier()}


def event() -> bytes:
    """As Slack sends it for a person who types "hi there" to the app."""
    text = "hi there"
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    value = {
        "token": "z",
        "team_id": "T1",
        "api_app_id": "A1",
        "event": {
            "type": "message",
            "user": "U1",
            "text": text,
            "ts": "1700000000.000100",
            "client_msg_id": "c0ffee00-0000-4000-8000-000000000001",
            "team": "T1",
            "blocks": [{"type": "rich_text", "block_id": "b1", "elements": [section]}],
            "channel": "D1",
            "event_ts": "1700000000.000100",
            "channel_type": "im",
        },
        "type": "event_callback",
        "event_id": "Ev1",
        "event_time": 1_700_000_000,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": "T1",
                "user_id": "UBOT",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-x",
    }
    return json.dumps(value, separators=(",", ":")).encode()


def _headers(body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    proof = hmac.new(_SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={proof}",
    }


def _ours() -> Work:
    from connectors.channels.slack.connector import CONNECTOR
    from connectors.channels.slack.ingress import INGRESS

    body = event()
    request = Request("POST", "/hooks/slack/main", headers=_headers(body), body=body)

    def work() -> object:
        now = time.time()
        [found] = INGRESS.verify(request, _ACCOUNT, now)
        return CONNECTOR.parse(Envelope("slack", "main", now, found.body, found.query, found.headers))

    return work


def _bolt() -> Work:
    """As an app of one workspace is set up; its listener does nothing, and on the same thread."""
    import logging

    from slack_bolt import App, BoltRequest
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk import WebClient

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token="xoxb-benchmark", bot_id="B1", bot_user_id="UBOT"
        )

    app = App(
        client=WebClient(token="xoxb-benchmark"),
        signing_secret=_SECRET,
        authorize=authorize,
        process_before_response=True,
        logger=logging.getLogger("bench.slack_bolt"),
    )

    @app.event("message")
    def listen(event: dict[str, object]) -> None:
        """What an app would do with it is not measured."""

    text = event().decode()
    headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in _headers(text.encode()).items()}

    def work() -> object:
        answer = app.dispatch(BoltRequest(body=text, headers=headers))
        if answer.status != 200:
            raise RuntimeError(f"slack_bolt answered {answer.status}")
        return answer

    return work


def _verifier() -> Work:
    from slack_sdk.signature import SignatureVerifier

    verifier = SignatureVerifier(_SECRET)
    text = event().decode()
    headers = _headers(text.encode())

    def work() -> object:
        if not verifier.is_valid_request(text, headers):
            raise RuntimeError("slack_sdk refused the signature")
        return json.loads(text)

    return work
