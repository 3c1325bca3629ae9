"""The socket function: web chat's WebSocket API. ``$connect`` proves the session, every other frame is one call.

The session token comes as ``?token=``, or, so that it stays out of addresses, as a subprotocol: the browser offers
``onethread.v1`` and ``t.<token>``, and is answered ``onethread.v1``.
"""

from __future__ import annotations

import base64
import binascii
import time
from typing import TYPE_CHECKING, Any

from functions.bootstrap import web_chat
from functions.lines import write_line
from shared.errors import InfrastructureError, RequestError
from shared.http.response import Response

if TYPE_CHECKING:
    from shared.core.chat.service import ChatService

SUBPROTOCOL = "onethread.v1"
_BEARER_PROTOCOL = "t."


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One event of the WebSocket API."""
    started = time.perf_counter()
    kind = event["requestContext"]["eventType"].lower()
    try:
        answer = handle(event, web_chat.chat_service())
    except InfrastructureError as error:
        # Of a frame the browser is told; here a connection could not be noted or forgotten.
        write_line("socket", type(error).__name__, 503, started, kind=kind)
        return {"statusCode": 503}
    status = answer["statusCode"]
    write_line("socket", "ok" if status < 400 else "refused", status, started, kind=kind)
    return answer


def handle(event: dict[str, Any], service: ChatService) -> dict[str, Any]:
    """A refused ``$connect`` is answered 401 or 403 and opens nothing; a refused frame gets an error frame."""
    request = event["requestContext"]
    connection_id = request["connectionId"]
    match request["eventType"]:
        case "CONNECT":
            return _connect(event, connection_id, service)
        case "DISCONNECT":
            service.disconnect(connection_id)
        case _:
            reply = service.receive(connection_id, _body(event))
            if reply is not None:
                service.post(connection_id, reply)
    return {"statusCode": 200}


def _connect(event: dict[str, Any], connection_id: str, service: ChatService) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    offered = [protocol.strip() for protocol in headers.get("sec-websocket-protocol", "").split(",")]
    in_protocol = next(
        (each.removeprefix(_BEARER_PROTOCOL) for each in offered if each.startswith(_BEARER_PROTOCOL)), ""
    )
    token = (event.get("queryStringParameters") or {}).get("token") or in_protocol
    try:
        service.connect(connection_id, token, headers.get("origin"))
    except RequestError as error:
        return Response.problem(error).to_http_api()
    if SUBPROTOCOL in offered:
        return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL}}
    return {"statusCode": 200}


def _body(event: dict[str, Any]) -> bytes:
    """The frame's bytes; bytes that are not what they claim to be are left for the frame reader to refuse."""
    text: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "surrogatepass")
