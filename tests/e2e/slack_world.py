"""Slack as its users and its servers know it: people in a workspace, and requests that slack_sdk has signed."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.e2e.outside import Answer, Outside


class SlackWorld:
    """The demo workspace. People act through the stand-in's control interface; ``deliver`` is Slack's own server."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        secret = outside.secret("slack", "main")
        self.team: str = secret["team_id"]
        self._signer = SignatureVerifier(secret["signing_secret"])

    def act(self, action: str, body: dict[str, Any], method: str = "POST") -> Any:
        answer = self._outside.call(method, f"/_control/slack/{action}", body if method == "POST" else None)
        assert answer.status < 300, answer.body
        return answer.json()

    def user(self, role: str = "customer") -> str:
        """Somebody new in the workspace; the user id."""
        return str(self.act("users", {"name": f"{role} {uuid.uuid4().hex[:6]}", "role": role})["id"])

    def channel(self, *members: str) -> str:
        """A new channel with the app in it; its id."""
        channel = str(self.act("channels", {"name": f"support-{uuid.uuid4().hex[:8]}"})["id"])
        self.act(f"channels/{channel}", {"add": list(members)})
        return channel

    def direct(self, user: str) -> str:
        return str(self.act("direct", {"user": user})["id"])

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """What people see in a channel, the oldest first."""
        items: list[dict[str, Any]] = self.act(f"channels/{channel}", {}, "GET")["messages"]
        return items

    def from_app(self, channel: str) -> list[dict[str, Any]]:
        return [each for each in self.messages(channel) if each.get("bot_id")]

    def deliver(self, body: str, headers: dict[str, str] | None = None, *, at: float | None = None) -> Answer:
        """A request signed by slack_sdk, as of now unless ``at`` says otherwise."""
        timestamp = str(int(time.time() if at is None else at))
        signature = self._signer.generate_signature(timestamp=timestamp, body=body)
        assert signature is not None
        every = {
            "content-type": "application/json",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature,
            **(headers or {}),
        }
        return self._outside.call("POST", "/hooks/slack/main", raw=body.encode(), headers=every)

    def event(self, event: dict[str, Any], event_id: str | None = None) -> str:
        """An Events API envelope, as Slack writes it."""
        envelope = {
            "token": "z",
            "team_id": self.team,
            "api_app_id": "A0DEMO00001",
            "type": "event_callback",
            "event_id": event_id or f"Ev{uuid.uuid4().hex[:12].upper()}",
            "event_time": int(time.time()),
            "event_context": "4-x",
            "is_ext_shared_channel": False,
            "authorizations": [{"team_id": self.team, "user_id": "U0DEMO00001", "is_bot": True}],
            "event": event,
        }
        return json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)


def form(payload: dict[str, Any]) -> str:
    """An interaction, as Slack posts it."""
    return urlencode({"payload": json.dumps(payload)})
