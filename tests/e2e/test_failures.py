"""When the provider misbehaves: each failure is classed and stands on the message, and harms nothing else."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.outside import Outside, eventually

SEND = "/cgi-bin/message/custom/send"


@pytest.fixture
def customer(outside: Outside) -> Iterator[tuple[str, str]]:
    """A WeChat user with an open conversation: (openid, conversation)."""
    openid = outside.wechat_user("Sun Li")
    text = f"hello {uuid.uuid4().hex}"
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": text})
    yield openid, outside.conversation_with(text)
    outside.wechat("fail", None, "DELETE")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"garbage": True}, "unknown", "provider_garbled"),
        ({"redirect": "http://127.0.0.1:1/elsewhere"}, "failed", "provider_redirected"),
        ({"errcode": 48001}, "failed", None),
    ],
)
def test_a_provider_that_misbehaves_fails_that_one_message_with_the_reason(
    outside: Outside, customer: tuple[str, str], fault: dict[str, Any], status: str, code: str | None
) -> None:
    # given a provider that fails once
    openid, conversation = customer
    outside.wechat("fail", {"path": SEND, "times": 1, **fault})

    # when two replies are sent
    first = outside.reply(conversation, {"type": "text", "text": "lost"})
    second = outside.reply(conversation, {"type": "text", "text": "after the failure"})

    # then the first says what happened to it, and the second arrives
    failed = eventually(lambda: _settled(outside, conversation, first["sequence"]))
    assert failed["status"] == status
    assert failed["error"]["code"]
    if code is not None:
        assert failed["error"]["code"] == code
    eventually(lambda: outside.status_of(conversation, second["sequence"])["status"] == "sent")
    shown = [entry["content"]["content"] for entry in outside.wechat_screen(openid) if entry["type"] == "text"]
    assert "after the failure" in shown


def test_a_window_that_the_provider_calls_closed_is_closed_until_the_customer_writes_again(
    outside: Outside, customer: tuple[str, str]
) -> None:
    # given a provider that counts the window differently from us
    openid, conversation = customer
    path = f"/v1/conversations/{conversation}/messages"
    reply = {"parts": [{"type": "text", "text": "in time"}]}
    outside.wechat("fail", {"path": SEND, "times": 1, "errcode": 45015})
    # when a reply is sent
    first = outside.reply(conversation, {"type": "text", "text": "too late"})
    # then it fails with the reason, and the next one is refused before any call
    failed = eventually(lambda: _settled(outside, conversation, first["sequence"]))
    assert (failed["status"], failed["error"]["code"]) == ("failed", "window_closed")
    refused = eventually(lambda: answer if (answer := outside.call("POST", path, reply)).status == 409 else None)
    assert json.loads(refused.body)["code"] == "window_closed"
    # when the customer writes again, then the reply goes out
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"again {uuid.uuid4().hex}"})
    accepted = eventually(lambda: answer if (answer := outside.call("POST", path, reply)).status == 202 else None)
    sequence = json.loads(accepted.body)["sequence"]
    eventually(lambda: outside.status_of(conversation, sequence)["status"] == "sent")


def _settled(outside: Outside, conversation: str, sequence: int) -> dict[str, Any] | None:
    message = outside.status_of(conversation, sequence)
    return message if message["status"] != "queued" else None


def test_a_busy_provider_is_tried_again_until_it_takes_the_message(outside: Outside, customer: tuple[str, str]) -> None:
    # given a provider that is busy twice
    openid, conversation = customer
    outside.wechat("fail", {"path": SEND, "times": 2, "errcode": -1})
    # when
    accepted = outside.reply(conversation, {"type": "text", "text": "patience"})
    # then it arrives once
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "sent", 30)
    shown = [entry["content"]["content"] for entry in outside.wechat_screen(openid) if entry["type"] == "text"]
    assert shown.count("patience") == 1


def test_an_expired_access_token_is_replaced_and_the_message_sent(outside: Outside, customer: tuple[str, str]) -> None:
    openid, conversation = customer
    outside.wechat("fail", {"path": SEND, "times": 1, "errcode": 40001})
    accepted = outside.reply(conversation, {"type": "text", "text": "with a new token"})
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "sent")
    assert any(entry["content"].get("content") == "with a new token" for entry in outside.wechat_screen(openid))


def test_a_closed_window_is_refused_before_any_call(outside: Outside) -> None:
    # given a follower whose one-minute window has been used up
    openid = outside.wechat_user("He Jing")

    def opened() -> str | None:
        for conversation in outside.call("GET", "/v1/conversations?limit=100").json()["items"]:
            customer = outside.call("GET", f"/v1/customers/{conversation['customer_id']}").json()
            if customer["identities"][0]["external_id"] == openid:
                return str(conversation["id"])
        return None

    conversation = eventually(opened)
    for number in range(3):
        outside.reply(conversation, {"type": "text", "text": f"welcome {number}"})

    # when a fourth message is tried
    answer = outside.call(
        "POST", f"/v1/conversations/{conversation}/messages", {"parts": [{"type": "text", "text": "one too many"}]}
    )

    # then
    problem = answer.json()
    assert (answer.status, problem["code"]) == (409, "window_closed")
    assert problem["route"]["can_reply"] is False


def test_poison_is_set_aside_and_what_stands_behind_it_goes_on(outside: Outside) -> None:
    # given something in the inbound queue that is no envelope, and behind it, in its group, a customer's message
    sqs = outside.aws("sqs")
    table = outside.local["table"]
    inbound = sqs.get_queue_url(QueueName=f"{table}-inbound.fifo")["QueueUrl"]
    aside = sqs.get_queue_url(QueueName=f"{table}-inbound-dlq.fifo")["QueueUrl"]
    mark = uuid.uuid4().hex
    session = {"external_id": f"visitor:{mark}", "identity_id": f"idn_{mark}", "verification": "none"}
    frame = {"type": "message", "client_id": "c-1", "parts": [{"type": "text", "text": f"behind {mark}"}]}
    body = json.dumps({"session": session, "frame": frame})
    envelope = {"channel": "webchat", "account": "main", "received_at": time.time(), "body": body}
    for number, content in enumerate(({"poison": mark}, envelope)):
        sqs.send_message(
            QueueUrl=inbound,
            MessageBody=json.dumps(content),
            MessageGroupId=mark,
            MessageDeduplicationId=f"{mark}{number}",
        )

    # then messages of others come through meanwhile
    session_token = outside.call("POST", "/chat/main/sessions", {}).json()["token"]
    text = f"still here {mark}"
    message = {"client_id": "c-1", "parts": [{"type": "text", "text": text}]}
    outside.call("POST", "/chat/main/messages", message, token=session_token)
    outside.conversation_with(text)

    # and the poison ends in the dead-letter queue, and only it
    def found() -> list[str] | None:
        answer = sqs.receive_message(QueueUrl=aside, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=1)
        return [each["Body"] for each in answer.get("Messages", []) if mark in each["Body"]]

    (letter,) = eventually(found, 100)
    assert json.loads(letter) == {"poison": mark}

    # and the customer's message has arrived
    outside.conversation_with(f"behind {mark}")
