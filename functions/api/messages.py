"""Routes of messages: reading them, replying, and showing that somebody is typing."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from connectors import registry
from functions.api.requests import (
    after,
    answer,
    authenticated,
    fitting,
    idempotency_key_of,
    page,
    page_size,
    read_body,
    request_of,
)
from functions.bootstrap import channels, objects, store, web_chat
from functions.telemetry import logger
from shared.core.control.moves import check_may_reply
from shared.core.reply import Reply, ReplyRequest
from shared.errors import ConfigurationError, Conflict, DeliveryError, NotFound
from shared.model.answers import TypingShown
from shared.model.public import public_form
from shared.ports.connector import Recipient

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

router = APIGatewayHttpRouter()


class TypingRequest(msgspec.Struct, kw_only=True, rename={"as_type": "as"}):
    """The body of POST /v1/conversations/{id}/typing; it may be empty. Without ``as`` the key alone says who types."""

    active: bool = True
    as_type: Literal["bot", "desk"] | None = None


@cache
def _reply() -> Reply:
    return Reply(store.conversation_log(), registry.connector, time.time)


@router.get("/conversations/<conversation_id>/messages")
def list_messages(conversation_id: str) -> ApiResponse[str]:
    """Messages by sequence. Entries of the log that are no messages are left out, so sequences may skip here."""
    authenticated(router, "read")
    request = request_of(router)
    limit = page_size(request)
    found = web_chat.history().messages(conversation_id, after(request), limit)
    for each in found:
        if each.email is not None:
            objects.originals().show(each)
    if not found and store.conversation_log().head(conversation_id) is None:
        raise NotFound("unknown_conversation", "there is no such conversation")
    items = fitting([public_form(each) for each in found])
    goes_on = len(found) == limit or len(items) < len(found)
    return page(items, str(found[len(items) - 1].sequence) if goes_on else None)


@router.post("/conversations/<conversation_id>/messages")
def reply(conversation_id: str) -> ApiResponse[str]:
    """202: the reply is in the log, and will be sent. Its status says how far it is."""
    key = authenticated(router, "write")
    request = request_of(router)
    idempotency_key = idempotency_key_of(request)
    return answer(_reply()(conversation_id, read_body(request, ReplyRequest), key.id, idempotency_key), 202)


@router.post("/conversations/<conversation_id>/typing")
def typing(conversation_id: str) -> ApiResponse[str]:
    """Shows the customer that somebody is typing, where the channel can. 202 whether or not the provider listened."""
    key = authenticated(router, "write")
    request = request_of(router)
    wanted = read_body(request, TypingRequest) if request.body.strip() else TypingRequest()
    head = store.conversation_log().head(conversation_id)
    if head is None:
        raise NotFound("unknown_conversation", "there is no such conversation")
    check_may_reply(head, wanted.as_type or "system", key.id, time.time())
    if head.active_identity is None:
        raise Conflict("no_route", "the customer has not written in this conversation yet")
    route = head.routes[head.active_identity]
    connector = registry.connector(route.channel)
    if not connector.capabilities.typing:
        return answer(TypingShown(shown=False), 202)
    stored = store.people().identity(head.active_identity)
    if stored is None:
        raise NotFound("unknown_identity", "the identity is gone")
    recipient = Recipient(head.active_identity, stored.identity.external_id, route.thread_id)
    try:
        connector.type(recipient, wanted.active, channels.channel_contexts()(route.channel, route.account))
    except DeliveryError as error:
        logger("api").warning("typing not shown", code=error.code)
        return answer(TypingShown(shown=False), 202)
    except ConfigurationError as error:
        logger("api").warning("typing not shown", error=type(error).__name__)
        return answer(TypingShown(shown=False), 202)
    return answer(TypingShown(shown=True), 202)
