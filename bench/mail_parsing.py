"""P3 for mail: 20 KB as a mail program sends it, beside what the standard library makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from shared.model.envelope import Envelope

OURS = "email"
DEFAULT = "email.policy.default"
GOAL = 5.0
SIZE = 20_000

_ACCOUNT = {"address": "support@in.example", "reply_domain": "reply.in.example"}
_WRITTEN = "Guten Tag, wo ist meine Bestellung? Sie sollte am Dienstag kommen – größer als erwartet. 包裹在哪里？\n"
_RECEIVED = (
    "Return-Path: <ann@trusted.example>\r\n"
    "Received: from mx.trusted.example (mx.trusted.example [192.0.2.7])\r\n"
    " by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 8f2k0m1n2p3q4r5s6t7u8v9w0x1y2z3a4b5c6d7e\r\n"
    " for support@in.example;\r\n Sat, 21 Nov 2026 10:00:00 +0000 (UTC)\r\n"
    "X-SES-Spam-Verdict: PASS\r\n"
    "X-SES-Virus-Verdict: PASS\r\n"
    "Received-SPF: pass (spfCheck: domain of trusted.example designates 192.0.2.7 as permitted sender)"
    " client-ip=192.0.2.7; envelope-from=ann@trusted.example; helo=mx.trusted.example;\r\n"
    "Authentication-Results: amazonses.com;\r\n spf=pass (spfCheck: domain of trusted.example designates 192.0.2.7 as"
    " permitted sender) client-ip=192.0.2.7; envelope-from=ann@trusted.example; helo=mx.trusted.example;\r\n"
    " dkim=pass header.i=@trusted.example;\r\n dmarc=pass header.from=trusted.example;\r\n"
    "X-SES-RECEIPT: AEFBQUFBQUFBQUFGZ0\r\n"
    "X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=Zm9v; c=simple/simple; s=abc; d=amazonses.com; t=1; v=1;\r\n"
)

Work = Callable[[], object]


def works() -> dict[str, Work]:
    """Both take the same bytes; each pair is to be compared in one run."""
    raw = a_mail()
    return {OURS: _ours(raw), DEFAULT: _standard_library(raw)}


def a_mail() -> bytes:
    """Text and HTML with a quoted mail below, and an attachment."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "Ann Example <ann@trusted.example>"
    mail["To"] = "Support <support@in.example>"
    mail["Subject"] = "Re: Bestellung 4711 – wo?"
    mail["Date"] = "Sat, 21 Nov 2026 11:00:00 +0100"
    mail["Message-ID"] = "<CAF7x9qk2@mail.trusted.example>"
    mail["In-Reply-To"] = "<0102018f-1@eu-west-1.amazonses.com>"
    mail["References"] = "<0102018f-0@eu-west-1.amazonses.com> <0102018f-1@eu-west-1.amazonses.com>"
    quoted = "".join(f"> Zeile {number} der Antwort, die darunter zitiert wird, über Grüße\n" for number in range(20))
    attribution = "Am Fr., 20. Nov. 2026 um 09:00 Uhr schrieb Support <support@in.example>:"
    mail.set_content(f"{_WRITTEN * 4}\n{attribution}\n\n{quoted}", cte="quoted-printable")
    rows = "".join(f'<tr><td style="padding:4px">Zeile {number}</td><td>Grüße</td></tr>' for number in range(40))
    mail.add_alternative(
        f'<html><body><div dir="ltr">{_WRITTEN * 4}</div><div class="gmail_quote"><div dir="ltr">{attribution}</div>'
        f"<blockquote><table>{rows}</table></blockquote></div></body></html>",
        subtype="html",
        cte="quoted-printable",
    )
    without = len(_RECEIVED) + len(mail.as_bytes())
    content = bytes(range(256)) * ((SIZE - without) * 3 // 4 // 256)
    mail.add_attachment(content, maintype="application", subtype="pdf", filename="rechnung.pdf")
    return _RECEIVED.encode() + mail.as_bytes()


def _ours(raw: bytes) -> Work:
    """The intake's look at the head, and the whole parsing: what was written cut out, the HTML cleaned."""
    from connectors.channels.email.connector import CONNECTOR
    from connectors.channels.email.intake import INTAKE

    accounts = {"main": _ACCOUNT}

    def work() -> object:
        (found,) = INTAKE.mail(raw, accounts, _NoSeals())
        headers = found.event.headers
        return CONNECTOR.parse(Envelope("email", found.account, time.time(), raw, headers=headers, stored="mail/1"))

    return work


def _standard_library(raw: bytes) -> Work:
    """The same fields, bodies and files; no cutting and no cleaning."""

    def work() -> object:
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        names = ("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "authentication-results")
        head = [str(mail[name]) for name in names]
        bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
        texts = [body.get_content() for body in bodies if body is not None]
        files = [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()]
        return head, texts, files

    return work


class _NoSeals:
    """For mail that carries none."""

    def seal(self, *fields: str) -> bytes:
        return bytes(32)

    def holds(self, seal: bytes, *fields: str) -> bool:
        return False
