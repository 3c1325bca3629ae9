"""The route of control: who answers in a conversation, and what is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.api.conversations import view
from functions.api.requests import answer, authenticated, read_body, request_of
from functions.bootstrap import conversations, objects, store
from shared.core.control.service import ControlRequest
from shared.core.messages import is_message, read_message
from shared.model.public import public_form

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response as ApiResponse

    from shared.core.records import Head

router = APIGatewayHttpRouter()

MOST_MESSAGES = 20
LOOKED_BACK = 60
"""Entries of the log that are looked through for the last messages."""


@router.post("/conversations/<conversation_id>/control")
def control(conversation_id: str) -> ApiResponse[str]:
    """The conversation after the call, and where its history is; whoever takes control also gets the last messages."""
    key = authenticated(router, "write")
    wanted = read_body(request_of(router), ControlRequest)
    done = conversations.control()(conversation_id, wanted, key.id)
    shown: dict[str, Any] = {"conversation": view(done.head), "history": done.handover.history()}
    if done.handover.note is not None:
        shown["note"] = done.handover.note
    if wanted.action == "take":
        shown["messages"] = _last_messages(done.head)
    return answer(shown)


def _last_messages(head: Head) -> list[dict[str, Any]]:
    """In order, with short-lived addresses of their files."""
    entries = store.conversation_log().recent(head.conversation_id, head.sequence, LOOKED_BACK)
    found = [entry for entry in entries if is_message(entry)][:MOST_MESSAGES]
    messages = []
    for entry in reversed(found):
        message = read_message(entry)
        objects.media_addresses().fill(message, entry)
        if message.email is not None:
            objects.originals().show(message)
        messages.append(public_form(message))
    return messages
