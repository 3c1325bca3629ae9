"""Comments as they are put into Zendesk, each one once.

A comment is made by a change of its ticket, and only the making of a ticket knows a key that makes the call safe to
repeat. Every change of ours carries a mark in the metadata of its audit: by it a comment is found again after a call
whose outcome nobody knows. Sources: developer.zendesk.com/api-reference/ticketing/tickets/tickets ("Setting
metadata"), .../ticket_audits (100 on a page), .../ticket_comments (5000 in a ticket) and .../ticket-attachments (50 MB,
one token for several files).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.helpdesks.zendesk.api import get, send, send_file, whole
from connectors.helpdesks.zendesk.marks import MARK
from connectors.helpdesks.zendesk.statuses import CLOSED
from shared.http.answers import before_sending

if TYPE_CHECKING:
    from connectors.helpdesks.zendesk.api import Answer
    from shared.helpdesk.copying import File
    from shared.helpdesk.seam import HelpdeskContext

LONGEST_TEXT = 60_000
"""In bytes of UTF-8. Zendesk takes 64 kB."""

PAGES = 5
"""So many pages of 100 changes are looked through for a comment that may have been made: what agents did since the
call, for everything of ours waits behind it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said. ``public`` false is a note among agents; ``by_customer`` are the requester's own words."""

    text: str
    files: tuple[File, ...] = ()
    public: bool = True
    by_customer: bool = False
    subject: str = ""


DraftOf = Callable[[], Draft]


def comment_of(draft: Draft, user: str, context: HelpdeskContext) -> dict[str, Any]:
    """The comment with its files uploaded; a file that Zendesk does not take is a line of the text. Raises
    DeliveryError."""
    token, lines = None, [draft.text] if draft.text else []
    for file in draft.files:
        taken = _upload(file, token, context)
        if taken is None:
            lines.append(f"[{file.filename}: not taken by Zendesk]")
        else:
            token = taken
    text = "\n\n".join(lines) or ", ".join(file.filename for file in draft.files)
    comment: dict[str, Any] = {"body": _shortened(text) or "…", "public": draft.public}
    if draft.by_customer:
        comment["author_id"] = int(user)
    if token is not None:
        comment["uploads"] = [token]
    return comment


def note_of(text: str) -> dict[str, Any]:
    """A comment that only agents see."""
    return {"body": _shortened(text), "public": False}


def add(ticket: str, comment: dict[str, Any], mark: str, context: HelpdeskContext) -> Answer:
    content = {"ticket": {"comment": comment, "metadata": {MARK: mark}}}
    return send("PUT", f"/tickets/{ticket}.json", content, context)


def tell(ticket: str, text: str, context: HelpdeskContext) -> None:
    """A note at a ticket that may be gone, or closed: then there is nobody to tell."""
    answer = add(ticket, note_of(text), "note", context)
    if not answer.missing and not answer.says(CLOSED):
        answer.success()


def comment_id_in(audit: object, mark: str) -> str | None:
    """The id of the comment that an audit is about, if the audit is of ours with that mark."""
    if not isinstance(audit, dict):
        return None
    metadata = audit.get("metadata")
    custom = metadata.get("custom") if isinstance(metadata, dict) else None
    if not isinstance(custom, dict) or custom.get(MARK) != mark:
        return None
    events = audit.get("events")
    for each in events if isinstance(events, list) else []:
        if isinstance(each, dict) and each.get("type") == "Comment":
            return whole(each.get("id"))
    return None


def find(ticket: str, mark: str, context: HelpdeskContext) -> str | None:
    """A comment by its mark, the latest first."""
    for page in range(1, PAGES + 1):
        query = {"sort_order": "desc", "per_page": "100", "page": str(page)}
        answer = get(f"/tickets/{ticket}/audits.json", context, query)
        if answer.missing:
            return None
        audits = answer.success().get("audits")
        for each in audits if isinstance(audits, list) else []:
            found = comment_id_in(each, mark)
            if found is not None:
                return found
        if not answer.content.get("next_page"):
            return None
    return None


def _upload(file: File, token: str | None, context: HelpdeskContext) -> str | None:
    """The token for this file and those before it; None when Zendesk does not take the file. An upload that no comment
    names is gone after an hour."""
    query = {"filename": file.filename, **({"token": token} if token is not None else {})}
    with before_sending():
        answer = send_file("/uploads.json", query, file.body, file.mime_type, context)
        if answer.status in (413, 422):
            return None
        found = answer.record("upload").get("token")
    return str(found)


def _shortened(text: str) -> str:
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= LONGEST_TEXT else f"{raw[:LONGEST_TEXT].decode('utf-8', 'ignore')}…"
