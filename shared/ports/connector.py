"""A connector, apart from its ``Ingress``, and what it takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shared.model.capabilities import Capabilities
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent
    from shared.model.media import Media
    from shared.model.message import Degradation, Message
    from shared.ports.accounts import Account
    from shared.ports.context import ChannelContext


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to: the identity, its external id on the channel, and the thread to stay in.

    ``earlier`` is what was said before between this identity and us, the newest first and not far back; it is filled
    for channels that thread by message.
    """

    identity_id: str
    external_id: str
    thread_id: str | None = None
    earlier: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that must be with the provider before the request: the provider's id for it goes into ``slot`` of the
    body.

    ``kind`` is the provider's word for the type of media; ``slot`` is the path of keys and indexes into the body.
    """

    media: Media
    kind: str
    slot: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One call to the provider's send API, rendered; a long message may need several, in order."""

    operation: str
    body: dict[str, Any]
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """A message as a channel can show it, and what it lost on the way."""

    requests: list[OutboundRequest]
    degradations: list[Degradation]


@dataclass(frozen=True, slots=True)
class SendResult:
    """The provider took it: its ids for the message, if it gives any, and the status that this proves."""

    external_ids: tuple[str, ...] = ()
    status: str = "sent"


@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """The bytes of an inbound file, and what the provider says they are."""

    body: bytes
    declared_mime_type: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class DeepLink:
    """An address by which a customer goes on with their conversation on this channel. ``qr`` is what a QR code has to
    hold, when it is not the address itself."""

    url: str
    qr: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the provider knows of a sender. ``aliases`` are ids that it proves, by kind (``unionid``, ``email``)."""

    name: str | None = None
    language: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``onethread channel check``."""

    ok: bool
    subject: str
    detail: str


class Connector(Protocol):
    """Everything that knows one provider, apart from its ``Ingress``. Pure where possible: parse and render use
    no network."""

    @property
    def capabilities(self) -> Capabilities: ...

    def validate(self, account: Account) -> list[str]:
        """What is wrong with an account's settings, one sentence each; empty when they are complete."""
        ...

    def parse(self, envelope: Envelope) -> list[InboundEvent]:
        """All events in a verified webhook, in order. Authentic but strange content becomes an ``unsupported`` part,
        never an error."""
        ...

    def render(self, message: Message, recipient: Recipient) -> Rendering:
        """The message in the provider's form, within its limits. Raises Unprocessable when nothing of it can be
        shown."""
        ...

    def send(self, request: OutboundRequest, context: ChannelContext) -> SendResult:
        """One call to the provider. Raises DeliveryError, classed, when it was not taken or when that is unknown."""
        ...

    def fetch_media(self, reference: Mapping[str, str], context: ChannelContext) -> FetchedMedia:
        """An inbound file. Raises DeliveryError: class ``permanent`` with code ``media_expired`` when it is gone."""
        ...

    def type(self, recipient: Recipient, active: bool, context: ChannelContext) -> None:
        """Shows (or stops showing) that somebody is typing. Raises DeliveryError; callers treat it as best effort."""
        ...

    def deep_link(self, code: str, context: ChannelContext) -> DeepLink | None:
        """Where a customer follows a link code (shared.model.link_codes) to this channel; None when the channel, or
        this account, has no such address. May call the provider. Raises DeliveryError."""
        ...

    def profile(self, external_id: str, context: ChannelContext) -> Profile | None:
        """Who a sender is, as the provider knows them; None when it does not say. Called once for a new sender, on
        channels with ``profiles``. Raises DeliveryError."""
        ...

    def check(self, context: ChannelContext) -> list[Finding]:
        """Calls the provider to prove that the account works."""
        ...
