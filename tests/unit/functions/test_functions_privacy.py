"""Nothing of what people write, are called or can be reached by gets into logs, metrics or the outsides of messages,
with every logger at DEBUG: canaries stand in every field, and nobody may see one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from functions import deliver, ingest
from functions.bootstrap import store
from shared.errors import InfrastructureError
from tests.unit.functions.stage import Stage, record
from tests.unit.functions.wechat_api import WeChatApi
from tests.unit.wechat.pushes import xml

CANARY = "canary"
FIELDS = ("Content", "Title", "Description", "Url", "Label", "Poiname", "Recognition", "EventKey", "PicUrl", "AppId")
KINDS = ("text", "image", "voice", "video", "location", "link", "miniprogrampage", "event", "hologram")


def push_of(kind: str) -> bytes:
    """A push of a type with a canary in every field that may hold words, a name or an address."""
    fields = {name: f"{CANARY}-{name}" for name in FIELDS}
    sender = f"{CANARY}-{kind}"
    others = {"Location_X": "1", "Location_Y": "2", "MediaId": f"{CANARY}-media", "Event": "CLICK", "MsgId": kind}
    return xml(kind, FromUserName=sender, CreateTime=str(int(time.time())), **fields, **others)


@pytest.fixture
def seen(stage: Stage, printed: Callable[[], str]) -> Callable[[], str]:
    """Everything that may be seen: logs and metrics, and the outsides of all messages in the queues."""
    stage.wire.clear()

    def read() -> str:
        outsides = [{name: value for name, value in each.items() if name != "Body"} for each in stage.wire]
        return printed() + json.dumps(outsides)

    return read


@pytest.mark.parametrize("account", ["plain", "secure"])
def test_what_comes_over_wechat_is_seen_by_nobody(
    stage: Stage, wechat: WeChatApi, seen: Callable[[], str], account: str
) -> None:
    key = stage.key("write")
    for kind in KINDS:
        assert stage.push(push_of(kind), account).status == 200
    stage.run()
    reply = {
        "parts": [{"type": "text", "text": f"{CANARY} answer"}, {"type": "contact", "name": f"{CANARY} contact"}],
        "author": {"type": "agent", "name": f"{CANARY} agent", "id": f"{CANARY}-id"},
        "metadata": {"note": CANARY},
    }
    found = stage.api("GET", "/v1/conversations", key=key, query={"limit": "100"}).json["items"]
    conversations = [each["id"] for each in found if each["routes"][0]["account"] == account]
    assert len(conversations) == len(KINDS)
    for conversation in conversations[:2]:
        path = f"/v1/conversations/{conversation}"
        assert stage.api("POST", f"{path}/messages", reply, key=key).status == 202
        stage.api("PATCH", path, {"assignee": CANARY, "tags": [CANARY]}, key=key)
        stage.api("POST", f"{path}/messages", {"parts": [{"type": "text", "text": 1, "note": CANARY}]}, key=key)
    stage.run()
    assert CANARY in json.dumps(wechat.sent)
    assert {each["queue"] for each in stage.wire} == {"inbound", "outbound"}
    shown = seen()
    assert CANARY not in shown
    assert "token-of-the-test" not in shown


def test_what_comes_over_web_chat_is_seen_by_nobody(stage: Stage, seen: Callable[[], str]) -> None:
    phone, code = "+15550142233", "CANA-RY2X"
    assert stage.chat("sessions", {"claims": {"email": f"{CANARY} at home"}}).status == 422
    claims = {"name": f"{CANARY} name", "email": f"{CANARY}@home.example", "phone": phone}
    session = stage.chat("sessions", {"claims": claims}).json
    parts = [
        {"type": "text", "text": f"{CANARY} text"},
        {"type": "contact", "name": f"{CANARY} name", "phones": [f"{CANARY} phone"], "emails": [f"{CANARY}@x"]},
        {"type": "location", "latitude": 1, "longitude": 2, "name": f"{CANARY} place", "address": f"{CANARY} address"},
        {"type": "choice", "id": f"{CANARY}-choice", "title": f"{CANARY} title"},
    ]
    accepted = stage.chat("messages", {"client_id": f"{CANARY}-1", "parts": parts}, session["token"])
    assert accepted.status == 202
    for wrong in ({"client_id": f"{CANARY} 2", "parts": parts}, {"client_id": "3", "parts": [{"type": CANARY}]}):
        assert stage.chat("messages", wrong, session["token"]).status in (400, 422)
    for each in (code, CANARY):
        stage.chat("messages", {"type": "link", "client_id": "4", "code": each}, session["token"])
    stage.run()
    key = stage.key("write")
    stored = store.people().identity(session["identity_id"])
    assert stored is not None
    path = f"/v1/conversations/{stored.conversation_id}/messages"
    reply: dict[str, Any] = {"parts": [{"type": "text", "text": f"{CANARY} answer"}]}
    assert stage.api("POST", path, reply, key=key).status == 202
    stage.run()
    texts = [message["text"] for message in stage.api("GET", path, key=key).json["items"]]
    # The one in the middle says that somebody came with a code, and not with which: nobody has made it.
    assert [CANARY in text for text in texts] == [True, False, True]
    assert len(stage.wire) >= 3
    shown = seen()
    for secret in (CANARY, session["token"], phone, code, code.replace("-", "")):
        assert secret not in shown


def test_what_is_refused_is_seen_by_nobody(stage: Stage, seen: Callable[[], str]) -> None:
    body = push_of("text").decode()
    for query in ({}, {"signature": CANARY, "timestamp": CANARY, "nonce": CANARY, "openid": CANARY}):
        assert stage.hook(body, query, **{"user-agent": CANARY, "traceparent": CANARY}).status in (400, 401)
    assert stage.hook(body, {}, CANARY).status == 404
    assert stage.api("GET", f"/v1/conversations/{CANARY}", key=f"ot_{CANARY}_x").status == 401
    assert stage.api("GET", f"/v1/{CANARY}", query={CANARY: CANARY}).status == 404
    assert CANARY not in seen()


@pytest.mark.parametrize("function", [ingest, deliver])
def test_what_a_poisonous_record_holds_is_seen_by_nobody(stage: Stage, seen: Callable[[], str], function: Any) -> None:
    poison = [CANARY, json.dumps({CANARY: CANARY}), json.dumps({"subject": CANARY, "data": {"message": CANARY}})]
    for body in poison:
        message = {
            "MessageId": "m1",
            "ReceiptHandle": "r1",
            "Body": body,
            "Attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": "g"},
        }
        response = function.handler({"Records": [record(message)]}, None)
        assert [each["itemIdentifier"] for each in response["batchItemFailures"]] == ["m1"]
    assert CANARY not in seen()


def test_the_error_of_a_provider_is_seen_by_nobody(stage: Stage, wechat: WeChatApi, seen: Callable[[], str]) -> None:
    conversation = stage.says(f"{CANARY}-refused")
    key = stage.key("write")
    path = f"/v1/conversations/{conversation}/messages"
    for answer in ({"errcode": 45015, "errmsg": f"{CANARY} out of reach"}, {"errcode": -1, "errmsg": CANARY}):
        wechat.answers = [answer]
        stage.api("POST", path, {"parts": [{"type": "text", "text": f"{CANARY} answer"}]}, key=key)
        stage.run()
    assert CANARY not in seen()


def test_the_text_of_a_failure_of_ours_is_seen_by_nobody(
    stage: Stage, seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stage.key("read")

    for error in (InfrastructureError(CANARY), RuntimeError(CANARY)):
        monkeypatch.setattr(store.conversation_log(), "head", Mock(side_effect=error))
        assert stage.api("GET", "/v1/conversations/conv_1", key=key).status >= 500
    assert CANARY not in seen()
