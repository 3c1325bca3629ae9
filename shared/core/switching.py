"""The customer goes on from another channel: the conversation says so, and replies follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.core.records import Head, NewEntry, RouteState

if TYPE_CHECKING:
    from shared.model.inbound import InboundMessage


def moves_replies(event: InboundMessage) -> bool:
    """Whether replies follow this message: somebody wrote it and waits for an answer. What only happened (a follow, an
    out-of-office note) and what staff wrote in the provider's own app moves nothing."""
    return event.origin == "customer" and event.wants_answer


def is_switch(head: Head, identity_id: str) -> bool:
    """Whether the customer wrote from elsewhere before."""
    return head.active_identity is not None and head.active_identity != identity_id


def switch(head: Head, identity_id: str, route: RouteState, reason: str, now: float) -> tuple[Head, NewEntry]:
    """The conversation after the switch, and the entry that says so: ``conversation.channel_switched``.

    ``reason`` is ``message`` or ``link_code``.
    """
    routes = {name: other for name, other in head.routes.items() if name != identity_id}
    following = replace(
        head,
        sequence=head.sequence + 1,
        updated_at=now,
        routes={**routes, identity_id: route},
        active_identity=identity_id,
    )
    data: dict[str, Any] = {
        "conversation": {"id": head.conversation_id},
        "to": _shown(identity_id, route),
        "reason": reason,
    }
    before = head.active_identity
    if before is not None and before in head.routes:
        data["from"] = _shown(before, head.routes[before])
    entry = NewEntry(
        type="conversation.channel_switched",
        at=now,
        data=data,
        channel=route.channel,
        account=route.account,
        tasks=("push",),
    )
    return following, entry


def _shown(identity_id: str, route: RouteState) -> dict[str, str]:
    return {"identity_id": identity_id, "channel": route.channel, "account": route.account}
