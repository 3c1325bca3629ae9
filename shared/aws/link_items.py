"""A link between customers, as the table keeps it: with what has to be put back when it is taken back."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from shared.aws import keys
from shared.aws.attributes import encode_item
from shared.core.linking.records import IdentityBefore, StoredLink
from shared.model.conversation import Link


def link_item(stored: StoredLink) -> dict[str, Any]:
    """A link as its item."""
    return {**keys.link(stored.link.customer_id, stored.link.id), **encode_item(_link_values(stored))}


def read_link(values: dict[str, Any]) -> StoredLink:
    """The inverse; ``values`` are those of the item."""
    record = json.loads(values["record"])
    before = {name: IdentityBefore(*was) for name, was in record.pop("before").items()}
    return StoredLink(**{**record, "link": msgspec.convert(record["link"], Link)}, before=before)


def _link_values(stored: StoredLink) -> dict[str, Any]:
    """A link as its item keeps it: one JSON text, and the mark of one that was taken back."""
    before = {name: [was.conversation_id, was.verification, was.link_id] for name, was in sorted(stored.before.items())}
    text = json.dumps(
        {
            "link": msgspec.to_builtins(stored.link),
            "conversation_id": stored.conversation_id,
            "sequence": stored.sequence,
            "source_conversation": stored.source_conversation,
            "source_status": stored.source_status,
            "moved": stored.moved,
            "target_conversation": stored.target_conversation,
            "waiting_since": stored.waiting_since,
            "before": before,
        },
        separators=(",", ":"),
    )
    return {"record": text} if stored.link.undone_at is None else {"record": text, "undone": True}
