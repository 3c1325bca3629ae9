"""What makes a mail the same mail: SES may store one twice, under two keys.

Message-ID alone does not do: it is the sender's own word, and somebody who has seen one could use it to have another
mail swallowed. Standard library only: the intake imports it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from shared.model.identifiers import digest

if TYPE_CHECKING:
    from connectors.channels.email.verdicts import Block

HEAD_BYTES = 262_144
"""How much of a mail is looked at for its header fields."""

_BODY_BYTES = 4_096


def fingerprint(raw: bytes, block: Block, verified: bool) -> str:
    """26 characters a-z2-7: the same for every copy of a mail, however it travelled, and another for a mail that says
    something else. ``raw`` is the mail, or its first HEAD_BYTES; ``verified`` whether its sender is proven: somebody
    who was sent a copy cannot have the mail itself swallowed by being quicker."""
    named = {name: value for name, value in reversed(block.sent) if name in ("message-id", "from", "date")}
    start = _body_start(raw)
    if "message-id" not in named and "date" not in named:
        # Nothing tells this mail from another one with the same words but how it came.
        return digest("mail", hashlib.sha256(raw[:HEAD_BYTES]).hexdigest())
    words = (named.get(name, "") for name in ("message-id", "from", "date"))
    return digest(
        "mail", str(verified), *words, hashlib.sha256(raw[start : min(start + _BODY_BYTES, HEAD_BYTES)]).hexdigest()
    )


def _body_start(raw: bytes) -> int:
    """Where the first blank line ends, however lines end; 0 when there is none."""
    crlf = raw.find(b"\n\r\n", 0, HEAD_BYTES)
    before = crlf if crlf >= 0 else HEAD_BYTES
    for mark in (b"\n\n", b"\r\r"):
        place = raw.find(mark, 0, before)
        if place >= 0:
            return place + len(mark)
    return crlf + 3 if crlf >= 0 else 0
