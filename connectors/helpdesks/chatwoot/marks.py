"""What tells our own messages from agents', and what is meant for the customer. Small, for the ingress needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MARK = "onethread:"
"""The ``source_id`` of everything that we put into Chatwoot begins with it."""

FOR_THE_CUSTOMER = ("outgoing", "template")
"""``template`` is what Chatwoot writes by itself: a greeting, that nobody is in, a survey."""


PRIORITIES = ("low", "medium", "high", "urgent")


def is_deleted_answer(event: Mapping[str, Any]) -> bool:
    """Whether a ``message_updated`` says that an answer was deleted."""
    attributes = event.get("content_attributes")
    return isinstance(attributes, dict) and attributes.get("deleted") is True and is_answer(event)


def changes_in(event: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What a ``conversation_updated`` says of labels (``label_list``) and ``priority``: before and after."""
    found: dict[str, tuple[Any, Any]] = {}
    listed = event.get("changed_attributes")
    for each in listed if isinstance(listed, list) else []:
        for name, change in each.items() if isinstance(each, dict) else ():
            if name in ("label_list", "priority") and isinstance(change, dict):
                found[name] = (change.get("previous_value"), change.get("current_value"))
    return found


def is_answer(event: Mapping[str, Any]) -> bool:
    """Whether a message is for the customer and was written in Chatwoot: neither an internal note, nor the
    customer's own, nor put there by us."""
    source = event.get("source_id")
    ours = isinstance(source, str) and source.startswith(MARK)
    return event.get("private") is False and event.get("message_type") in FOR_THE_CUSTOMER and not ours
