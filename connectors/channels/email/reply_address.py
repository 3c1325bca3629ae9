"""Addresses and message ids that say which conversation a mail answers, sealed so that only we can make them.

A mail of ours asks to be answered to ``reply+<conversation>.<seal>@<reply domain>``, and its References begin with
``<thread.<conversation>.<seal>@<reply domain>>``: the conversation's UUID in 32 hexadecimal digits, and the first
80 bits of a seal over the account, the conversation and the person we wrote to, in 16 characters of base32. Whoever
gets hold of the address cannot use it as somebody else. Standard library only: the intake imports it.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from shared.ports.context import Seals

SEAL_BYTES = 10
"""80 bits: 16 characters, so that the local part stays within the 64 octets of RFC 5321 section 4.5.3.1.1."""

_CONVERSATION = re.compile(r"conv_([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")


class Token(NamedTuple):
    """What an address or a message id of ours claims; the seal is yet to be checked, see :func:`seal_fields`."""

    conversation_id: str
    seal: bytes


def reply_address(account_name: str, reply_domain: str, conversation_id: str, identity_id: str, seals: Seals) -> str:
    """Where the person ``identity_id`` answers to, 55 characters before the ``@``. Raises ValueError when the
    conversation's id is not one of ours."""
    return f"reply+{_token(account_name, conversation_id, identity_id, seals)}@{reply_domain.lower()}"


def thread_id(account_name: str, reply_domain: str, conversation_id: str, identity_id: str, seals: Seals) -> str:
    """The same proof as a message id, with its angle brackets: answers carry it in their References whatever address
    they go to. Raises ValueError when the conversation's id is not one of ours."""
    return f"<thread.{_token(account_name, conversation_id, identity_id, seals)}@{reply_domain.lower()}>"


def seal_fields(account_name: str, conversation_id: str, identity_id: str) -> tuple[str, str, str, str]:
    """What a token is sealed over, for ``Seals.seal`` and ``Seals.holds``."""
    return ("reply", account_name, conversation_id, identity_id)


def read_token(text: str, reply_domain: str) -> Token | None:
    """What a bare address or message id (with or without angle brackets) claims; None when it is not of our form.

    Capital letters are folded: mail programs and address books change them.
    """
    found = _pattern(reply_domain.lower()).fullmatch(text.strip().lower())
    if found is None:
        return None
    digits = found[1]
    conversation_id = f"conv_{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return Token(conversation_id, base64.b32decode(found[2].upper()))


@lru_cache(maxsize=256)
def _pattern(reply_domain: str) -> re.Pattern[str]:
    return re.compile(rf"<?(?:reply\+|thread\.)([0-9a-f]{{32}})\.([a-z2-7]{{16}})@{re.escape(reply_domain)}>?")


def _token(account_name: str, conversation_id: str, identity_id: str, seals: Seals) -> str:
    found = _CONVERSATION.fullmatch(conversation_id)
    if found is None:
        raise ValueError("not a conversation id")
    seal = seals.seal(*seal_fields(account_name, conversation_id, identity_id))[:SEAL_BYTES]
    return f"{''.join(found.groups())}.{base64.b32encode(seal).decode('ascii').lower()}"
