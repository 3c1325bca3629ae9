"""What a customer answers to a question of ours with options: by a button, in words, or by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.core.choices import chosen
from shared.core.messages import is_message
from shared.model.parts import ChoicePart, Option, TextPart

if TYPE_CHECKING:
    from shared.core.records import Head
    from shared.core.storage import ConversationLog
    from shared.model.inbound import InboundMessage

LONGEST_ANSWER = 80
"""Characters of a text that may be the answer to a question with options."""


def with_choice(log: ConversationLog, head: Head, event: InboundMessage) -> tuple[InboundMessage, bool]:
    """The message with the option that it chose, when it is the answer to a question of ours in words or by number;
    and whether it answers one."""
    if head.asked is None or event.origin != "customer" or len(event.parts) != 1:
        return event, False
    part = event.parts[0]
    if isinstance(part, ChoicePart):
        return event, True
    if not isinstance(part, TextPart) or len(part.text) > LONGEST_ANSWER:
        return event, False
    option = chosen(part.text, _options(log, head.conversation_id, head.asked))
    if option is None:
        return event, False
    metadata = {**event.metadata, "typed": part.text}
    choice = ChoicePart(id=option.id, title=option.title)
    return msgspec.structs.replace(event, parts=[choice], metadata=metadata), True


def _options(log: ConversationLog, conversation_id: str, sequence: int) -> list[Option]:
    """What could be chosen in the last question of a message."""
    entry = log.entry(conversation_id, sequence)
    if entry is None or not is_message(entry):
        return []
    asked = [part for part in entry.data["message"]["parts"] if part["type"] == "choices"]
    return msgspec.convert(asked[-1]["options"], list[Option]) if asked else []
