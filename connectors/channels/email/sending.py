"""Handing a mail to the mail provider."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.channels.email.addresses import spelled
from connectors.channels.email.capabilities import FILES_LIMIT
from connectors.channels.email.letter import Enclosure, Letter
from connectors.channels.email.own_ids import own_id
from connectors.channels.email.provider import mailer_of, message_ids
from connectors.channels.email.reply_address import reply_address, thread_id
from connectors.channels.email.settings import api_base, from_name, own_address, reply_domain
from connectors.channels.email.tags import account_tag
from connectors.channels.email.threading import capped, opening_subject
from shared.errors import DeliveryError
from shared.ports.connector import SendResult
from shared.ports.mailer import OutgoingMail

if TYPE_CHECKING:
    from shared.ports.connector import OutboundRequest
    from shared.ports.context import ChannelContext

LARGEST_MAIL = 40_000_000
"""Bytes, encoded ("Service quotas in Amazon SES": 40 MB)."""


def send(request: OutboundRequest, context: ChannelContext) -> SendResult:
    """Reads the files, writes the mail and hands it over; the provider's id is the message's.

    Raises DeliveryError, classed: ``mail_too_large``, ``mail_unwritable`` (permanent), and what reading a file and the
    provider say. Raises ConfigurationError when the account has no usable address.
    """
    # Python's mail package takes 30 ms to import, and only what sends needs it.
    from connectors.channels.email.composing import compose

    body = request.body
    letter = _letter(body, context, _enclosures(request, context))
    try:
        raw = compose(letter)
    except ValueError as error:
        raise DeliveryError("permanent", "mail_unwritable", "a header of the mail cannot be written") from error
    if len(raw) > LARGEST_MAIL:
        raise DeliveryError("permanent", "mail_too_large", f"the mail has {len(raw)} bytes; SES takes {LARGEST_MAIL}")
    tags = {
        "account": account_tag(context.account_name),
        "conversation": body["conversation_id"],
        "message": body["message_id"],
    }
    mail = OutgoingMail(
        raw=raw,
        sender=letter.from_address,
        recipients=(letter.to, *letter.cc),
        tags=tags,
        own_id=own_id(body["message_id"], body["number"]),
    )
    return SendResult((mailer_of(context).send(mail, api_base(context.account)),), "sent")


def _enclosures(request: OutboundRequest, context: ChannelContext) -> tuple[Enclosure, ...]:
    """The files, read; together they keep to the limit of one mail."""
    left = FILES_LIMIT
    found: list[Enclosure] = []
    for upload, described in zip(request.uploads, request.body["attachments"], strict=True):
        content = context.media.read(upload.media, left)
        left -= len(content)
        found.append(Enclosure(described["filename"], described["mime_type"], content, described.get("content_id")))
    return tuple(found)


def _letter(body: dict[str, Any], context: ChannelContext, enclosures: tuple[Enclosure, ...]) -> Letter:
    account = context.account
    address, domain, name = own_address(account), reply_domain(account), from_name(account)
    sealed = (context.account_name, domain, body["conversation_id"], body["identity_id"], context.seals)
    sent = [each for provider_id in body["sent"] for each in message_ids(provider_id, context)]
    return Letter(
        from_name=name,
        from_address=address,
        to=spelled(body["to"]),
        cc=tuple(body["cc"]),
        reply_to=reply_address(*sealed),
        subject=body["subject"] or opening_subject(name or address, body["chinese"]),
        date=datetime.fromisoformat(body["date"]),
        own_id=f"<{own_id(body['message_id'], body['number'])}@{domain}>",
        in_reply_to=body["in_reply_to"],
        references=tuple(capped([thread_id(*sealed), *body["references"], *sent])),
        message_id=body["message_id"],
        text=body["text"],
        html=body["html"],
        enclosures=enclosures,
        loop_mark=domain if body["automatic"] else None,
    )
