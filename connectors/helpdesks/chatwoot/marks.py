"""What tells our own messages from agents', and what is meant for the customer. Small, for the ingress needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MARK = "onethread:"
"""The ``source_id`` of everything that we put into Chatwoot begins with it."""

FOR_THE_CUSTOMER = ("outgoing", "template")
"""``template`` is what Chatwoot writes by itself: a greeting, that nobody is in, a survey."""


def is_answer(event: Mapping[str, Any]) -> bool:
    """Whether a ``message_created`` is for the customer and was written in Chatwoot: neither an internal note, nor the
    customer's own, nor put there by us."""
    source = event.get("source_id")
    ours = isinstance(source, str) and source.startswith(MARK)
    return event.get("private") is False and event.get("message_type") in FOR_THE_CUSTOMER and not ours
