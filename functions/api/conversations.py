"""Routes of conversations: the list, one, and its change."""

from __future__ import annotations

import base64
import binascii
import time
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from connectors import registry
from functions.api.requests import answer, authenticated, page, page_size, read_body, request_of
from functions.bootstrap import store, web_chat
from shared.core.conversations import ChangeConversation, ConversationChange, conversation_view
from shared.errors import BadRequest, NotFound
from shared.model.public import public_form

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

    from shared.core.records import Head
    from shared.model.capabilities import Capabilities

router = APIGatewayHttpRouter()
STATUSES = ("open", "pending", "closed")


@router.get("/conversations")
def list_conversations() -> ApiResponse[str]:
    """Most recently active first; ``?status=`` open, pending or closed; without it, all."""
    authenticated(router, "read")
    request = request_of(router)
    status = request.query.get("status") or None
    if status is not None and status not in STATUSES:
        raise BadRequest("bad_parameter", f"status is one of {', '.join(STATUSES)}")
    before = _read_cursor(request.query.get("cursor"))
    heads, following = store.conversation_log().conversations(status, before, page_size(request))
    return page([view(head) for head in heads], _cursor(following))


@router.get("/conversations/<conversation_id>")
def get_conversation(conversation_id: str) -> ApiResponse[str]:
    authenticated(router, "read")
    head = store.conversation_log().head(conversation_id)
    if head is None:
        raise NotFound("unknown_conversation", "there is no such conversation")
    shown = view(head)
    if head.active_identity is not None:
        shown["customer_typing"] = web_chat.typing().is_typing(head.active_identity)
    return answer(shown)


@router.patch("/conversations/<conversation_id>")
def change_conversation(conversation_id: str) -> ApiResponse[str]:
    authenticated(router, "write")
    change = read_body(request_of(router), ConversationChange)
    apply = ChangeConversation(store.conversation_log(), store.people(), time.time)
    return answer(view(apply(conversation_id, change)))


def view(head: Head) -> dict[str, Any]:
    """A conversation in JSON form."""
    return public_form(conversation_view(head, capabilities_of, time.time()))


def capabilities_of(channel: str) -> Capabilities:
    return registry.connector(channel).capabilities


def _cursor(position: str | None) -> str | None:
    return None if position is None else base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> str | None:
    if not cursor:
        return None
    try:
        position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise BadRequest("bad_cursor", "the cursor is not one that this list gave") from error
    if "#conv_" not in position or len(position) > 120:
        raise BadRequest("bad_cursor", "the cursor is not one that this list gave")
    return position
