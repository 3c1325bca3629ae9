"""What a message says: its parts, and where its files are."""

from __future__ import annotations

from typing import Any

from connectors.channels.slack.files import read_files
from connectors.channels.slack.payloads import Event, objects, text_of
from connectors.channels.slack.reading import plain_text
from connectors.channels.slack.rich_text import blocks_text
from shared.model.inbound import MediaSource
from shared.model.parts import ForwardedPart, Part, TextPart

_LONG = 4_000
_PLACEHOLDER = "This content can't be displayed."


def read_parts(event: Event, sources: list[MediaSource]) -> list[Part]:
    """Text, what was forwarded, then files, as Slack shows them; empty when the message says nothing.

    The text is ``text``. ``blocks`` are read instead when it is empty, when it is Slack's word for blocks that it could
    not write as text, or when it is so long that it may have been cut and they say more.
    """
    text = event.text
    if text is None or text == _PLACEHOLDER or not text.strip():
        text = blocks_text(event.blocks)
    else:
        if "<" in text or "&" in text:
            text = plain_text(text)
        if len(text) >= _LONG:
            text = max(text, blocks_text(event.blocks), key=len)
    if event.files is None and event.attachments is None:
        return [TextPart(text=text)] if text else []
    forwarded = _forwarded(event.attachments, sources)
    parts: list[Part] = [TextPart(text=text)] if text.strip() else []
    parts += forwarded
    parts += read_files(event.files, sources)
    return parts or _captions(event.attachments)


def _forwarded(attachments: Any, sources: list[MediaSource]) -> list[Part]:
    """Messages that were shared. Other attachments are previews of links that are in the text."""
    parts: list[Part] = []
    for each in objects(attachments):
        if each.get("is_share") is not True and each.get("is_msg_unfurl") is not True:
            continue
        text = plain_text(text_of(each, "text") or text_of(each, "fallback"))
        parts.append(ForwardedPart(title=text_of(each, "author_name") or None, text=text or None))
        parts += read_files(each.get("files"), sources)
    return parts


def _captions(attachments: Any) -> list[Part]:
    """The words of attachments, for a message that has nothing else."""
    words = [plain_text(text_of(each, "text") or text_of(each, "fallback")) for each in objects(attachments)]
    text = "\n".join(word for word in words if word.strip())
    return [TextPart(text=text)] if text else []
