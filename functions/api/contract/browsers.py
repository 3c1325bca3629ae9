"""The declared routes of those without an API key: visitors' browsers, providers, and helpdesks."""

from __future__ import annotations

from functions.api.contract.operation import AFTER, CURSOR, LIMIT, Body, Document, Operation
from shared.core.linking.issuing import LinkCodeRequest
from shared.model.answers import UploadForm
from shared.model.chat_contract import (
    Accepted,
    OpenedSession,
    PostedLinkCode,
    PostedMessage,
    SessionRequest,
    UploadRequest,
    VisitorHistory,
)
from shared.model.declared_answers import IssuedLinkCode

_CHAT = "/chat/{account}"
_READING = ("400 bad_json", "400 too_deep", "400 bad_frame", "413 frame_too_large")

_WEBHOOK_ANSWERS = {200: Document(None, "What the provider wants to hear: the event is durable.")}
_WEBHOOK_PROBLEMS = (
    "400 body_encoding",
    "404 unknown_channel",
    "404 unknown_account",
    "404 not_a_webhook",
    "405 method_not_allowed",
    "413 payload_too_large",
    "500 internal_error",
    "503 unavailable",
)

OPERATIONS = (
    Operation(
        "POST",
        f"{_CHAT}/sessions",
        "open_session",
        "web chat",
        "optional session",
        "Opens a session of web chat.",
        {201: OpenedSession},
        "With the session token of an anonymous visitor, who stays the same; with an identity token, of a user whom "
        "the site knows.",
        body=Body(SessionRequest, optional=True),
        problems=(
            *_READING,
            "400 bad_identity_token",
            "401 bad_identity_token",
            "401 identity_token_expired",
            "422 bad_claims",
            "422 identity_not_configured",
        ),
    ),
    Operation(
        "GET",
        f"{_CHAT}/messages",
        "list_visitor_messages",
        "web chat",
        "session",
        "What the visitor may see of the conversation, by sequence.",
        {200: VisitorHistory},
        parameters=(AFTER, CURSOR, LIMIT),
        problems=("400 bad_parameter",),
    ),
    Operation(
        "POST",
        f"{_CHAT}/messages",
        "post_visitor_message",
        "web chat",
        "session",
        "A message of the visitor, or a link code that they came with.",
        {202: Accepted},
        "The same client_id again, here or over the socket, is the same message.",
        body=Body((PostedMessage, PostedLinkCode)),
        problems=(
            *_READING,
            "400 bad_client_id",
            "400 bad_link_code",
            "422 bad_parts",
            "422 too_many_parts",
            "422 unknown_part",
            "422 bad_part",
            "422 empty_text",
            "422 text_too_long",
            "422 bad_media_id",
        ),
    ),
    Operation(
        "POST",
        f"{_CHAT}/uploads",
        "open_visitor_upload",
        "web chat",
        "session",
        "Where to upload a file that the visitor sends.",
        {201: UploadForm},
        body=Body(UploadRequest),
        problems=(*_READING, "413 file_too_large", "422 bad_upload", "422 type_not_allowed"),
    ),
    Operation(
        "POST",
        f"{_CHAT}/link-codes",
        "make_visitor_link_code",
        "web chat",
        "session",
        "A code by which the visitor goes on on another channel.",
        {201: IssuedLinkCode},
        body=Body(LinkCodeRequest, optional=True),
        problems=(
            "400 bad_json",
            "400 bad_request_body",
            "404 unknown_route",
            "404 unknown_customer",
            "409 customer_merged",
            "409 no_conversation",
            "413 payload_too_large",
            "415 unsupported_media_type",
            "422 unknown_channel",
            "429 too_many_codes",
            "500 internal_error",
        ),
    ),
    Operation(
        "GET",
        "/widget.js",
        "get_widget",
        "web chat",
        "anybody",
        "The chat widget.",
        {200: Document("text/javascript", "The script that puts the chat on a page.")},
    ),
    Operation(
        "GET",
        "/hooks/{channel}/{account}",
        "verify_webhook",
        "webhooks",
        "provider",
        "A provider proves that it calls the right address.",
        _WEBHOOK_ANSWERS,
        problems=_WEBHOOK_PROBLEMS,
        open_problems=(400, 401, 403, 405),
    ),
    Operation(
        "POST",
        "/hooks/{channel}/{account}",
        "receive_webhook",
        "webhooks",
        "provider",
        "A provider's webhook.",
        _WEBHOOK_ANSWERS,
        "Each channel has a form and a proof of its own. 503 means that nothing was stored: send it again.",
        problems=_WEBHOOK_PROBLEMS,
        open_problems=(400, 401, 403, 405),
    ),
    Operation(
        "POST",
        "/helpdesks/{helpdesk}/{account}",
        "receive_helpdesk_webhook",
        "webhooks",
        "provider",
        "A helpdesk's webhook.",
        _WEBHOOK_ANSWERS,
        "Each helpdesk has a form and a proof of its own. 503 means that nothing was stored: send it again.",
        problems=(
            "400 body_encoding",
            "404 unknown_helpdesk",
            "404 unknown_account",
            "413 payload_too_large",
            "500 internal_error",
            "503 unavailable",
        ),
        open_problems=(400, 401, 403, 404, 405, 415),
    ),
)
