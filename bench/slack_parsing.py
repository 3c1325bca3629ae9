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
    """From headers and body to a message: the request, whether it is Slack's handshake, the proof, the age, the
    conversation's key and the event's name; the queue's envelope, and the event in the words of the schema."""
    from connectors.channels.slack.connector import CONNECTOR
    from connectors.channels.slack.ingress import INGRESS

    body = event()
    headers = _headers(body)
    query: dict[str, str] = {}

    def work() -> object:
        request = Request("POST", "/hooks/slack/main", query, headers, body)
        if INGRESS.handshake(request, _ACCOUNT) is not None:
            raise RuntimeError("an event was taken for a handshake")
        now = time.time()
        [found] = INGRESS.verify(request, _ACCOUNT, now)
        return CONNECTOR.parse(Envelope("slack", "main", now, found.body, found.query, found.headers))

    return work


def _bolt() -> Work:
    """As the manual sets up an app of one workspace that runs as a function: its token, its signing secret, and
    ``process_before_response``, which keeps it on one thread. From headers and body until its listener, which does
    nothing, has been called; with the middleware that every app has. What ``auth.test`` says is asked once."""
    from slack_bolt import App, BoltRequest
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse

    class Client(WebClient):
        def auth_test(self, **_: object) -> SlackResponse:
            data = {"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "B1"}
            return SlackResponse(
                client=self, http_verb="POST", api_url="", req_args={}, data=data, headers={}, status_code=200
            )

    app = App(client=Client(token="xoxb-benchmark"), signing_secret=_SECRET, process_before_response=True)

    @app.event("message")
    def listen(event: dict[str, object]) -> None:
        """What an app would do with it is not measured."""

    text = event().decode()
    headers: dict[str, str | Sequence[str]] = {**_headers(text.encode())}

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
