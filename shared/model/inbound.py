"""What a connector's ``parse`` returns: a provider's event in our words, before it belongs to a conversation."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.model.conversation import Verification
from shared.model.message import Author, MessageError, ReplyTo
from shared.model.parts import Part


class Sender(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who wrote. ``external_id`` is unique within ``scope`` (usually the account).

    ``aliases`` are other ids of theirs that are proven, by kind (``email``, ``phone``, ``unionid``): whoever proves the
    same one elsewhere is the same customer. ``claims``, by the same kinds, are what was only said. ``unproven``:
    anybody could have written under this external id.
    """

    external_id: str
    scope: str
    aliases: dict[str, str] = {}
    claims: dict[str, str] = {}
    unproven: bool = False
    verification: Verification = "provider"
    name: str | None = None
    language: str | None = None


class MediaSource(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where the connector can fetch a media of the message from: ``index`` counts the media of the message in order
    of its parts.

    ``reference`` holds what ``fetch_media`` needs (a provider id, an address); it stays internal.
    """

    index: int
    reference: dict[str, str]


class Continues(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a message says it continues: a conversation by its id (read from something that we signed), or provider ids
    of earlier messages, the nearest first."""

    conversation_id: str | None = None
    external_ids: list[str] = []


class InboundMessage(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="message"):
    """A message, or an event that a customer caused.

    ``provider_id`` is the same whenever the provider delivers the same message again, and differs between messages of
    one account; it is a hash of the content where the provider gives no id, never random. ``opens`` names the send
    window this opens; ``wants_answer`` is false for things that nobody waits for an answer to (a follow, a menu view):
    they leave a new conversation ``pending``. ``author`` is who wrote an echo (``sender`` is the customer it is for).
    ``continues`` names the conversation that the message says it belongs to, which counts only if its sender takes part
    in it; ``email`` is what only mail has (docs/channels/email.md). ``link_code`` came with it by a way of the
    channel's own (the scene of a QR code, a sealed address), in the form of shared.model.link_codes; ``link_only``
    says that there is nothing else in it.
    """

    provider_id: str
    sender: Sender
    parts: list[Part]
    occurred_at: float
    origin: Literal["customer", "echo"] = "customer"
    opens: Literal["message", "menu_click", "follow", "scan", "session"] | None = None
    wants_answer: bool = True
    media: list[MediaSource] = []
    thread_id: str | None = None
    reply_to: ReplyTo | None = None
    external_ids: list[str] = []
    metadata: dict[str, Any] = {}
    sender_status: Literal["active", "blocked", "inactive"] | None = None
    author: Author | None = None
    continues: Continues | None = None
    email: dict[str, Any] | None = None
    link_code: str | None = None
    link_only: bool = False


class InboundEdit(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="edit"):
    """A message was changed by its author: ``external_id`` is the message's ``provider_id``, ``parts`` is all it says
    now. ``provider_id`` is that of the change: the same whenever it is delivered again."""

    provider_id: str
    external_id: str
    parts: list[Part]
    occurred_at: float


class InboundDeletion(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="deletion"):
    """A message was taken back: its content and its files go."""

    provider_id: str
    external_id: str
    occurred_at: float


class InboundReaction(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="reaction"):
    """Somebody put ``reaction`` (an emoji, or the provider's name of one) on the message ``external_id``, or took it
    away. ``by`` says whether it was the customer or somebody of the company."""

    provider_id: str
    external_id: str
    reaction: str
    occurred_at: float
    removed: bool = False
    by: Literal["customer", "agent"] = "customer"


class InboundReceipt(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="receipt"):
    """A provider's word on a message of ours, named by its provider id; or, when ``up_to_sequence`` is set, on all
    messages up to that place in the sender's conversation. ``blocks``: the recipient takes no more messages, so the
    route is closed until they write again."""

    status: Literal["sent", "delivered", "read", "failed"]
    occurred_at: float
    external_id: str | None = None
    sender: Sender | None = None
    up_to_sequence: int | None = None
    error: MessageError | None = None
    blocks: bool = False


class InboundTyping(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="typing"):
    sender: Sender
    active: bool = True


class AccountNotice(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="notice"):
    """Something about the channel account itself, with no customer in it (a finished broadcast, a revoked
    permission)."""

    provider_id: str
    name: str
    occurred_at: float
    data: dict[str, Any] = {}


InboundEvent = (
    InboundMessage | InboundEdit | InboundDeletion | InboundReaction | InboundReceipt | InboundTyping | AccountNotice
)
