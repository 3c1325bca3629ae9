"""What blocks say, for the messages whose text does not.

Source: docs.slack.dev, "Block Kit", "Rich text block".
"""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.channels.slack.payloads import member, objects, read_list, text_of
from connectors.channels.slack.reading import link_text, plain_text


def blocks_text(blocks: msgspec.Raw) -> str:
    """The blocks as lines of text; empty when there are none to read."""
    return "\n".join(line for line in map(_block, read_list(bytes(blocks))) if line.strip())


def _block(block: dict[str, Any]) -> str:
    match text_of(block, "type"):
        case "rich_text":
            return "".join(map(_rich, objects(block.get("elements")))).rstrip("\n")
        case "section":
            texts = [member(block, "text"), *objects(block.get("fields"))]
            return "\n".join(line for line in map(_composed, texts) if line)
        case "header":
            return _composed(member(block, "text"))
        case "context":
            return " ".join(line for line in map(_composed, objects(block.get("elements"))) if line)
        case "markdown":
            return text_of(block, "text")
        case "image" | "video":
            return text_of(block, "alt_text")
        case _:
            return ""


def _composed(value: dict[str, Any]) -> str:
    """A text object, or an image among texts."""
    if text_of(value, "type") == "plain_text":
        return text_of(value, "text")
    return plain_text(text_of(value, "text")) or text_of(value, "alt_text")


def _rich(element: dict[str, Any]) -> str:
    """One paragraph, list or quote, with the line end after it."""
    kind = text_of(element, "type")
    if kind == "rich_text_list":
        return _list(element)
    text = "".join(map(_inline, objects(element.get("elements"))))
    if kind == "rich_text_quote":
        text = "\n".join(f"> {line}" for line in text.split("\n"))
    return f"{text}\n" if kind != "rich_text_section" or not text.endswith("\n") else text


def _list(element: dict[str, Any]) -> str:
    ordered = text_of(element, "style") == "ordered"
    indent, offset = element.get("indent"), element.get("offset")
    margin = "    " * min(indent, 8) if isinstance(indent, int) else ""
    first = 1 + (offset if isinstance(offset, int) else 0)
    lines = []
    for number, item in enumerate(objects(element.get("elements")), first):
        text = "".join(map(_inline, objects(item.get("elements"))))
        lines.append(f"{margin}{f'{number}.' if ordered else '-'} {text}\n")
    return "".join(lines)


def _inline(element: dict[str, Any]) -> str:
    """Text in here is not escaped."""
    match text_of(element, "type"):
        case "text":
            return text_of(element, "text")
        case "link":
            return link_text(text_of(element, "text"), text_of(element, "url"))
        case "user":
            return f"@{text_of(element, 'user_id')}"
        case "usergroup":
            return f"@{text_of(element, 'usergroup_id')}"
        case "team":
            return f"@{text_of(element, 'team_id')}"
        case "channel":
            return f"#{text_of(element, 'channel_id')}"
        case "broadcast":
            return f"@{text_of(element, 'range')}"
        case "emoji":
            return f":{text_of(element, 'name')}:"
        case "date":
            return text_of(element, "fallback")
        case "color":
            return text_of(element, "value")
        case _:
            return text_of(element, "text")
