"""A verified raw event on its way through the inbound queue.

Plain objects, read and written with the standard library: the webhook function imports nothing of the schema.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from shared.model.value import Value

_NOTHING: Mapping[str, str] = MappingProxyType({})


class VerifiedEvent(Value):
    """One event out of a verified webhook, ready to be queued.

    ``sender_key`` decides the order: events with the same key are handled one after the other. ``dedupe_key`` is the
    same for every delivery of the same event. ``body`` is the event as the provider said it, decrypted. ``query`` and
    ``headers`` are those that parsing needs, and no more.
    """

    def __init__(
        self,
        sender_key: str,
        dedupe_key: str,
        body: bytes,
        query: Mapping[str, str] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
    ) -> None:
        self.sender_key: Final = sender_key
        self.dedupe_key: Final = dedupe_key
        self.body: Final = body
        self.query: Final = query
        self.headers: Final = headers


class Addressed(NamedTuple):
    """An event that came in without a webhook, and the account it is for."""

    account: str
    event: VerifiedEvent


class Envelope(Value):
    """Exactly what the provider said, decrypted, and by which account. ``received_at`` is in seconds.

    ``stored`` is the key of an original that is too large for a queue: ``body`` is read from there when it is parsed.
    """

    def __init__(
        self,
        channel: str,
        account: str,
        received_at: float,
        body: bytes,
        query: Mapping[str, str] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        traceparent: str | None = None,
        stored: str | None = None,
    ) -> None:
        self.channel: Final = channel
        self.account: Final = account
        self.received_at: Final = received_at
        self.body: Final = body
        self.query: Final = query
        self.headers: Final = headers
        self.traceparent: Final = traceparent
        self.stored: Final = stored

    def to_json(self) -> str:
        """As a queue message. The body goes as text when it is UTF-8, else as base64."""
        value: dict[str, object] = {"channel": self.channel, "account": self.account, "received_at": self.received_at}
        try:
            value["body"] = self.body.decode("utf-8")
        except UnicodeDecodeError:
            value["body64"] = base64.b64encode(self.body).decode("ascii")
        for name, mapping in (("query", self.query), ("headers", self.headers)):
            if mapping:
                value[name] = dict(mapping)
        for name, text in (("traceparent", self.traceparent), ("stored", self.stored)):
            if text is not None:
                value[name] = text
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
            stored=value.get("stored"),
        )


class QueuedEvent(NamedTuple):
    """An envelope to be queued: events of one ``group`` stay in order, a ``dedupe`` seen in the last minutes is
    dropped."""

    envelope: Envelope
    group: str
    dedupe: str
