"""A verified raw event on its way through the inbound queue.

A plain dataclass, read and written with the standard library: the webhook function imports nothing of the schema.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Envelope:
    """Exactly what the provider said, decrypted, and by which account. ``received_at`` is in seconds."""

    channel: str
    account: str
    received_at: float
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    traceparent: str | None = None

    def to_json(self) -> str:
        """As a queue message. The body goes as text when it is UTF-8, else as base64."""
        value: dict[str, object] = {"channel": self.channel, "account": self.account, "received_at": self.received_at}
        try:
            value["body"] = self.body.decode("utf-8")
        except UnicodeDecodeError:
            value["body64"] = base64.b64encode(self.body).decode("ascii")
        for name, part in (("query", self.query), ("headers", self.headers), ("traceparent", self.traceparent)):
            if part:
                value[name] = part if isinstance(part, str) else dict(part)
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Envelope:
        """The inverse of :meth:`to_json`. Raises ValueError or KeyError when the text is not an envelope."""
        value = json.loads(text)
        body = base64.b64decode(value["body64"]) if "body64" in value else value["body"].encode("utf-8")
        return cls(
            channel=value["channel"],
            account=value["account"],
            received_at=value["received_at"],
            body=body,
            query=value.get("query", {}),
            headers=value.get("headers", {}),
            traceparent=value.get("traceparent"),
        )
