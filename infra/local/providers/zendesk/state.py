"""What the stand-in remembers. Ids are numbers; dictionaries have them as text."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

TicketStatus = Literal["new", "open", "pending", "hold", "solved", "closed"]
Role = Literal["end-user", "agent", "admin"]


class User(msgspec.Struct, kw_only=True):
    """``merged_into`` and ``deleted`` users are not shown any more."""

    id: int
    account: str
    name: str
    role: Role = "end-user"
    external_id: str | None = None
    emails: list[str] = []
    deleted: bool = False


class Attachment(msgspec.Struct, kw_only=True):
    """``token`` is the unguessable part of its address."""

    id: int
    name: str
    mime_type: str
    size: int
    token: str


class Upload(msgspec.Struct, kw_only=True):
    """Files under one token; a comment takes all of them, once."""

    account: str
    attachments: list[Attachment] = []


class Comment(msgspec.Struct, kw_only=True):
    """``by_api`` is for the control interface alone."""

    id: int
    author_id: int
    body: str
    public: bool
    created_at: float
    attachments: list[Attachment] = []
    by_api: bool = False


class Audit(msgspec.Struct, kw_only=True):
    """One change of a ticket: who made it, with what metadata, and its comment, if it has one."""

    id: int
    author_id: int
    created_at: float
    custom: dict[str, Any] = {}
    comment_id: int | None = None


class Ticket(msgspec.Struct, kw_only=True):
    id: int
    account: str
    subject: str
    requester_id: int
    status: TicketStatus = "new"
    external_id: str | None = None
    tags: list[str] = []
    followup_of: int | None = None
    created_at: float = 0.0
    updated_at: float = 0.0
    deleted: bool = False
    comments: list[Comment] = []
    audits: list[Audit] = []


class Made(msgspec.Struct, kw_only=True):
    """What a call with an ``Idempotency-Key`` brought, and the ticket that it made."""

    digest: str
    ticket_id: int
    at: float


class ZendeskState(msgspec.Struct, kw_only=True):
    last_id: int = 1000
    clock_offset: float = 0.0
    users: dict[str, User] = {}
    tickets: dict[str, Ticket] = {}
    uploads: dict[str, Upload] = {}
    made: dict[str, Made] = {}

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id
