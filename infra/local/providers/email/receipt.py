"""The header block that SES puts on top of every mail it receives, in its order and words.

Source: Amazon SES developer guide, "Concepts of receiving email" and the headers of mail that SES has stored.
"""

from __future__ import annotations

import base64
import secrets
from typing import NamedTuple

from infra.local.providers.email.fields import date
from infra.local.providers.email.verdicts import Verdicts

CLIENT = "127.0.0.1"
SIGNED_HEADERS = "X-SES-RECEIPT:From:To:Cc:Subject:Date:Message-ID:MIME-Version:Content-Type"


class Delivery(NamedTuple):
    """How a mail was handed over: ``sender`` is ``""`` for ``<>``, ``at`` Unix seconds."""

    mail_id: str
    sender: str
    recipients: list[str]
    helo: str
    at: float


def block(delivery: Delivery, verdicts: Verdicts, region: str) -> bytes:
    """The block, ready to stand before the mail as it was sent."""
    spf = _spf(delivery, verdicts)
    lines = [
        f"Return-Path: <{delivery.sender}>",
        f"Received: from {delivery.helo} ({delivery.helo} [{CLIENT}])",
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {delivery.mail_id}",
        f" for {delivery.recipients[0]};",
        f" {date(delivery.at)} (UTC)",
        f"X-SES-Spam-Verdict: {'FAIL' if verdicts.spam else 'PASS'}",
        f"X-SES-Virus-Verdict: {'FAIL' if verdicts.virus else 'PASS'}",
        f"Received-SPF: {spf}",
        "Authentication-Results: amazonses.com;",
        f" spf={spf}",
        f" dkim={_dkim(verdicts)};",
        f" dmarc={verdicts.dmarc} header.from={verdicts.from_domain or 'unknown'};",
        f"X-SES-RECEIPT: {_made_up(204)}",
        f"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b={_made_up(129)}; c=relaxed/simple; "
        f"s=uku4taia5b5tsbglxyj6zym32efj7xqv; d=amazonses.com; t={delivery.at:.0f}; v=1; bh={_made_up(33)}; "
        f"h={SIGNED_HEADERS};",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace")


def _spf(delivery: Delivery, verdicts: Verdicts) -> str:
    domain = delivery.sender.rpartition("@")[2] or delivery.helo
    if verdicts.spf == "pass":
        finding = f"spfCheck: domain of {domain} designates {CLIENT} as permitted sender"
    else:
        finding = f"spfCheck: {CLIENT} is neither permitted nor denied by domain of {domain}"
    sender = delivery.sender or f"postmaster@{delivery.helo}"
    return f"{verdicts.spf} ({finding}) client-ip={CLIENT}; envelope-from={sender}; helo={delivery.helo};"


def _dkim(verdicts: Verdicts) -> str:
    return f"pass header.i=@{verdicts.from_domain}" if verdicts.dkim == "pass" else "none header.i=unknown"


def _made_up(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()
