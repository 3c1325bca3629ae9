"""The socket and chat functions: events of API Gateway in, one call, its answer out."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from functions import chat as chat_function
from functions import socket as socket_function
from shared.http.response import Response
from tests.unit.chat.fakes import SHOP, Chat, a_chat, a_message

HELLO = {"client_id": "c1", "parts": [{"type": "text", "text": "hello"}]}


def socket_event(kind: str, connection_id: str = "socket1=", **fields: Any) -> dict[str, Any]:
    context = {"eventType": kind, "routeKey": f"${kind.lower()}", "connectionId": connection_id}
    return {"requestContext": context, "isBase64Encoded": False, **fields}


def connect(chat: Chat, **fields: Any) -> dict[str, Any]:
    return socket_function.handle(socket_event("CONNECT", **fields), chat.service)


class TestTheSocketFunction:
    def test_a_token_in_the_address_opens_the_socket(self) -> None:
        chat = a_chat()
        token = chat.open()["token"]
        answer = connect(chat, queryStringParameters={"token": token}, headers={"Origin": SHOP})
        assert answer == {"statusCode": 200}
        assert list(chat.connections.open) == ["socket1="]

    def test_a_token_among_the_subprotocols_opens_it_too_and_the_protocol_is_echoed(self) -> None:
        chat = a_chat()
        offered = f"onethread.v1,  t.{chat.open()['token']}"
        answer = connect(chat, headers={"Origin": SHOP, "Sec-WebSocket-Protocol": offered})
        assert answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "onethread.v1"}}
        assert list(chat.connections.open) == ["socket1="]

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"headers": None, "queryStringParameters": None},
            {"queryStringParameters": {"token": "v1.forged.token"}},
            {"headers": {"Sec-WebSocket-Protocol": "onethread.v1, t."}},
        ],
    )
    def test_without_a_genuine_token_nothing_opens(self, fields: dict[str, Any]) -> None:
        chat = a_chat()
        answer = connect(chat, **fields)
        assert answer["statusCode"] == 401
        assert json.loads(answer["body"])["code"] == "bad_session"
        assert chat.connections.open == {}

    def test_a_foreign_page_is_refused(self) -> None:
        chat = a_chat()
        token = chat.open()["token"]
        answer = connect(chat, queryStringParameters={"token": token}, headers={"origin": "https://evil.example"})
        assert answer["statusCode"] == 403
        assert chat.connections.open == {}

    def test_a_frame_is_answered_over_the_connection(self) -> None:
        chat = a_chat()
        chat.connected()
        event = socket_event("MESSAGE", body=json.dumps({"type": "message", **HELLO}))
        assert socket_function.handle(event, chat.service) == {"statusCode": 200}
        assert chat.sockets.posted == [("socket1=", {"type": "accepted", "client_id": "c1"})]
        assert len(chat.queue.events) == 1

    def test_a_frame_in_base64_is_the_same_frame(self) -> None:
        chat = a_chat()
        body = base64.b64encode(b'{"type":"ping"}').decode()
        socket_function.handle(socket_event("MESSAGE", body=body, isBase64Encoded=True), chat.service)
        assert chat.sockets.posted == [("socket1=", {"type": "pong"})]

    @pytest.mark.parametrize("fields", [{}, {"body": None}, {"body": "{"}, {"body": "!", "isBase64Encoded": True}])
    def test_a_frame_that_is_none_is_answered_with_an_error(self, fields: dict[str, Any]) -> None:
        chat = a_chat()
        assert socket_function.handle(socket_event("MESSAGE", **fields), chat.service) == {"statusCode": 200}
        [(_, frame)] = chat.sockets.posted
        assert (frame["type"], frame["code"]) == ("error", "bad_json")

    def test_an_answer_to_a_socket_that_is_gone_forgets_it(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.sockets.gone.add("socket1=")
        socket_function.handle(socket_event("MESSAGE", body='{"type":"ping"}'), chat.service)
        assert chat.connections.open == {}

    def test_disconnecting_forgets_the_connection(self) -> None:
        chat = a_chat()
        chat.connected()
        assert socket_function.handle(socket_event("DISCONNECT"), chat.service) == {"statusCode": 200}
        assert chat.connections.open == {}


def call(
    chat: Chat,
    method: str,
    path: str,
    body: object = None,
    token: str | None = None,
    origin: str | None = SHOP,
    query: str = "",
) -> Response:
    headers = {"Content-Type": "application/json"}
    if origin is not None:
        headers["Origin"] = origin
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    event = {
        "requestContext": {"http": {"method": method}},
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "body": None if body is None else json.dumps(body),
    }
    response, _ = chat_function.handle(event, chat.service)
    return response


def read(response: Response) -> dict[str, Any]:
    return dict(json.loads(response.body))


class TestTheChatFunction:
    def test_a_visit_over_http_from_beginning_to_end(self) -> None:
        chat = a_chat()
        opened = call(chat, "POST", "/chat/main/sessions", {})
        assert opened.status == 201
        session = read(opened)
        accepted = call(chat, "POST", "/chat/main/messages", HELLO, session["token"])
        assert (accepted.status, read(accepted)) == (202, {"type": "accepted", "client_id": "c1"})
        chat.history.conversations[session["identity_id"]] = "conv_1"
        chat.history.log["conv_1"] = [a_message(number) for number in range(1, 4)]
        history = call(chat, "GET", "/chat/main/messages", token=session["token"], query="after=1&limit=1")
        assert history.status == 200
        assert [item["sequence"] for item in read(history)["items"]] == [2]
        onward = call(
            chat, "GET", "/chat/main/messages", token=session["token"], query=f"cursor={read(history)['cursor']}"
        )
        assert [item["sequence"] for item in read(onward)["items"]] == [3]
        upload = {"filename": "a.png", "mime_type": "image/png", "size": 10}
        form = call(chat, "POST", "/chat/main/uploads", upload, session["token"])
        assert form.status == 201
        assert set(read(form)) == {"media_id", "url", "fields"}

    def test_a_link_code_is_posted_like_a_message(self) -> None:
        chat = a_chat()
        token = chat.open()["token"]
        frame = {"type": "link", "client_id": "c9", "code": "ABCD-2345"}
        accepted = call(chat, "POST", "/chat/main/messages", frame, token)
        assert (accepted.status, read(accepted)) == (202, {"type": "accepted", "client_id": "c9"})
        refused = call(chat, "POST", "/chat/main/messages", {**frame, "code": "ABCD"}, token)
        assert (refused.status, read(refused)["code"]) == (400, "bad_link_code")
        assert len(chat.queue.events) == 1

    def test_claims_that_are_none_are_refused(self) -> None:
        response = call(a_chat(), "POST", "/chat/main/sessions", {"claims": {"email": "ann"}})
        assert (response.status, read(response)["code"]) == (422, "bad_claims")

    def test_a_stage_before_the_path_does_no_harm(self) -> None:
        assert call(a_chat(), "POST", "/live/chat/main/sessions").status == 201

    def test_a_visitor_with_a_session_keeps_their_identity(self) -> None:
        chat = a_chat()
        first = read(call(chat, "POST", "/chat/main/sessions"))
        assert (
            read(call(chat, "POST", "/chat/main/sessions", token=first["token"]))["identity_id"] == first["identity_id"]
        )

    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("POST", "/chat/nobody/sessions", 404, "unknown_account"),
            ("POST", "/chat/main/nothing", 404, "not_found"),
            ("POST", "/chat/main", 404, "not_found"),
            ("POST", "/chat/main/sessions/x", 404, "not_found"),
            ("GET", "/chat/main/sessions", 405, "method_not_allowed"),
            ("DELETE", "/chat/main/messages", 405, "method_not_allowed"),
            ("GET", "/chat/main/messages", 401, "bad_session"),
            ("POST", "/chat/main/messages", 401, "bad_session"),
            ("POST", "/chat/main/uploads", 401, "bad_session"),
            ("POST", "/chat/main/link-codes", 404, "not_found"),
            ("GET", "/chat/main/link-codes", 404, "not_found"),
            ("POST", "/chat/nobody/link-codes", 404, "unknown_account"),
        ],
    )
    def test_refusals_are_problems_with_a_code(self, method: str, path: str, status: int, code: str) -> None:
        response = call(a_chat(), method, path)
        assert (response.status, read(response)["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=%D9%A3", "after=" + "9" * 13])
    def test_numbers_are_checked(self, query: str) -> None:
        chat = a_chat()
        response = call(chat, "GET", "/chat/main/messages", token=chat.open()["token"], query=query)
        assert (response.status, read(response)["code"]) == (400, "bad_parameter")

    def test_nothing_is_said_to_be_accepted_when_it_could_not_be_stored(self) -> None:
        chat = a_chat()
        token = chat.open()["token"]
        chat.queue.down = True
        response = call(chat, "POST", "/chat/main/messages", HELLO, token)
        assert (response.status, read(response)["code"]) == (503, "unavailable")
        assert response.headers["access-control-allow-origin"] == SHOP


class TestCrossOrigin:
    @pytest.mark.parametrize("resource", ["sessions", "messages", "uploads", "link-codes"])
    def test_a_page_of_the_shop_may_ask_first(self, resource: str) -> None:
        response = call(a_chat(), "OPTIONS", f"/chat/main/{resource}")
        assert (response.status, response.body) == (204, b"")
        assert response.headers["access-control-allow-origin"] == SHOP
        assert "POST" in response.headers["access-control-allow-methods"]
        assert response.headers["access-control-allow-headers"] == "authorization, content-type"
        assert response.headers["vary"] == "origin"

    @pytest.mark.parametrize("resource", ["sessions", "link-codes"])
    @pytest.mark.parametrize("method", ["OPTIONS", "POST"])
    def test_a_foreign_page_gets_nothing_and_no_headers(self, method: str, resource: str) -> None:
        response = call(a_chat(), method, f"/chat/main/{resource}", origin="https://evil.example")
        assert (response.status, read(response)["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in response.headers

    def test_a_page_of_the_shop_can_read_why_it_was_refused(self) -> None:
        response = call(a_chat(), "POST", "/chat/main/messages", HELLO, "v1.forged.token")
        assert response.status == 401
        assert response.headers["access-control-allow-origin"] == SHOP

    def test_a_program_without_an_origin_is_served_without_cors_headers(self) -> None:
        response = call(a_chat(), "POST", "/chat/main/sessions", origin=None)
        assert response.status == 201
        assert "access-control-allow-origin" not in response.headers
