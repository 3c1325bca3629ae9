"""The blocks that we send. Source: docs.slack.dev, "Block Kit", the pages of the single blocks and elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.channels.slack.formatting import pieces
from shared.model.capabilities import TextLimit
from shared.model.text import beginning

if TYPE_CHECKING:
    from shared.model.parts import Action, Option

Block = dict[str, Any]

SECTION = 3_000
LABEL = 75
VALUE = 2_000
SELECT_VALUE = 150
ADDRESS = 3_000
ALT_TEXT = 2_000


def sections(mrkdwn: str) -> list[Block]:
    return [section(piece) for piece in pieces(mrkdwn, SECTION)]


def section(mrkdwn: str, image_url: str | None = None, alt_text: str = "") -> Block:
    """``verbatim``: Slack adds no links and no mentions of its own to what we wrote."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}}
    if image_url:
        block["accessory"] = {"type": "image", "image_url": image_url, "alt_text": shortened(alt_text, ALT_TEXT)}
    return block


def image(image_url: str, alt_text: str) -> Block:
    return {"type": "image", "image_url": image_url, "alt_text": shortened(alt_text, ALT_TEXT)}


def context(mrkdwn: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn, "verbatim": True}]}


def actions(elements: list[Block]) -> Block:
    return {"type": "actions", "elements": elements}


def button(action_id: str, title: str, value: str) -> Block:
    found: Block = {"type": "button", "action_id": action_id, "text": _label(title or value)}
    return {**found, "value": value} if value else found


def link_button(action_id: str, title: str, url: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": _label(title or url), "url": url}


def select(action_id: str, options: list[Option]) -> Block:
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": _label("…"),
        "options": [{"text": _label(each.title or each.id), "value": each.id} for each in options],
    }


def shortened(text: str, maximum: int) -> str:
    """At most so many characters, and at least one."""
    text = text.strip() or "-"
    if len(text) <= maximum:
        return text
    return f"{beginning(text, TextLimit(maximum=maximum - 1, unit='characters'))}…"


def is_shortened(button: Option | Action) -> bool:
    """Whether the button's label is too long to be shown whole."""
    return len(button.title.strip()) > LABEL


def _label(text: str) -> Block:
    return {"type": "plain_text", "text": shortened(text, LABEL), "emoji": True}
