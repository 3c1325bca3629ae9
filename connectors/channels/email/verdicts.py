"""What SES found out about a mail: SPF, DKIM, DMARC and its scanners, read from the header fields that SES itself
wrote.

SES puts its fields on top of the mail, in one order. The same fields further down are the sender's own words, and
count for nothing. Sources: docs.aws.amazon.com/ses, "Email authentication and malware scanning"; RFC 8601 for
Authentication-Results; RFC 7489 section 3.1 for alignment. Standard library only: the intake imports it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

Fields = Sequence[tuple[str, str]]
"""Header fields in order: (lower-case name, value)."""

_ORDER = {
    name: place
    for place, name in enumerate(
        (
            "return-path",
            "received",
            "x-ses-spam-verdict",
            "x-ses-virus-verdict",
            "received-spf",
            "authentication-results",
            "x-ses-receipt",
            "x-ses-dkim-signature",
        )
    )
}
_RECEIVED_BY = re.compile(r"\bby\s+inbound-smtp\.[a-z0-9-]+\.amazonaws\.com\b", re.IGNORECASE)
_RECEIVED_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+?)>?\s*(?:;|$)", re.IGNORECASE)
_RECEIVED_FROM = re.compile(r"\s*from\s+(\S+)", re.IGNORECASE)
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b", re.IGNORECASE)
_PROPERTY = re.compile(r"\bheader\.(d|i|from)\s*=\s*([^\s;]+)", re.IGNORECASE)
_WITH_PROPERTIES = ("dkim", "dmarc")
_COMMENT = re.compile(r"\([^()]*\)")
_NESTING = 10
_MAXIMUM_RESULTS = 16_384
"""Characters of Authentication-Results that are read; SES's own has a few hundred."""

_BREAKS_OUT = re.compile(r'[;"()\\\s]')
"""Characters with which a sender's own name for itself could look like a verdict where SES repeats it."""


class Block(NamedTuple):
    """The fields that SES put on top of a mail, by lower-case name, and all that came with the mail itself.

    ``own`` is empty when the mail did not come in through SES.
    """

    own: dict[str, str]
    sent: Fields


class Verdicts(NamedTuple):
    """Words of RFC 8601 in lower case (``none`` where SES says nothing), and of SES's scanners (``pass``, ``fail``,
    ``gray``, ``processing_failed``; None where it did not scan).

    ``aligned``: DKIM passed for a domain that is the From domain, or that is above or below it. ``verified``: the
    domain of the From address has vouched for this mail.
    """

    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"
    aligned: bool = False
    verified: bool = False
    spam: str | None = None
    virus: str | None = None

    def shown(self) -> dict[str, object]:
        """For the message, in JSON's types."""
        value: dict[str, object] = {"spf": self.spf, "dkim": self.dkim, "dmarc": self.dmarc, "aligned": self.aligned}
        value.update({name: word for name, word in (("spam", self.spam), ("virus", self.virus)) if word})
        return value


def split_block(fields: Fields) -> Block:
    """Tells SES's own fields from the sender's.

    SES's come first, each once, in a fixed order, and end with its receipt or its signature: whatever repeats a name,
    is out of order or follows the end is the sender's.
    """
    own: dict[str, str] = {}
    last = -1
    for name, value in fields:
        place = _ORDER.get(name, -1)
        if place <= last:
            break
        own[name] = value
        last = place
    if last < _ORDER["x-ses-receipt"] or not _RECEIVED_BY.search(own.get("received", "")):
        return Block({}, fields)
    return Block(own, fields[len(own) :])


def recipient(block: Block) -> str | None:
    """The address of the envelope that SES took the mail for; of several, the first."""
    found = _RECEIVED_FOR.findall(block.own.get("received", ""))
    return found[-1] if found else None


def null_sender(block: Block) -> bool:
    """Whether the mail names nobody to return it to (RFC 5321 section 4.5.5), as machines' mail does."""
    return re.fullmatch(r"\s*<\s*>\s*", block.own.get("return-path", "")) is not None


