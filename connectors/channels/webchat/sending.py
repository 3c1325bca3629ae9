"""Pushing to the visitor's open sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.errors import DeliveryError, InfrastructureError
from shared.model.chat_frames import typing_frame
from shared.ports.connector import SendResult

if TYPE_CHECKING:
    from shared.ports.connector import OutboundRequest, Recipient
    from shared.ports.context import ChannelContext


def send(request: OutboundRequest, context: ChannelContext) -> SendResult:
    """``sent``, whoever is online: the message is in the log, and a visitor who is away gets it when the socket
    resumes.

    Raises DeliveryError (retry; ``push_failed``) when the sockets could not be reached at all; pushing again does no
    harm.
    """
    _push(request.body["identity_id"], msgspec.json.encode(request.body["frame"]), context)
    return SendResult(status="sent")


def show_typing(recipient: Recipient, active: bool, context: ChannelContext) -> None:
    """Raises DeliveryError as :func:`send` does."""
    _push(recipient.identity_id, typing_frame(active), context)


def _push(identity_id: str, frame: bytes, context: ChannelContext) -> None:
    try:
        context.sockets.push(identity_id, frame)
    except InfrastructureError as error:
        raise DeliveryError("retry", "push_failed", "the open sockets could not be reached") from error
