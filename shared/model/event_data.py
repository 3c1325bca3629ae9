"""What the ``data`` of each event type holds: one Struct per type.

The Structs say what the writers of the log write (shared/core) and what its readers may rely on. All of them only ever
grow.
"""

from __future__ import annotations

import msgspec

from shared.model.conversation_events import (
    ChannelSwitched,
    ControlChanged,
    ConversationClosed,
    ConversationGap,
    ConversationOpened,
    ConversationUpdated,
    WindowClosing,
)
from shared.model.customer_events import (
    CustomerErased,
    CustomerUpdated,
    IdentityLinked,
    IdentityUnlinked,
)
from shared.model.message_events import (
    MessageDeleted,
    MessageEdited,
    MessageMediaChanged,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
    ReactionChanged,
)

EVENT_DATA: dict[str, type[msgspec.Struct]] = {
    "message.received": MessageReceived,
    "message.sent": MessageSent,
    "message.status_changed": MessageStatusChanged,
    "message.media_changed": MessageMediaChanged,
    "message.edited": MessageEdited,
    "message.deleted": MessageDeleted,
    "reaction.added": ReactionChanged,
    "reaction.removed": ReactionChanged,
    "conversation.opened": ConversationOpened,
    "conversation.updated": ConversationUpdated,
    "conversation.closed": ConversationClosed,
    "conversation.channel_switched": ChannelSwitched,
    "conversation.control_changed": ControlChanged,
    "conversation.gap": ConversationGap,
    "identity.linked": IdentityLinked,
    "identity.unlinked": IdentityUnlinked,
    "customer.updated": CustomerUpdated,
    "customer.erased": CustomerErased,
    "window.closing": WindowClosing,
}
"""The ``data`` of each event type."""
