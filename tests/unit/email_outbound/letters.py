"""What the tests of outgoing mail start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from connectors.channels.email.rendering import render
from connectors.channels.email.sending import send
from shared.errors import DeliveryError
from shared.model.media import Media
from shared.model.message import Author, Channel, Message, Origin, Status
from shared.model.parts import FilePart, ImagePart, Part, TextPart
from shared.model.text import flatten
from shared.model.timestamps import rfc3339
from shared.ports.connector import Recipient, SendResult
from shared.ports.context import ChannelContext
from shared.ports.http import HttpResponse
from shared.ports.mailer import OutgoingMail
from tests.support.mail import FixedSeals, KeptOriginals, RecordedMailer

CONVERSATION = "conv_01890000-0000-7000-8000-000000000002"
IDENTITY = "idn_ann"
NOW = 1_790_000_000.0
ACCOUNT = {"address": "help@shop.example", "reply_domain": "reply.shop.example", "from_name": "Shop"}


def outgoing(
    *parts: Part, text: str = "Hello", origin: Origin = "agent", email: dict[str, Any] | None = None, at: float = NOW
) -> Message:
    """A message of ours that is to be sent."""
    chosen: list[Part] = list(parts) or [TextPart(text=text)]
    return Message(
        id="msg_01890000-0000-7000-8000-000000000001",
        conversation_id=CONVERSATION,
        sequence=9,
        direction="outbound",
        origin=origin,
        author=Author(type="bot" if origin == "bot" else "system" if origin == "system" else "agent"),
        channel=Channel(type="email", account="main"),
        identity_id=IDENTITY,
        parts=chosen,
        text=flatten(chosen),
        occurred_at=rfc3339(at),
        received_at=rfc3339(at),
        status="queued",
        email=email,
    )


def sent(*external_ids: str, origin: Origin = "agent", at: float = NOW - 60, status: Status = "sent") -> Message:
    """A message of ours that has been sent."""
    message = outgoing(origin=origin, at=at)
    message.external_ids = list(external_ids)
    message.status = status
    return message


def received(at: float = NOW - 120, **email: Any) -> Message:
    """A mail of the customer."""
    message = outgoing(
        origin="customer", email={"message_id": "q1@example.com", "subject": "Where is it?"} | email, at=at
    )
    message.direction = "inbound"
    message.author = Author(type="customer")
    return message


def recipient(*earlier: Message, address: str = "ann@example.com") -> Recipient:
    return Recipient(IDENTITY, address, None, earlier)


def body_of(message: Message, to: Recipient | None = None) -> dict[str, Any]:
    """The only request that the message becomes."""
    [request] = render(message, to or recipient()).requests
    return request.body


@dataclass
class Files:
    """Files by name; those that are not named have the content of a small picture."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        content = self.contents.get(media.filename or "", b"\x89PNG\r\n\x1a\n")
        if len(content) > maximum_bytes:
            raise DeliveryError("permanent", "media_too_large", f"the channel takes {maximum_bytes} bytes")
        return content


class Unused:
    """The parts of a context that mail has no use for."""

    def request(self, method: str, url: str, **_: object) -> HttpResponse:
        raise AssertionError("mail goes through the mailer")

    def current(self, fetch: object) -> str:
        raise AssertionError("mail has no tokens")

    def replace(self, failing: str, fetch: object) -> str:
        raise AssertionError("mail has no tokens")

    def push(self, identity_id: str, frame: bytes) -> int:
        raise AssertionError("mail has no sockets")


def context(
    mailer: RecordedMailer | None = None, files: Files | None = None, account: Mapping[str, Any] | None = None
) -> ChannelContext:
    return ChannelContext(
        account_name="main",
        account=ACCOUNT | dict(account or {}),
        http=Unused(),
        web=Unused(),
        tokens=Unused(),
        media=files or Files(),
        sockets=Unused(),
        mailer=mailer or RecordedMailer(),
        originals=KeptOriginals(),
        seals=FixedSeals(),
    )


@dataclass
class Delivered:
    """A mail as it was handed over, and read back by somebody else's parser."""

    mail: OutgoingMail
    result: SendResult

    @property
    def parsed(self) -> EmailMessage:
        parsed = BytesParser(policy=policy.default).parsebytes(self.mail.raw)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def text(self, kind: str) -> str:
        body = self.parsed.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


def deliver(message: Message, to: Recipient | None = None, files: Files | None = None, **account: Any) -> Delivered:
    """Renders and sends a message that is one mail."""
    mailer = RecordedMailer()
    [request] = render(message, to or recipient()).requests
    result = send(request, context(mailer, files, account))
    return Delivered(mailer.sent[0], result)


def file(name: str, mime_type: str | None = "application/pdf", size: int | None = None) -> FilePart:
    return FilePart(media=Media(media_id="med_1", filename=name, mime_type=mime_type, size=size))


def picture(name: str = "photo.png") -> ImagePart:
    return ImagePart(media=Media(media_id="med_1", filename=name, mime_type="image/png"))
