"""The mail that a link address begins: its words, and what a customer added to them.

Source: RFC 6068 (``mailto``); its section 5 has spaces as ``%20`` and line breaks as ``%0D%0A``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.channels.email.addresses import mail_domain
from connectors.channels.email.link_address import link_address
from shared.ports.connector import DeepLink

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext

SUBJECTS = ("Continue our conversation", "继续我们的对话")
SENTENCES = (
    "Send this mail to continue our conversation here; you can write below.",
    "发送这封邮件即可在这里继续我们的对话，您也可以在下面写上要说的话。",
)
"""Changing these leaves mail that was begun with the old ones with their words in it, for as long as a code lives."""

_PUNCTUATION = ".,;。，；"
_BLANK_LINES = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n)+")
_TAG = re.compile(r"\[[^\[\]]{1,40}\]")
"""What mail servers put before the subject of mail from outside."""


def deep_link(code: str, context: ChannelContext) -> DeepLink | None:
    """A mail that is begun to the code's link address; None when the account has no reply domain. A QR code has the
    subject only: with the words it would be too dense to be read from a screen."""
    domain = mail_domain(str(context.account.get("reply_domain") or ""))
    if domain is None:
        return None
    local_part, _, _ = link_address(context.account_name, domain, code, context.seals).partition("@")
    begun = f"mailto:{quote(local_part, safe='')}@{domain}?subject={quote(' / '.join(SUBJECTS), safe='')}"
    body = "\r\n".join((*SENTENCES, "", ""))
    return DeepLink(f"{begun}&body={quote(body, safe='')}", qr=begun)


def without_sentences(text: str) -> str:
    """The text without our sentences, however a mail program has wrapped them."""
    left, found = _loosely(SENTENCES).subn("\n", text)
    return _BLANK_LINES.sub("\n\n", left).strip() if found else text


def added_subject(subject: str) -> str | None:
    """The subject, when the customer has written something into it; None when there are only words of ours."""
    left = _loosely(SUBJECTS).sub(" ", _TAG.sub(" ", subject))
    return subject if re.search(r"\w", left) else None


@cache
def _loosely(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the phrases, with any or no white space where there may be some, and any or no punctuation."""
    return re.compile("|".join("".join(map(_loose, phrase)) for phrase in phrases), re.IGNORECASE)


def _loose(character: str) -> str:
    if character in _PUNCTUATION:
        return rf"\s*+[{_PUNCTUATION}]?\s*+"
    if character == " ":
        return r"\s*+"
    return character if character.isascii() else rf"{character}\s*+"
