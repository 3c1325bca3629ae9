"""Conversations, the customers in them, and the identities customers write from."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

ConversationStatus = Literal["open", "pending", "closed"]
Verification = Literal["none", "provider", "signed_token", "code", "agent"]
IdentityStatus = Literal["active", "blocked", "inactive"]


class Route(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One way to reach the customer. ``closes_at`` and ``remaining`` tell how long and how often it can still be
    used."""

    identity_id: str
    channel: str
    account: str
    can_reply: bool
    thread_id: str | None = None
    reason: str | None = None
    closes_at: str | None = None
    remaining: int | None = None


class Conversation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``sequence`` is that of the last log entry; ``active_route`` is the identity the customer wrote from last."""

    id: str
    customer_id: str
    status: ConversationStatus
    sequence: int
    created_at: str
    updated_at: str
    active_route: str | None = None
    routes: list[Route] = []
    tags: list[str] = []
    priority: str | None = None
    assignee: str | None = None


class Identity(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A sender on one channel. ``scope`` is what the external id is unique within: our account, a workspace, a
    corporation."""

    id: str
    channel: str
    scope: str
    external_id: str
    customer_id: str
    account: str
    aliases: dict[str, str] = {}
    verification: Verification = "none"
    status: IdentityStatus = "active"
    name: str | None = None
    language: str | None = None
    created_at: str | None = None


class Customer(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str
    name: str | None = None
    language: str | None = None
    tags: list[str] = []
    attributes: dict[str, Any] = {}
    identities: list[Identity] = []
    created_at: str | None = None
    updated_at: str | None = None
