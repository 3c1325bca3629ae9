"""A provider's id for a message, as the table keeps it."""

from __future__ import annotations

from typing import Any

from shared.aws import keys
from shared.aws.attributes import decode_item, encode_item
from shared.core.records import Located, Reference

REFERENCE_DAYS = 180
"""How long a provider's id finds its message: longer than any provider redelivers, long enough to quote an old
message."""


def reference_item(reference: Reference, located: Located, now: float) -> dict[str, Any]:
    """A provider's id for a message, as an item that expires."""
    values = {
        "conversation_id": located.conversation_id,
        "sequence": located.sequence,
        "ttl": int(now) + REFERENCE_DAYS * 86400,
    }
    if located.message_id is not None:
        values["message_id"] = located.message_id
    if located.route is not None:
        values["route"] = located.route
    return {**keys.reference(reference.channel, reference.account, reference.provider_id), **encode_item(values)}


def read_located(item: dict[str, Any]) -> Located | None:
    """Where a reference points; None when it only keeps a receipt that came early."""
    found = decode_item(item)
    if "conversation_id" not in found:
        return None
    return Located(found["conversation_id"], found["sequence"], found.get("message_id"), found.get("route"))
