"""What a mail proves by the address it was sent to, or by the message it answers.

The reply addresses and thread ids of our mail are sealed for one person. They prove that person's next mail to be
hers, and nothing about anybody else who got hold of them. Standard library only: the intake imports it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from connectors.channels.email.reply_address import read_token, seal_fields
from shared.model.identifiers import identity_id

if TYPE_CHECKING:
    from shared.ports import Seals

CHANNEL = "email"
_MAXIMUM_TOKENS = 40
_PREFIXES = ("reply+", "thread.")


class Proof(NamedTuple):
    """``held``: a seal of ours for this very sender; ``scope`` and ``conversation_id`` are those it was made for.

    ``of_another``: the form is ours, and the seal is not one for this sender (somebody else's, or made up: without
    knowing whose it could be, the two look the same). ``forged``: it looks like ours and is not even of its form.
    """

    outcome: Literal["held", "of_another", "forged"]
    scope: str = ""
    conversation_id: str = ""


def scopes(account_name: str) -> tuple[str, str]:
    """The two scopes that an address can belong to: that of senders whose domain vouched for them, and the other."""
    return account_name, f"{account_name}:unverified"


def prove(texts: Iterable[str], account_name: str, reply_domain: str, sender: str | None, seals: Seals) -> Proof | None:
    """The first of the addresses and message ids that proves something of the sender's address (lower case; None:
    there is no one sender, whom nothing proves). None when nothing in there looks like ours."""
    worst: Proof | None = None
    for text in _candidates(texts, reply_domain):
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


def _candidates(texts: Iterable[str], reply_domain: str) -> list[str]:
    ending = f"@{reply_domain.lower()}"
    bare = dict.fromkeys(text.strip().lower().removeprefix("<").removesuffix(">") for text in texts)
    return [text for text in bare if text.endswith(ending) and text.startswith(_PREFIXES)][:_MAXIMUM_TOKENS]
