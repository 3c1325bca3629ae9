"""What a webhook of the helpdesk asks for, by the paths of the account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.generic.paths import holds, value_at, word_at
from shared.errors import BadRequest
from shared.helpdesk.seam import DeskAction, DeskChange, DeskReply
from shared.model.identifiers import digest

if TYPE_CHECKING:
    from connectors.helpdesks.generic.settings import Files, Webhook

MOST_FILES = 19
"""A message has at most twenty parts, and one of them is the text."""


def actions(settings: Webhook, body: bytes) -> list[DeskAction]:
    """The answer first and the status after it: who closes a ticket with an answer wants it to arrive. Raises
    BadRequest(``malformed_webhook``)."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("malformed_webhook", "the body is not JSON") from error
    ticket = word_at(document, settings.ticket)
    if ticket is None or any(holds(document, conditions) for conditions in settings.ignore):
        return []
    message = word_at(document, settings.message)
    found: list[DeskAction] = []
    reply = None if message is None else _reply(settings, document, ticket, message)
    if reply is not None:
        found.append(reply)
    status = settings.statuses.get(word_at(document, settings.status) or "")
    if status is not None and holds(document, settings.changed):
        found.append(DeskChange(ticket, message or digest(body.decode("utf-8", "replace")), status))
    return found


def _reply(settings: Webhook, document: Any, ticket: str, message: str) -> DeskReply | None:
    text = word_at(document, settings.text)
    files = [] if settings.files is None else _files(settings.files, document)
    if not holds(document, settings.public) or not (files or (text and text.strip())):
        return None
    parts = [{"type": "text", "text": text, "format": settings.format}] if text and text.strip() else []
    return DeskReply(ticket, message, parts, word_at(document, settings.author), files)


def _files(settings: Files, document: Any) -> list[dict[str, str]]:
    items = value_at(document, settings.items)
    found: list[dict[str, str]] = []
    for item in items[:MOST_FILES] if isinstance(items, list) else []:
        named = {name: word_at(item, getattr(settings, name)) for name in ("url", "filename", "mime_type")}
        if named["url"] is not None:
            found.append({name: word for name, word in named.items() if word is not None})
    return found
