"""Zendesk's objects in JSON, as its API answers with them.

Source: developer.zendesk.com/api-reference/ticketing: tickets/tickets, tickets/ticket_audits,
tickets/ticket-attachments and users/users.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infra.local.providers.zendesk.service import Service
from infra.local.providers.zendesk.state import Attachment, Audit, Comment, Ticket, User


def user_object(service: Service, user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "url": f"{service.public_url}/api/v2/users/{user.id}.json",
        "name": user.name,
        "email": next(iter(user.emails), None),
        "role": user.role,
        "external_id": user.external_id,
        "active": not user.deleted,
        "verified": True,
        "phone": None,
    }


def ticket_object(service: Service, ticket: Ticket) -> dict[str, Any]:
    via: dict[str, Any] = {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}}
    if ticket.followup_of is not None:
        via["source"] = {"from": {"ticket_id": ticket.followup_of}, "to": {}, "rel": "follow_up"}
    return {
        "id": ticket.id,
        "url": f"{service.public_url}/api/v2/tickets/{ticket.id}.json",
        "external_id": ticket.external_id,
        "subject": ticket.subject,
        "raw_subject": ticket.subject,
        "description": ticket.comments[0].body if ticket.comments else "",
        "status": ticket.status,
        "requester_id": ticket.requester_id,
        "tags": ticket.tags,
        "via": via,
        "created_at": shown_time(ticket.created_at),
        "updated_at": shown_time(ticket.updated_at),
    }


def audit_object(service: Service, ticket: Ticket, audit: Audit) -> dict[str, Any]:
    comment = next((each for each in ticket.comments if each.id == audit.comment_id), None)
    return {
        "id": audit.id,
        "ticket_id": ticket.id,
        "author_id": audit.author_id,
        "created_at": shown_time(audit.created_at),
        "metadata": {"custom": audit.custom, "system": {"client": "stand-in"}},
        "events": [] if comment is None else [comment_object(service, comment, audit)],
        "via": {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}},
    }


def comment_object(service: Service, comment: Comment, audit: Audit) -> dict[str, Any]:
    return {
        "id": comment.id,
        "type": "Comment",
        "author_id": comment.author_id,
        "body": comment.body,
        "plain_body": comment.body,
        "public": comment.public,
        "attachments": [attachment_object(service, each) for each in comment.attachments],
        "audit_id": audit.id,
    }


def attachment_object(service: Service, attachment: Attachment) -> dict[str, Any]:
    return {
        "id": attachment.id,
        "file_name": attachment.name,
        "content_url": attachment_url(service, attachment),
        "content_type": attachment.mime_type,
        "size": attachment.size,
        "inline": False,
        "deleted": False,
    }


def attachment_url(service: Service, attachment: Attachment) -> str:
    return f"{service.public_url}/attachments/token/{attachment.token}/?name={quote(attachment.name, safe='')}"


def shown_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
