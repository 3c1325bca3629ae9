"""Channels that exist in tests only, so that what is tested is the core and the store and no provider's rules.

``letters`` is plain: replies at any time, no sockets. ``lounge`` is live, and a reply is possible for an hour and
twice after the customer wrote. ``register`` is like letters, and its provider shows a repeated request once. ``post``
is like letters, and a message names those it answers. ``booth`` is like register, and a reply is possible as in the
lounge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.errors import DeliveryError
from shared.model.capabilities import Capabilities, TextLimit, WindowRule
from shared.model.envelope import Envelope
from shared.model.inbound import InboundEvent, InboundMessage, Sender
from shared.model.message import Degradation, Message
from shared.model.parts import TextPart
from shared.ports.accounts import Account
from shared.ports.connector import (
    DeepLink,
    FetchedMedia,
    Finding,
    OutboundRequest,
    Profile,
    Recipient,
    Rendering,
    SendResult,
)
from shared.ports.context import ChannelContext

LONGEST = 1000
"""Characters in one call of a test channel; a longer text takes several."""

WINDOW_SECONDS = 3600
WINDOW_SENDS = 2

# Made once: msgspec does not stand several threads decoding a type for the first time at once.
_EVENTS = msgspec.json.Decoder(list[InboundEvent])
_TEXT = TextLimit(maximum=LONGEST, unit="characters")
_WINDOW = WindowRule(opens_on="message", seconds=WINDOW_SECONDS, sends=WINDOW_SENDS)
CHANNELS = {
    "letters": Capabilities(channel="letters", title="Letters", receives=("text",), sends=("text",), text=_TEXT),
    "register": Capabilities(
        channel="register", title="Register", receives=("text",), sends=("text",), text=_TEXT, idempotent=True
    ),
    "post": Capabilities(
        channel="post", title="Post", receives=("text",), sends=("text",), text=_TEXT, threads_by_message=True
    ),
    "booth": Capabilities(
        channel="booth",
        title="Booth",
        receives=("text",),
        sends=("text",),
        text=_TEXT,
        idempotent=True,
        windows=(_WINDOW,),
    ),
    "lounge": Capabilities(
        channel="lounge", title="Lounge", receives=("text",), sends=("text",), text=_TEXT, live=True, windows=(_WINDOW,)
    ),
}


@dataclass
class Provider:
    """What stands behind a test channel. ``accepted`` is what customers see: (recipient, text). The first message gets
    the id ``provider-1``, and so on.

    ``plan`` is what happens to the next calls, in order: an error that is raised before the call is accepted, a status
    that the answer carries, or an :class:`AfterAccepting`. Without a plan every call is answered ``sent``.
    ``blocked_by`` are recipients who refuse everything.
    """

    idempotent: bool = False
    accepted: list[tuple[str, str]] = field(default_factory=list)
    plan: list[BaseException | str | AfterAccepting] = field(default_factory=list)
    blocked_by: set[str] = field(default_factory=set)
    _ids: dict[str, str] = field(default_factory=dict)

    def take(self, recipient: str, text: str, request_id: str) -> SendResult:
        if recipient in self.blocked_by:
            raise DeliveryError("blocked", "blocked_by_customer", "the customer takes nothing")
        planned = self.plan.pop(0) if self.plan else "sent"
        if isinstance(planned, BaseException):
            raise planned
        if not self.idempotent or request_id not in self._ids:
            self.accepted.append((recipient, text))
            self._ids[request_id] = f"provider-{len(self.accepted)}"
        if isinstance(planned, AfterAccepting):
            raise planned.error
        return SendResult((self._ids[request_id],), planned)


@dataclass(frozen=True)
class AfterAccepting:
    """The provider takes the call, and then ``error`` happens."""

    error: BaseException


class TestChannel:
    """Implements shared.ports.connector.Connector. Its webhooks are JSON lists of inbound events in our own words."""

    __test__ = False

    def __init__(self, channel: str) -> None:
        self._capabilities = CHANNELS[channel]
        self.provider = Provider(idempotent=self._capabilities.idempotent)
        self.recipients: list[Recipient] = []
        self.profiles: dict[str, Profile] = {}

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def validate(self, account: Account) -> list[str]:
        return []

    def parse(self, envelope: Envelope) -> list[InboundEvent]:
        return _EVENTS.decode(envelope.body)

    def render(self, message: Message, recipient: Recipient) -> Rendering:
        self.recipients.append(recipient)
        pieces = [message.text[start : start + LONGEST] for start in range(0, len(message.text), LONGEST)]
        to = recipient.external_id or recipient.identity_id
        requests = [
            OutboundRequest("send", {"to": to, "text": piece, "id": f"{message.id}-{index}"})
            for index, piece in enumerate(pieces)
        ]
        kinds = [str(msgspec.to_builtins(part)["type"]) for part in message.parts]
        lost = [
            Degradation(part=index, source=kind, target="text") for index, kind in enumerate(kinds) if kind != "text"
        ]
        return Rendering(requests, lost)

    def send(self, request: OutboundRequest, context: ChannelContext) -> SendResult:
        return self.provider.take(request.body["to"], request.body["text"], request.body["id"])

    def fetch_media(self, reference: Mapping[str, str], context: ChannelContext) -> FetchedMedia:
        raise DeliveryError("permanent", "media_expired", "test channels keep no files")

    def type(self, recipient: Recipient, active: bool, context: ChannelContext) -> None:
        return None

    def deep_link(self, code: str, context: ChannelContext) -> DeepLink | None:
        return DeepLink(f"https://{self._capabilities.channel}.example/{code}")

    def profile(self, external_id: str, context: ChannelContext) -> Profile | None:
        return self.profiles.get(external_id)

    def check(self, context: ChannelContext) -> list[Finding]:
        return []


def sender(name: str, scope: str = "main") -> Sender:
    return Sender(external_id=name, scope=scope)


def text_message(name: str, provider_id: str, text: str = "hello", **more: Any) -> InboundMessage:
    """A customer's text message, at a time that :class:`tests.support.stores.Clock` begins with."""
    values: dict[str, Any] = {"occurred_at": 1_800_000_000.0, "opens": "message", **more}
    return InboundMessage(provider_id=provider_id, sender=sender(name), parts=[TextPart(text=text)], **values)


def webhook(events: Sequence[InboundEvent] | InboundEvent, channel: str = "letters") -> Envelope:
    """A verified webhook of a test channel, on its account ``main``."""
    several = events if isinstance(events, Sequence) else [events]
    return Envelope(channel=channel, account="main", received_at=1_800_000_000.0, body=msgspec.json.encode(several))
