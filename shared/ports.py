"""The seams between the core and what surrounds it: Protocols for connectors, and for what connectors are handed.

A connector is two things, kept apart so that the webhook function imports almost nothing: an :class:`Ingress`
(handshake and verification, standard library only where possible) and a :class:`Connector` (everything else).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.http.response import Response
    from shared.model.capabilities import Capabilities
    from shared.model.envelope import Addressed, Envelope, QueuedEvent, VerifiedEvent
    from shared.model.inbound import InboundEvent
    from shared.model.media import Media
    from shared.model.message import Degradation, Message

Account = Mapping[str, Any]
"""The secret of one channel account: the JSON object that ``onethread channel set`` stored."""

Clock = Callable[[], float]
"""Seconds since the epoch."""


class Ingress(Protocol):
    """What the webhook function needs of a connector."""

    @property
    def body_limit(self) -> int:
        """The largest body that is read, in bytes; a larger one is answered 413 unread."""
        ...

    def handshake(self, request: Request, account: Account) -> Response | None:
        """The answer to the provider's setup call, or None when this request is not one. Raises RequestError when it
        is forged."""
        ...

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """Proves that the provider sent this, over the raw bytes, in constant time. Raises RequestError otherwise."""
        ...

    def acknowledge(self) -> Response:
        """What the provider wants to hear once the events are durable."""
        ...


class Intake(Protocol):
    """What the function behind a mailbox needs of a connector: events that come without a webhook."""

    @property
    def head_bytes(self) -> int:
        """How much of a mail :meth:`mail` is shown. ``parse`` judges a mail by the same bytes, so both go by this."""
        ...

    def mail(self, head: bytes, accounts: Mapping[str, Account], seals: Seals) -> list[Addressed]:
        """Whose a mail is, by its first bytes (the header fields are among them): one event for each account, without
        a body. Empty when no account has any of its recipients."""
        ...

    def report(self, body: bytes) -> list[Addressed]:
        """What the mail provider says became of mail that we sent. Raises BadRequest (``malformed_report``)."""
        ...


class AccountSecrets(Protocol):
    """The secrets of one channel account; two are valid while one is rotated."""

    @property
    def current(self) -> Account: ...

    def previous(self) -> Account | None:
        """The secret before the last rotation, if there is one."""
        ...


class Accounts(Protocol):
    """The channel accounts of this stack."""

    def account(self, channel: str, account: str) -> AccountSecrets:
        """Raises UnknownAccount. May be a few minutes old."""
        ...

    def refresh(self, channel: str, account: str) -> AccountSecrets:
        """As it is stored now, for a caller whose proof failed; asks at most once every 30 s."""
        ...


class InboundQueue(Protocol):
    """The durable queue in front of ingest."""

    def put(self, events: list[QueuedEvent]) -> None:
        """Returns only when every event is durable. Raises InfrastructureError otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A provider's answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient(Protocol):
    """Calls the outside world. Never follows a redirect; caps the answer; every wait has an end."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        """Raises DeliveryError: ``provider_unreachable`` (retry; nothing was sent), ``provider_timeout`` and
        ``provider_reset`` (unknown; it may have been received), ``provider_redirected``, ``address_refused``,
        ``response_too_large`` (permanent)."""
        ...


@dataclass(frozen=True, slots=True)
class FreshToken:
    """An access token as the provider gave it; ``expires_in`` is in seconds."""

    value: str
    expires_in: float


class AccessTokens(Protocol):
    """The one access token of a channel account, shared by all functions."""

    def current(self, fetch: Callable[[], FreshToken]) -> str:
        """The stored token; fetched under a lease when there is none or it is about to expire."""
        ...

    def replace(self, failing: str, fetch: Callable[[], FreshToken]) -> str:
        """A token other than ``failing``: the stored one if somebody has already replaced it, else a fresh one."""
        ...


class MediaFiles(Protocol):
    """Files that are to be sent."""

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        """The bytes of a stored media, or of the https address it names. Raises DeliveryError (permanent) when it
        cannot be had."""
        ...


class Sockets(Protocol):
    """Open web-chat connections."""

    def push(self, identity_id: str, frame: bytes) -> int:
        """Sends a frame to every connection of an identity; stale ones are removed. Returns how many took it."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail as it is handed to the mail provider: ``raw`` is the whole MIME message, at most 40 MB; ``recipients`` are
    addresses of the envelope. ``tags`` come back with every report on it: names and values are A-Z a-z 0-9 _ -."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    tags: Mapping[str, str]


class Mailer(Protocol):
    """The mail provider: the one seam to replace where there is no SES."""

    def send(self, mail: OutgoingMail, api_base: str | None) -> str:
        """Hands the mail over; the provider's id for it. ``api_base`` is the account's own address of the provider.
        Raises DeliveryError, classed."""
        ...

    def message_ids(self, provider_id: str) -> tuple[str, ...]:
        """The Message-IDs, angle brackets included, that a mail which was handed over may have reached its recipients
        under: providers put their own in place of ours."""
        ...

    def check(self, address: str, api_base: str | None) -> list[Finding]:
        """Whether the provider would send from this address."""
        ...


class Originals(Protocol):
    """What came in whole and too large for a queue: raw mail."""

    def read(self, key: str) -> bytes:
        """Raises DeliveryError(permanent, ``media_expired``) when it is not kept any more."""
        ...


class Seals(Protocol):
    """Proofs that something was made by this stack: they travel in what customers send back."""

    def seal(self, *fields: str) -> bytes:
        """32 bytes that nobody else can make for these fields."""
        ...

    def holds(self, seal: bytes, *fields: str) -> bool:
        """Whether ``seal`` is the beginning of a seal of ours, of at least 10 bytes, under the current secret or the
        one before. Takes the same time whatever the answer."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """What a connector may use when it talks to its provider for one account.

    ``http`` goes to the provider's API (``api_base`` is the deployer's own word); ``web`` is for addresses out of
    messages and refuses everything private.
    """

    account_name: str
    account: Account
    http: HttpClient
    web: HttpClient
    tokens: AccessTokens
    media: MediaFiles
    sockets: Sockets
    mailer: Mailer
    originals: Originals
    seals: Seals


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
    """Everything that knows one provider, apart from its :class:`Ingress`. Pure where possible: parse and render use
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
