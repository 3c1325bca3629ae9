"""Every way in which the HTTP interface refuses, as ``status code``: what it means. Codes are stable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.api.contract.operation import Operation

PROBLEMS: dict[str, str] = {
    "400 bad_json": "the body is not JSON that can be read",
    "400 bad_request_body": "a field of the body is missing, or has the wrong type",
    "400 too_deep": "the body is nested deeper than 32 levels",
    "400 bad_parameter": "a query parameter cannot be read",
    "400 bad_cursor": "the cursor is not one that this list gave",
    "400 bad_idempotency_key": "the key has no or more than 255 characters",
    "400 body_encoding": "the body is not what its transfer encoding says",
    "400 bad_frame": "the body is not a message or a link code",
    "400 bad_client_id": "`client_id` is 1 to 64 of the characters A-Z a-z 0-9 _ . : -",
    "400 bad_link_code": "`code` is not of the form of a link code",
    "400 bad_identity_token": "the identity token is not a text",
    "401 missing_key": "there is no API key in `Authorization: Bearer`",
    "401 bad_key": "the key is unknown or revoked",
    "401 bad_session": "a visitor's session token is missing or forged",
    "401 session_expired": "the session is over; open another one",
    "401 wrong_account": "the session is of another chat account",
    "401 bad_identity_token": "the site's identity token is not signed as it has to be, or says too little",
    "401 identity_token_expired": "the site's identity token is too old",
    "403 scope_missing": "the key's scopes do not allow this",
    "403 origin_not_allowed": "pages of this origin may not use this chat account",
    "404 unknown_route": "there is no such route and method",
    "404 not_found": "there is nothing at this address",
    "404 unknown_account": "there is no such channel account",
    "404 unknown_channel": "there is no such channel",
    "404 unknown_helpdesk": "there is no such helpdesk",
    "404 not_a_webhook": "this channel takes no webhooks",
    "404 unknown_conversation": "there is no such conversation",
    "404 unknown_customer": "there is no such customer",
    "404 unknown_subscription": "there is no such subscription",
    "404 unknown_identity": "there is no such identity",
    "405 method_not_allowed": "the address answers to other methods",
    "409 window_closed": "the channel's send window is closed; `route` has the details",
    "409 window_exceeded": "the message takes more sends than the window has left; `route` has the details",
    "409 route_closed": "the customer has blocked us, or is gone from this route; `route` has the details",
    "409 conversation_closed": "reopen the conversation before replying",
    "409 no_route": "the customer has not written in this conversation yet",
    "409 not_controller": "another party controls the conversation: `controller`",
    "409 controlled_by_another": "another party controls the conversation, and has not offered it: `controller`",
    "409 another_conversation_open": "the customer has a later conversation, so this one stays closed",
    "409 customer_merged": "the customer was merged into another one: `merged_into`",
    "409 too_many_identities": "together the two customers would have more than 25 identities",
    "409 not_linked": "the customer was known by this identity first: no link brought it",
    "409 link_superseded": "a later link has moved the same people again; take that one back first",
    "409 no_conversation": "there is no conversation to go on with",
    "409 too_many_subscriptions": "a stack has at most 100 subscriptions",
    "409 not_failing_there": "the conversation fails over another event, which `detail` names, or over none",
    "413 payload_too_large": "the body is over the limit: 262,144 bytes; for a webhook, that of its channel",
    "413 frame_too_large": "the body is over 32,768 bytes; upload files instead",
    "413 file_too_large": "the file is over the limit of its type: `maximum_bytes`",
    "415 unsupported_media_type": "send `Content-Type: application/json`",
    "422 bad_parts": "a message has 1 to 20 parts",
    "422 too_many_parts": "a visitor's message has at most 10 parts",
    "422 bad_part": "a part is not as its type says; `detail` names it",
    "422 unknown_part_type": "there is no part of this type",
    "422 unknown_part": "visitors cannot send parts of this type",
    "422 empty_message": "the message says nothing",
    "422 empty_text": "a text is empty",
    "422 text_too_long": "a text is too long: 8,000 characters, or fewer in other fields",
    "422 message_too_large": "the message has over 100,000 bytes",
    "422 bad_author": "a reply is written by an agent, a bot or the system",
    "422 bad_degrade": "`degrade` is `allow` or `refuse`",
    "422 bad_fallback": "`fallback` is a list of channels, `auto` or `none`",
    "422 bad_unread_after": "`unread_after` is 60 to 86,400 seconds, and needs `fallback`",
    "422 unknown_route": "the conversation has no such route",
    "422 would_degrade": "something would be lost, and you asked to refuse that; `degradations` has the losses",
    "422 nothing_to_send": "the channel can show nothing of it",
    "422 bad_header": "a header of the mail would be no header: a subject is one line",
    "422 bad_address": "an address cannot be written to by mail",
    "422 file_type_refused": "mail does not carry files of this type: send them in an archive",
    "422 loop_suspected": "only a person may answer what a machine has written",
    "422 bad_control": "a field does not go with the action, or is too long; `detail` names it",
    "422 unknown_party": "`to.id` is the id of an API key that may write",
    "422 unknown_media": "`media_id` is one that POST /v1/media gave",
    "422 bad_media_id": "`media_id` names a file that was uploaded before",
    "422 bad_size": "a file has 1 to 26,214,400 bytes",
    "422 bad_upload": "`filename` and `mime_type` are texts, `size` a number of bytes",
    "422 type_not_allowed": "visitors cannot upload files of this type: `allowed`",
    "422 bad_claims": "what the visitor said of themselves cannot be read; `detail` names the field",
    "422 identity_not_configured": "the chat account has no `identity_secret`",
    "422 bad_target": "give either `url` or `helpdesk`; a subscription of a helpdesk has no `url`",
    "422 bad_url": "`url` is the https address of a public host",
    "422 bad_helpdesk": "`helpdesk` is `<helpdesk>/<account>`",
    "422 unknown_helpdesk": "there is no such helpdesk",
    "422 unknown_account": "the helpdesk has no such account",
    "422 bad_types": "there are no such event types",
    "422 bad_channels": "there are no such channels",
    "422 bad_description": "the description is too long",
    "422 bad_metadata": "the metadata is too large",
    "422 bad_since": "`since` is a time in the past, as in RFC 3339",
    "422 bad_replay": "give `after`, a sequence from 0, or `since`, a time, or neither",
    "422 bad_expire_previous_after": "the seconds for which the secret before counts are too many, or below 0",
    "422 idempotency_key_reused": "the key was used with another request",
    "422 same_customer": "a customer cannot be merged into themselves",
    "422 unknown_channel": "there is no such channel account to make a link code for",
    "429 too_many_codes": "ten link codes for a customer in 15 minutes; `retry_after` is in seconds",
    "500 internal_error": "a fault of ours; it has been logged",
    "503 busy": "too many write to the same thing; try again in a moment",
    "503 unavailable": "try again in a moment; with an Idempotency-Key that is always safe",
}

_KEY = ("401 missing_key", "401 bad_key", "403 scope_missing")
_OURS = ("500 internal_error", "503 busy", "503 unavailable")
_JSON = (
    "400 bad_json",
    "400 bad_request_body",
    "400 body_encoding",
    "413 payload_too_large",
    "415 unsupported_media_type",
)
_SESSION = ("401 bad_session", "401 session_expired", "401 wrong_account")
_CHAT = ("400 body_encoding", "403 origin_not_allowed", "404 not_found", "404 unknown_account", "503 unavailable")


def refusals(operation: Operation) -> tuple[str, ...]:
    """All refusals of an operation: its own, and those that come with who may call it and with what it takes."""
    found = list(operation.problems)
    match operation.access:
        case "read" | "write" | "admin":
            found += [*_KEY, *_OURS]
            found += _JSON if operation.body is not None else []
            found += ["404 unknown_route"] if operation.path_parameters else []
        case "session":
            found += [*_CHAT, *_SESSION]
        case "optional session":
            found += _CHAT
    order = list(PROBLEMS)
    return tuple(sorted(set(found), key=order.index))
