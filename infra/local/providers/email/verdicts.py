"""What SES would find out about a received mail.

No sender is really looked up here, so one rule stands for all of DNS: ``trusted.example`` publishes SPF, signs with
DKIM and has a DMARC policy; every other domain publishes nothing.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from infra.local.providers.email.fields import addresses

TRUSTED_DOMAIN = "trusted.example"
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""The text that every spam filter takes for spam (spamassassin.apache.org/gtube)."""
VIRUS_MARKS = (b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!", b"JEVJQ0FSLVNUQU5EQVJE")
"""Of the file that every virus scanner takes for one (eicar.org), plain and at the beginning of a base64 attachment."""

Result = Literal["pass", "fail", "none"]


class Verdicts(NamedTuple):
    """``from_domain`` is the domain of the From header, ``""`` when there is none."""

    spf: Result
    dkim: Result
    dmarc: Result
    from_domain: str
    spam: bool
    virus: bool


def judge(sender: str, raw: bytes) -> Verdicts:
    """``sender`` is the envelope's, ``""`` for ``<>``; ``raw`` the mail as it was sent.

    A mail from nobody (a bounce, an automatic answer) can still be signed; a mail that gives a trusted From under a
    foreign sender is neither signed nor sent by an admitted server.
    """
    domains = [address.rpartition("@")[2].lower() for address in addresses(raw, "From")]
    sent_by = sender.rpartition("@")[2].lower()
    spf: Result = "pass" if sent_by == TRUSTED_DOMAIN else "none"
    dkim: Result = "none"
    dmarc: Result = "none"
    if TRUSTED_DOMAIN in domains:
        genuine = domains == [TRUSTED_DOMAIN] and sent_by in (TRUSTED_DOMAIN, "")
        dkim, dmarc = ("pass", "pass") if genuine else ("none", "fail")
    return Verdicts(
        spf=spf,
        dkim=dkim,
        dmarc=dmarc,
        from_domain=domains[0] if domains else "",
        spam=GTUBE in raw,
        virus=any(mark in raw for mark in VIRUS_MARKS),
    )
