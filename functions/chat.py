"""The chat function: sessions, and the HTTP fallback of the web-chat socket.

| route | body | answer |
|---|---|---|
| POST /chat/{account}/sessions | {identity_token?, claims?} | 201 {token, identity_id, conversation_id?, socket_url} |
| POST /chat/{account}/messages | {client_id, parts} | 202 {type: accepted, client_id} |
| POST /chat/{account}/messages | {type: link, client_id, code} | 202 {type: accepted, client_id} |
| GET /chat/{account}/messages?after=&limit= | | 200 {items, conversation_id?, cursor?} |
| POST /chat/{account}/uploads | {filename, mime_type, size} | 201 {media_id, url, fields} |
| GET /widget.js | | 200: the script that puts the chat on a page |

Those of an account take ``Authorization: Bearer <session token>``; for a session it is optional, and that of an
anonymous visitor who is to stay the same. Pages of other origins than the account's ``allowed_origins`` are refused,
and CORS headers name only an admitted origin. For POST /chat/{account}/link-codes only the browser's question before it
(OPTIONS) is answered here: the codes themselves are made by the api function.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.bootstrap import web_chat
from functions.lines import write_line
from shared.errors import BadRequest, InfrastructureError, MethodNotAllowed, NotFound, RequestError, Unauthorized
from shared.http.request import Request
from shared.http.response import Response
from shared.http.static_file import StaticFile

if TYPE_CHECKING:
    from shared.core.chat.service import ChatService

_METHODS = {"sessions": ("POST",), "messages": ("GET", "POST"), "uploads": ("POST",), "link-codes": ("POST",)}
_ANSWERED_ELSEWHERE = ("link-codes",)
_WIDGET = Path(__file__).resolve().parent.parent / "connectors/channels/webchat/widget/dist/widget.js"
_WIDGET_HEADERS = {
    "content-type": "text/javascript; charset=utf-8",
    # A new version is everywhere within minutes, and no page ever waits for one.
    "cache-control": "public, max-age=300, stale-while-revalidate=86400",
    # Pages that check the script (integrity) or isolate themselves may load it as well.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}
_PREFLIGHT_SECONDS = "600"
_DEFAULT_LIMIT = 50


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One event of the HTTP API, payload format 2.0."""
    started = time.perf_counter()
    if event.get("rawPath", "").endswith("/widget.js"):
        response, outcome = serve_widget(event), "widget"
    else:
        response, outcome = handle(event, web_chat.chat_service())
    write_line("chat", outcome, response.status, started)
    return response.to_http_api()


def serve_widget(event: dict[str, Any]) -> Response:
    """The widget, for any page: it holds nothing of an account."""
    return _widget().answer(Request.from_http_api(event))


@cache
def _widget() -> StaticFile:
    return StaticFile(_WIDGET, _WIDGET_HEADERS)


def handle(event: dict[str, Any], service: ChatService) -> tuple[Response, str]:
    """The response, and the outcome in a word. Errors are problem+json with the CORS headers of an admitted origin, so
    that the widget can read their code."""
    outcome = "ok"
    cors: dict[str, str] = {}
    try:
        request = Request.from_http_api(event)
        account, resource = _target(request)
        origin = request.headers.get("origin")
        service.check_origin(account, origin)
        cors = _cors_headers(origin, resource)
        response = _respond(service, request, account, resource)
    except RequestError as error:
        outcome = error.code
        response = Response.problem(error)
    except InfrastructureError as error:
        outcome = type(error).__name__
        response = Response.problem_of(503, "unavailable", "Service unavailable", "not stored; try again")
    return Response(response.status, response.body, {**response.headers, **cors}), outcome


def _target(request: Request) -> tuple[str, str]:
    """Account and resource out of ``.../chat/{account}/{resource}``, whatever stage stands before it."""
    match request.path.split("/"):
        case [*_, "chat", account, resource] if resource in _METHODS:
            return account, resource
    raise NotFound("not_found", "there is nothing at this address")


def _respond(service: ChatService, request: Request, account: str, resource: str) -> Response:
    if request.method == "OPTIONS":
        return Response(204)
    if resource in _ANSWERED_ELSEWHERE:
        raise NotFound("not_found", "there is nothing at this address")
    if request.method not in _METHODS[resource]:
        raise MethodNotAllowed("method_not_allowed", f"this address answers to {', '.join(_METHODS[resource])}")
    match request.method, resource:
        case "POST", "sessions":
            return Response.json(service.open_session(account, request.body, _bearer(request)), 201)
        case "POST", "messages":
            return Response.json(service.post_message(account, _required_bearer(request), request.body), 202)
        case "POST", "uploads":
            return Response.json(service.open_upload(account, _required_bearer(request), request.body), 201)
        case _:
            after = _number(request, "after", _number(request, "cursor", 0))
            limit = _number(request, "limit", _DEFAULT_LIMIT)
            return Response.json(service.history(account, _required_bearer(request), after, limit))


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _required_bearer(request: Request) -> str:
    token = _bearer(request)
    if token is None:
        raise Unauthorized("bad_session", "send Authorization: Bearer <session token>")
    return token


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadRequest("bad_parameter", f"{name} is a whole number from 0")
    return int(text)


def _cors_headers(origin: str | None, resource: str) -> dict[str, str]:
    if origin is None:
        return {"vary": "origin"}
    return {
        "vary": "origin",
        "access-control-allow-origin": origin,
        "access-control-allow-methods": ", ".join(_METHODS[resource]),
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": _PREFLIGHT_SECONDS,
    }
