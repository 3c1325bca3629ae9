"""The words of an agent's or a bot's message, as parts: text, and what can be tapped in Chatwoot's own widget.

Source: developers.chatwoot.com, "Interactive messages" (``input_select``, ``cards``, ``article``); agents' text is
Markdown.
"""

from __future__ import annotations

from typing import Any

MOST_ITEMS = 20


def interactive_parts(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a ``message_created``, in their JSON form; empty when it has no words."""
    text = _text(event, "content")
    attributes = event.get("content_attributes")
    found = attributes.get("items") if isinstance(attributes, dict) else None
    items = [item for item in found if isinstance(item, dict)][:MOST_ITEMS] if isinstance(found, list) else []
    kind = event.get("content_type")
    if kind == "input_select":
        options = [{"id": _text(item, "value"), "title": _text(item, "title")} for item in items]
        options = [option for option in options if option["id"] and option["title"]]
        if options:
            return [{"type": "choices", "text": text, "options": options}]
    parts = [{"type": "text", "text": text, "format": "markdown"}] if text else []
    if kind == "cards":
        parts += [_card(item) for item in items if _text(item, "title")]
    elif kind == "article":
        parts += [_article(item) for item in items if _text(item, "link")]
    return parts


def _card(item: dict[str, Any]) -> dict[str, Any]:
    given = item.get("actions")
    actions = [_action(action) for action in given if isinstance(action, dict)] if isinstance(given, list) else []
    return _present(
        type="card",
        title=_text(item, "title"),
        description=_text(item, "description"),
        image_url=_text(item, "media_url"),
        actions=[action for action in actions if action.get("title")],
    )


def _action(action: dict[str, Any]) -> dict[str, Any]:
    return _present(title=_text(action, "text"), url=_text(action, "uri"), id=_text(action, "payload"))


def _article(item: dict[str, Any]) -> dict[str, Any]:
    return _present(
        type="link", url=_text(item, "link"), title=_text(item, "title"), description=_text(item, "description")
    )


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found.strip() if isinstance(found, str) else ""
