"""What the markup of mail programs says: this is a quote, a signature, the line above a quote, a forwarded mail."""

from __future__ import annotations

import re
from enum import Enum


class Meaning(Enum):
    """What an element is in a mail."""

    QUOTE = "quote"
    ATTRIBUTION = "attribution"
    REST = "rest"  # from here to the end it is the mail that is answered
    FORWARD = "forward"
    SIGNATURE = "signature"
    HIDDEN = "hidden"


_IDS = {
    "divrplyfwdmsg": Meaning.REST,  # Outlook on the web
    "appendonsend": Meaning.REST,  # Outlook mobile and on the web
    "olk_src_body_section": Meaning.QUOTE,  # Outlook for Mac
    "mail-editor-reference-message-container": Meaning.REST,  # Outlook mobile
    "isreplycontent": Meaning.QUOTE,  # NetEase
    "isforwardcontent": Meaning.FORWARD,
    "signature": Meaning.SIGNATURE,  # Outlook on the web
    "ms-outlook-mobile-signature": Meaning.SIGNATURE,
    "applemailsignature": Meaning.SIGNATURE,
    "composer_signature": Meaning.SIGNATURE,  # Samsung
    "ntes-pcmac-signature": Meaning.SIGNATURE,  # NetEase
    "ntes-pcmail-signature": Meaning.SIGNATURE,
    "fmsigseperator": Meaning.SIGNATURE,  # Foxmail
}
_CLASSES = {
    "gmail_attr": Meaning.ATTRIBUTION,
    "moz-cite-prefix": Meaning.ATTRIBUTION,
    "moz-forward-container": Meaning.FORWARD,
    "moz-email-headers-table": Meaning.FORWARD,
    "yahoo_quoted": Meaning.QUOTE,
    "hey_quote": Meaning.QUOTE,
    "zmail_extra": Meaning.QUOTE,  # Zoho
    "gmail_signature": Meaning.SIGNATURE,
    "moz-signature": Meaning.SIGNATURE,
    "protonmail_signature_block": Meaning.SIGNATURE,
    "yahoo-signature": Meaning.SIGNATURE,
    "k9mail-signature": Meaning.SIGNATURE,
}
_NAMES = {
    "messagesignaturesection": Meaning.SIGNATURE,  # Spark
    "quote": Meaning.QUOTE,  # GMX and WEB.DE
}
_CITATIONS = frozenset({"gmail_quote", "protonmail_quote", "hey_quote", "zmail_quote", "yahoo_quoted"})
# Outlook draws a line above the header block of what it quotes.
_OUTLOOK_LINE = re.compile(r"border-top:\s*solid\s+#\w{6}\s+1\.0pt;\s*padding:\s*3\.0pt 0", re.IGNORECASE)
_HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all", re.IGNORECASE)


def meaning(tag: str, attributes: dict[str, str | None]) -> Meaning | None:
    """What the element is, as its id, class, name or style say; nothing is the usual answer."""
    style = attributes.get("style")
    if style:
        if _HIDDEN.search(style):
            return Meaning.HIDDEN
        if tag == "div" and "border-top" in style and _OUTLOOK_LINE.search(style):
            return Meaning.REST
    identifier = attributes.get("id")
    if identifier:
        found = _IDS.get(identifier.lower().removeprefix("x_"))
        if found is not None:
            return found
    if tag == "hr":
        return Meaning.REST if attributes.get("data-marker") == "__DIVIDER__" else None  # Zimbra
    classes = attributes.get("class")
    if tag == "blockquote":
        cited = (attributes.get("type") or "").lower() == "cite" or bool(
            classes and _CITATIONS.intersection(classes.split())
        )
        return Meaning.QUOTE if cited else None
    if classes:
        for written in classes.split():
            found = _CLASSES.get(written.removeprefix("x_"))
            if found is not None:
                return found
    if attributes.get("data-smartmail") == "gmail_signature":
        return Meaning.SIGNATURE
    name = attributes.get("name")
    return _NAMES.get(name.lower()) if name else None
