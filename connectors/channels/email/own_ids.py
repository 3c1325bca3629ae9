"""The names that we give to our mail ourselves: the left part of its Message-ID, ``<message id>.<number>``.

They are external ids of mail that went through a mail server that leaves Message-ID alone. SES replaces it.
"""

from __future__ import annotations

import re

_OWN_ID = re.compile(r"msg_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[1-9][0-9]{0,5}")


def own_id(message_id: str, number: int) -> str:
    """``number`` counts the mails of one message from 1."""
    return f"{message_id}.{number}"


def is_own_id(text: str) -> bool:
    """Whether it is of that form; anybody can write one."""
    return _OWN_ID.fullmatch(text) is not None
