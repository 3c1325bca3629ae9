"""What a mail proves by the address it was sent to, or by the message it answers.

The reply addresses and thread ids of our mail are sealed for one person. They prove that person's next mail to be
hers, and nothing about anybody else who got hold of them. A link address proves that its code was given out by us.
Standard library only: the intake imports it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from connectors.channels.email import link_address
from connectors.channels.email.reply_address import read_token, seal_fields
from shared.model.identifiers import identity_id

if TYPE_CHECKING:
    from shared.ports.context import Seals

CHANNEL = "email"
_MAXIMUM_TOKENS = 40
_MAXIMUM_LINKS = 10
_REPLIES = ("reply+", "thread.")
_LINKS = ("link+",)


class Proof(NamedTuple):
    """``held``: a seal of ours for this very sender; ``scope`` and ``conversation_id`` are those it was made for.

    ``of_another``: the form is ours, and the seal is not one for this sender (somebody else's, or made up: without
    knowing whose it could be, the two look the same). ``forged``: it looks like ours and is not even of its form.
    """

    outcome: Literal["held", "of_another", "forged"]
    scope: str = ""
    conversation_id: str = ""


class LinkProof(NamedTuple):
    """``held``: a link address of this account, with ``code`` in its plain form. ``forged``: it only looks like one."""

    outcome: Literal["held", "forged"]
    code: str = ""


def scopes(account_name: str) -> tuple[str, str]:
    """The two scopes that an address can belong to: that of senders whose domain vouched for them, and the other."""
    return account_name, f"{account_name}:unverified"


def prove(texts: Iterable[str], account_name: str, reply_domain: str, sender: str | None, seals: Seals) -> Proof | None:
    """The first of the addresses and message ids that proves something of the sender's address (lower case; None:
    there is no one sender, whom nothing proves). None when nothing in there looks like ours."""
    worst: Proof | None = None
    for text in _candidates(texts, reply_domain, _REPLIES, _MAXIMUM_TOKENS):
        token = read_token(text, reply_domain)
        if token is None:
            worst = worst or Proof("forged")
            continue
        worst = Proof("of_another")
        for scope in scopes(account_name) if sender else ():
            person = identity_id(CHANNEL, scope, sender or "")
            if seals.holds(token.seal, *seal_fields(account_name, token.conversation_id, person)):
                return Proof("held", scope, token.conversation_id)
    return worst


def prove_link(recipients: Iterable[str], account_name: str, reply_domain: str, seals: Seals) -> LinkProof | None:
    """What the first link address of this account proves, whoever wrote to it. None when no recipient looks like
    one."""
    forged: LinkProof | None = None
    for text in _candidates(recipients, reply_domain, _LINKS, _MAXIMUM_LINKS):
        token = link_address.read_link(text, reply_domain)
        if token is not None and seals.holds(token.seal, *link_address.seal_fields(account_name, token.code)):
            return LinkProof("held", token.code)
        forged = LinkProof("forged")
    return forged


def _candidates(texts: Iterable[str], reply_domain: str, prefixes: tuple[str, ...], most: int) -> list[str]:
    ending = f"@{reply_domain.lower()}"
    bare = dict.fromkeys(text.strip().lower().removeprefix("<").removesuffix(">") for text in texts)
    return [text for text in bare if text.endswith(ending) and text.startswith(prefixes)][:most]
