"""What a person types, as Slack's apps send it on: escaped text with mentions and links, and the same as rich text.

Source: docs.slack.dev, "Formatting message text" and "Rich text block".
"""

from __future__ import annotations

import re
import secrets
from typing import Any

MARK = re.compile(r"<([^<>]+)>")
ADDRESS = re.compile(r"https?://[^\s<>|]+")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def markup(typed: str, people: dict[str, str]) -> str:
    """``people`` maps a name to a user id: ``@name`` becomes ``<@id>``; web addresses get their brackets."""
    text = ADDRESS.sub(lambda found: f"<{found.group()}>", escaped(typed))
    for name, user_id in sorted(people.items(), key=lambda pair: -len(pair[0])):
        text = re.sub(rf"@{re.escape(escaped(name))}(?!\w)", f"<@{user_id}>", text)
    return text


def rich_text(text: str) -> list[dict[str, Any]]:
    """The one block that Slack's apps put beside ``text``; none for an empty text."""
    elements: list[dict[str, Any]] = []
    end = 0
    for found in MARK.finditer(text):
        elements += _plain(text[end : found.start()])
        elements.append(_marked(found.group(1)))
        end = found.end()
    elements += _plain(text[end:])
    if not elements:
        return []
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": secrets.token_urlsafe(4)[:5], "elements": [section]}]


def _plain(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": unescaped(text)}] if text else []


def _marked(inside: str) -> dict[str, Any]:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    words = {"text": unescaped(label)} if label else {}
    return {"type": "link", "url": unescaped(target), **words}
