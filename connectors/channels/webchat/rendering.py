"""A message as it goes to the visitor's browser: the message itself, in its public form, whole in one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from connectors.channels.webchat.capabilities import CAPABILITIES
from shared.errors import Unprocessable
from shared.model.chat_frames import message_frame
from shared.model.chat_view import browser_parts, says_nothing
from shared.ports.connector import OutboundRequest, Rendering

if TYPE_CHECKING:
    from shared.model.message import Message
    from shared.ports.connector import Recipient


def render(message: Message, recipient: Recipient) -> Rendering:
    """One ``push`` request: ``{message_id, identity_id, frame}``. The browser knows a message by its id, so a repeat
    shows once.

    Raises Unprocessable(``nothing_to_send``) when a message for this channel says nothing. What was said on another one
    is shown in any case: the visitor sees the whole conversation.
    """
    to_be_sent = message.direction == "outbound" and message.channel.type == CAPABILITIES.channel
    if to_be_sent and all(map(says_nothing, message.parts)):
        raise Unprocessable("nothing_to_send", "no part of the message can be shown in web chat")
    _, degradations = browser_parts(message.parts)
    body = {
        "message_id": message.id,
        "identity_id": recipient.identity_id,
        "frame": msgspec.json.decode(message_frame(message)),
    }
    return Rendering([OutboundRequest("push", body)], degradations)
