"""The declared routes of conversations, their messages and their logs."""

from __future__ import annotations

from functions.api.contract.operation import AFTER, CURSOR, IDEMPOTENCY_KEY, LIMIT, Body, Operation, Page, Parameter
from functions.api.messages import TypingRequest
from shared.core.control.service import ControlRequest
from shared.core.conversations import ConversationChange
from shared.core.reply import ReplyRequest
from shared.model.answers import TypingShown
from shared.model.conversation import Conversation
from shared.model.declared_answers import AcceptedReply, Control, EventFeed, ShownConversation
from shared.model.event import Event
from shared.model.message import Message

_ONE = "/v1/conversations/{conversation_id}"
_TAG = "conversations"

STATUS = Parameter(
    "status",
    "Only conversations of this status.",
    {"type": "string", "enum": ["open", "pending", "closed"]},
)

FEED_CURSOR = Parameter("cursor", "The cursor that the last answer gave; or start.", {"type": "string"})
SINCE = Parameter(
    "since",
    "From then on, instead of a cursor: a time as in RFC 3339, from 1970 to 2100.",
    {"type": "string", "format": "date-time"},
)
EVENT_NAMES = Parameter(
    "types", "Only entries of these types, separated by commas.", {"type": "string", "examples": ["message.received"]}
)

REPLYING = (
    "400 bad_idempotency_key",
    "409 window_closed",
    "409 window_exceeded",
    "409 route_closed",
    "409 no_route",
    "409 not_controller",
    "422 bad_parts",
    "422 bad_part",
    "422 unknown_part_type",
    "422 empty_message",
    "422 message_too_large",
    "422 bad_author",
    "422 bad_degrade",
    "422 bad_fallback",
    "422 bad_unread_after",
    "422 unknown_route",
    "422 would_degrade",
    "422 nothing_to_send",
    "422 bad_header",
    "422 bad_address",
    "422 file_type_refused",
    "422 loop_suspected",
    "422 unknown_media",
    "422 idempotency_key_reused",
)
"""How a reply is refused, wherever it is written."""

OPERATIONS = (
    Operation(
        "GET",
        "/v1/conversations",
        "list_conversations",
        _TAG,
        "read",
        "The conversations, the most recently active first.",
        {200: Page(Conversation)},
        parameters=(STATUS, CURSOR, LIMIT),
        problems=("400 bad_parameter", "400 bad_cursor"),
    ),
    Operation(
        "GET",
        _ONE,
        "get_conversation",
        _TAG,
        "read",
        "One conversation, with the ways to reach its customer now.",
        {200: ShownConversation},
        problems=("404 unknown_conversation",),
    ),
    Operation(
        "PATCH",
        _ONE,
        "change_conversation",
        _TAG,
        "write",
        "Changes its status, tags, priority or assignee.",
        {200: Conversation},
        "What is absent stays; null empties priority and assignee. Unknown fields are refused.",
        body=Body(ConversationChange),
        problems=("404 unknown_conversation", "409 another_conversation_open"),
    ),
    Operation(
        "GET",
        f"{_ONE}/messages",
        "list_messages",
        _TAG,
        "read",
        "Its messages, by sequence.",
        {200: Page(Message)},
        "Entries of the log that are no messages are left out, so sequences may skip.",
        parameters=(AFTER, CURSOR, LIMIT),
        problems=("400 bad_parameter", "404 unknown_conversation"),
    ),
    Operation(
        "POST",
        f"{_ONE}/messages",
        "reply",
        _TAG,
        "write",
        "Replies to the customer.",
        {202: AcceptedReply},
        "202 means: in the log. Sending follows, and message.status_changed says how it went.",
        parameters=(IDEMPOTENCY_KEY,),
        body=Body(ReplyRequest),
        problems=("404 unknown_conversation", "409 conversation_closed", *REPLYING),
        open_problems=(422,),
    ),
    Operation(
        "POST",
        f"{_ONE}/typing",
        "show_typing",
        _TAG,
        "write",
        "Shows the customer that somebody is typing, where the channel can.",
        {202: TypingShown},
        body=Body(TypingRequest, optional=True),
        problems=("404 unknown_conversation", "404 unknown_identity", "409 no_route", "409 not_controller"),
    ),
    Operation(
        "POST",
        f"{_ONE}/control",
        "control_conversation",
        _TAG,
        "write",
        "Offers, takes, passes on or gives up the control of a conversation.",
        {200: Control},
        "While a party controls a conversation, it alone may reply.",
        body=Body(ControlRequest),
        problems=(
            "404 unknown_conversation",
            "409 controlled_by_another",
            "409 not_controller",
            "409 conversation_closed",
            "422 bad_control",
            "422 unknown_party",
        ),
    ),
    Operation(
        "GET",
        f"{_ONE}/events",
        "list_entries",
        _TAG,
        "read",
        "Its log, by sequence and without gaps: also the replay of the stream.",
        {200: Page(Event)},
        parameters=(AFTER, CURSOR, LIMIT),
        problems=("400 bad_parameter", "404 unknown_conversation"),
    ),
    Operation(
        "GET",
        "/v1/events",
        "list_events",
        "events",
        "read",
        "What happened in all conversations since a cursor.",
        {200: EventFeed},
        "Without a cursor, from now on. Entries are in order within each conversation, and may come more than once.",
        parameters=(FEED_CURSOR, SINCE, EVENT_NAMES, LIMIT),
        problems=("400 bad_parameter", "400 bad_cursor"),
    ),
)
