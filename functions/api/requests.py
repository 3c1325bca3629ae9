"""Reading API requests: who calls, the body, and the parameters, each with a precise refusal."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from aws_lambda_powertools.event_handler import Response as ApiResponse

from functions.bootstrap import environment
from shared.core.api_keys import ApiKey, Authenticate, Scope
from shared.errors import BadRequest, PayloadTooLarge, UnsupportedMedia
from shared.http.request import Request

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

LARGEST_BODY = 262_144
LONGEST_IDEMPOTENCY_KEY = 255
DEFAULT_PAGE = 50
LARGEST_PAGE = 100
LARGEST_ANSWER = 4_000_000
"""Bytes of JSON. A function's answer has at most 6 MB, and what is in it is escaped once more."""


@cache
def _authenticate() -> Authenticate:
    from shared.aws.api_keys import DynamoApiKeys

    return Authenticate(DynamoApiKeys(environment.client(), environment.setting("TABLE_NAME"), time.time))


def request_of(router: APIGatewayHttpRouter) -> Request:
    """The request that is being answered."""
    return Request.from_http_api(router.current_event.raw_event)


def authenticated(router: APIGatewayHttpRouter, scope: Scope) -> ApiKey:
    """The key that calls. Raises Unauthorized or Forbidden."""
    headers = {name.lower(): value for name, value in (router.current_event.raw_event.get("headers") or {}).items()}
    return _authenticate()(headers.get("authorization"), scope)


def read_body[Body](request: Request, kind: type[Body]) -> Body:
    """The JSON body as a Struct. Raises BadRequest, PayloadTooLarge, UnsupportedMedia; unknown fields are accepted."""
    if len(request.body) > LARGEST_BODY:
        raise PayloadTooLarge("payload_too_large", f"the body is over {LARGEST_BODY} bytes")
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMedia("unsupported_media_type", "the body is read as application/json only")
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.ValidationError as error:
        raise BadRequest("bad_request_body", str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest("bad_json", "the body is not JSON that can be read") from error


def idempotency_key_of(request: Request) -> str | None:
    """The header Idempotency-Key, by which a call that comes twice is made once. Raises BadRequest."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY:
        raise BadRequest("bad_idempotency_key", f"Idempotency-Key has 1 to {LONGEST_IDEMPOTENCY_KEY} characters")
    return key


def whole_number(request: Request, name: str, default: int, largest: int) -> int:
    """A query parameter that is a number from 0. Raises BadRequest."""
    text = request.query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadRequest("bad_parameter", f"{name} is a whole number from 0")
    return min(int(text), largest)


def yes_or_no(request: Request, name: str) -> bool:
    """A query parameter that is ``true`` or ``false``, and false when it is not given. Raises BadRequest."""
    text = request.query.get(name, "false")
    if text not in ("true", "false"):
        raise BadRequest("bad_parameter", f"{name} is true or false")
    return text == "true"


def page_size(request: Request) -> int:
    """``limit``: 1 to 100, 50 when it is not given."""
    return max(1, whole_number(request, "limit", DEFAULT_PAGE, LARGEST_PAGE))


def after(request: Request) -> int:
    """Where a list by sequence goes on: ``after``, or the ``cursor`` that the last page gave."""
    name = "cursor" if "after" not in request.query else "after"
    return whole_number(request, name, 0, 10**12 - 2)


def answer(value: object, status: int = 200) -> ApiResponse[str]:
    """A JSON answer."""
    body = msgspec.json.encode(value).decode()
    return ApiResponse(status_code=status, content_type="application/json", body=body)


def fitting(items: list[Any]) -> list[Any]:
    """Those from the beginning that fit into one answer; the first always does."""
    size, count = 0, 0
    for item in items:
        size += len(msgspec.json.encode(item))
        if count and size > LARGEST_ANSWER:
            break
        count += 1
    return items[:count]


def page(items: list[Any], cursor: str | None) -> ApiResponse[str]:
    """A list: ``{items, cursor?}``."""
    return answer({"items": items} if cursor is None else {"items": items, "cursor": cursor})
