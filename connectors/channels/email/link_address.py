"""Addresses by which a customer goes on by mail with a conversation that began elsewhere.

``link+<code>.<seal>@<reply domain>``: a link code in small letters, and the first 80 bits of a seal over the account
and the code, in 16 characters of base32. Mail costs nothing and comes from any number of senders: the seal keeps these
addresses from being a way to guess codes. Standard library only: the intake imports it.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from connectors.channels.email.reply_address import SEAL_BYTES
from shared.model.link_codes import ALPHABET, LENGTH, read_code

if TYPE_CHECKING:
    from shared.ports.context import Seals


class LinkToken(NamedTuple):
    """What a link address claims: the code in its plain form; the seal is yet to be checked, see
    :func:`seal_fields`."""

    code: str
    seal: bytes


def link_address(account_name: str, reply_domain: str, code: str, seals: Seals) -> str:
    """Where a mail redeems the code, 30 characters before the ``@``. Raises ValueError when it is no link code."""
    plain = read_code(code)
    if plain is None:
        raise ValueError("not a link code")
    seal = base64.b32encode(seals.seal(*seal_fields(account_name, plain))[:SEAL_BYTES]).decode("ascii")
    return f"link+{plain}.{seal}@{reply_domain}".lower()


def seal_fields(account_name: str, code: str) -> tuple[str, str, str]:
    """What a link address is sealed over, for ``Seals.seal`` and ``Seals.holds``."""
    return ("link", account_name, code)


def read_link(text: str, reply_domain: str) -> LinkToken | None:
    """What a bare address claims; None when it is not of our form. Capital letters are folded, as in
    :func:`connectors.channels.email.reply_address.read_token`."""
    found = _pattern(reply_domain.lower()).fullmatch(text.lower())
    code = read_code(found[1]) if found else None
    return LinkToken(code, base64.b32decode(found[2].upper())) if found and code else None


@lru_cache(maxsize=256)
def _pattern(reply_domain: str) -> re.Pattern[str]:
    return re.compile(rf"link\+([{ALPHABET.lower()}]{{{LENGTH}}})\.([a-z2-7]{{16}})@{re.escape(reply_domain)}")
