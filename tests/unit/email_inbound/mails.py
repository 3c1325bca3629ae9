"""Mail as SES stores it, and the account it is for."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from connectors.channels.email.parsing import parse
from shared.model.envelope import Envelope
from shared.model.inbound import AccountNotice, InboundMessage
from shared.model.parts import TextPart

NOW = 1_800_000_000.0
ACCOUNT = {"address": "help@shop.example", "reply_domain": "reply.shop.example"}
ACCOUNTS: Mapping[str, Mapping[str, object]] = {"main": ACCOUNT}
CONVERSATION = "conv_01890a5d-ac96-774b-bcce-b302099a8057"
PASS = "spf=pass client-ip=192.0.2.1; dkim=pass header.i=@trusted.example; dmarc=pass header.from=trusted.example;"
NONE = "spf=none client-ip=192.0.2.1; dkim=none; dmarc=none header.from=trusted.example;"
FAIL = "spf=fail client-ip=192.0.2.1; dkim=none; dmarc=fail header.from=trusted.example;"


class StackOfOne:
    """Seals under one secret."""

    def seal(self, *fields: str) -> bytes:
        return hmac.digest(b"secret", "\x00".join(fields).encode(), hashlib.sha256)

    def holds(self, seal: bytes, *fields: str) -> bool:
        return len(seal) >= 10 and hmac.compare_digest(seal, self.seal(*fields)[: len(seal)])


SEALS = StackOfOne()


def block(
    verdicts: str = PASS,
    *,
    recipient: str = "help@shop.example",
    return_path: str = "ann@trusted.example",
    greeting: str = "mx.trusted.example",
    spam: str = "PASS",
    virus: str = "PASS",
    smtp_id: str = "k3v7",
) -> str:
    """The fields that SES puts on top."""
    return (
        f"Return-Path: <{return_path}>\r\n"
        f"Received: from {greeting} ({greeting} [192.0.2.1])\r\n"
        f" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id {smtp_id}\r\n"
        f" for {recipient};\r\n Fri, 15 Jan 2027 08:00:00 +0000 (UTC)\r\n"
        f"X-SES-Spam-Verdict: {spam}\r\n"
        f"X-SES-Virus-Verdict: {virus}\r\n"
        f"Received-SPF: pass (spfCheck: domain of trusted.example designates 192.0.2.1 as permitted sender);\r\n"
        f"Authentication-Results: amazonses.com;\r\n {verdicts}\r\n"
        f"X-SES-RECEIPT: AEFBQUFBQUFBQUFB\r\n"
        f"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=abc; c=relaxed/simple; d=amazonses.com; v=1;\r\n"
    )


def letter(body: str = "Where is my order?\r\n", **fields: str) -> str:
    """A mail as its writer sent it. Underscores in names of fields stand for hyphens; an empty field is left out."""
    named = {
        "From": "Ann <ann@trusted.example>",
        "To": "help@shop.example",
        "Subject": "Order 42",
        "Date": "Fri, 15 Jan 2027 08:00:00 +0000",
        "Message-ID": "<one@trusted.example>",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in named.items() if value) + f"\r\n{body}"


def raw(mail: str | None = None, top: str | None = None) -> bytes:
    return ((block() if top is None else top) + (letter() if mail is None else mail)).encode()


def envelope(body: bytes, **headers: str) -> Envelope:
    return Envelope("email", "main", NOW, body, headers=headers, stored="mail/k3v7")


def message(body: bytes, **headers: str) -> InboundMessage:
    """The one message that a mail is; ``headers`` is what the intake established."""
    (event,) = parse(envelope(body, **headers))
    if not isinstance(event, InboundMessage):
        raise TypeError(f"{event} is no message")
    return event


def notice(body: bytes, **headers: str) -> AccountNotice:
    (event,) = parse(envelope(body, **headers))
    if not isinstance(event, AccountNotice):
        raise TypeError(f"{event} is no notice")
    return event


def words(event: InboundMessage) -> list[str]:
    return [part.text for part in event.parts if isinstance(part, TextPart)]


def details(event: InboundMessage) -> dict[str, object]:
    if event.email is None:
        raise AssertionError("the message has nothing of a mail")
    return event.email