def read_verdicts(block: Block, from_domain: str | None) -> Verdicts:
    """What SES says of a mail whose one From address is in ``from_domain`` (lower case, IDNA); None: nothing can be
    verified."""
    own = block.own
    spam, virus = _scanner(own.get("x-ses-spam-verdict")), _scanner(own.get("x-ses-virus-verdict"))
    results = _results(own) if own else None
    if results is None:
        return Verdicts(spam=spam, virus=virus)
    words = {method: word for method, word, _ in results if method in ("spf", "dmarc")}
    signatures = [(word, properties) for method, word, properties in results if method == "dkim"]
    dkim = "pass" if any(word == "pass" for word, _ in signatures) else signatures[0][0] if signatures else "none"
    dmarc = words.get("dmarc", "none")
    aligned = from_domain is not None and any(
        word == "pass" and _same_organisation(_signer(properties), from_domain) for word, properties in signatures
    )
    # SES and we must mean the same address: a From field that two programs read differently proves neither reading.
    judged = next(
        (properties.get("from", "").rstrip(".") for method, _, properties in results if method == "dmarc"), ""
    )
    vouched = aligned or (dmarc == "pass" and judged != "")
    return Verdicts(
        spf=words.get("spf", "none"),
        dkim=dkim,
        dmarc=dmarc,
        aligned=aligned,
        verified=from_domain is not None and vouched and dmarc != "fail" and judged in ("", from_domain),
        spam=spam,
        virus=virus,
    )


def _results(own: dict[str, str]) -> list[tuple[str, str, dict[str, str]]] | None:
    """(method, result, properties) of each entry; None when they are not SES's or could have been tampered with."""
    text = own.get("authentication-results", "")
    if len(text) > _MAXIMUM_RESULTS or _could_be_spoofed(own):
        return None
    plain = _without_comments(text)
    service, _, rest = (plain or "").partition(";")
    if plain is None or service.strip().lower().split(" ")[0] != "amazonses.com":
        return None
    found = []
    for entry in rest.split(";"):
        match = _RESULT.match(entry)
        if match:
            method, result = match[1].lower(), match[2].lower()
            named = _PROPERTY.findall(entry) if method in _WITH_PROPERTIES else ()
            found.append((method, result, {name.lower(): value.lower() for name, value in named}))
    methods = [method for method, _, _ in found]
    # SES gives one result of each of these: a second one was slipped in.
    return None if methods.count("spf") > 1 or methods.count("dmarc") > 1 else found


def _could_be_spoofed(own: dict[str, str]) -> bool:
    """Whether the sender's return address or its greeting, which SES repeats among its verdicts, could pass for
    one."""
    greeting = _RECEIVED_FROM.match(own["received"])
    return_path = own.get("return-path", "").strip().removeprefix("<").removesuffix(">")
    return bool(_BREAKS_OUT.search(return_path) or (greeting and _BREAKS_OUT.search(greeting[1])))


def _without_comments(text: str) -> str | None:
    """None when parentheses or quotation marks are left over."""
    for _ in range(_NESTING):
        if "(" not in text:
            break
        text = _COMMENT.sub(" ", text)
    return None if "(" in text or ")" in text or '"' in text else text


def _signer(properties: dict[str, str]) -> str:
    """The domain that signed: ``header.d``, or that of ``header.i``, which SES writes."""
    return (properties.get("d") or properties.get("i", "").rpartition("@")[2]).rstrip(".")


def _same_organisation(one: str, other: str) -> bool:
    """Equal, or one below the other. A top-level domain is above nobody."""
    if one == other:
        return one != ""
    upper, lower = sorted((one, other), key=len)
    return "." in upper and lower.endswith(f".{upper}")


def _scanner(word: str | None) -> str | None:
    return word.strip().lower()[:32] or None if word else None
