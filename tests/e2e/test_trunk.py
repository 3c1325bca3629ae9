"""The trunk, end to end: two channels in, one normalized log, the ordered stream, and replies out."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.e2e.chat_client import ChatClient
from tests.e2e.outside import Outside, WeChatServer, eventually


def test_a_wechat_message_becomes_a_conversation_is_streamed_in_order_and_answered(outside: Outside) -> None:
    # given a consumer of the stream, and a follower of the account
    server = WeChatServer(outside)
    with outside.subscriber() as receive:
        openid = outside.wechat_user("Wang Fang")
        # when WeChat pushes two encrypted messages, one of them three times
        first, second = f"你好 {uuid.uuid4().hex}", f"在吗？ {uuid.uuid4().hex}"
        for _ in range(3):
            answer = server.push(openid, first, 9000001)
            assert (answer.status, answer.body) == (200, b"success")
        assert server.push(openid, second, 9000002).status == 200

        # then the API shows each once, in order
        conversation = outside.conversation_with(second)
        inbound = [message for message in outside.messages(conversation) if message["text"] in (first, second)]
        assert [message["text"] for message in inbound] == [first, second]
        assert inbound[0]["channel"] == {"type": "wechat", "account": "main"}
        assert inbound[0]["direction"] == "inbound"
        assert inbound[0]["origin"] == "customer"

        # when an agent answers
        accepted = outside.reply(conversation, {"type": "text", "text": "您好！订单今天发出。"})

        # then the customer's screen shows the answer, and the message is marked as sent
        screen = eventually(lambda: outside.wechat_screen(openid))
        assert screen[-1]["content"]["content"] == "您好！订单今天发出。"
        eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "sent")

        # and the stream holds the whole log, gap-free from 1 and in order, and the receipt
        events = _collect(receive, conversation, accepted["sequence"])
    log = [event for event in events if "sequence" in event]
    assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
    assert [event["previous_sequence"] for event in log] == list(range(len(log)))
    assert log[0]["type"] == "conversation.opened"
    assert log[-1]["type"] == "message.sent"
    receipts = [event for event in events if event["type"] == "message.status_changed"]
    assert [(each["data"]["sequence"], each["data"]["status"]) for each in receipts] == [(accepted["sequence"], "sent")]
    # and the API replays the same events
    replay = outside.call("GET", f"/v1/conversations/{conversation}/events?after=0").json()["items"]
    assert [event["id"] for event in replay] == [event["id"] for event in log]


def _collect(receive: Any, conversation: str, last: int) -> list[dict[str, Any]]:
    """The events of a conversation up to a sequence and one receipt for it, in the order of arrival."""
    events: list[dict[str, Any]] = []

    def complete() -> bool:
        events.extend(event for event in receive() if event["subject"] == conversation)
        sequences = {event.get("sequence") for event in events}
        return last in sequences and any(event["type"] == "message.status_changed" for event in events)

    eventually(complete)
    return events


def test_a_web_chat_visitor_and_an_agent_talk_over_the_socket(outside: Outside) -> None:
    # given a visitor with an open socket
    with ChatClient(outside) as visitor:
        text = f"Is anybody there? {uuid.uuid4().hex}"

        # when the visitor writes
        visitor.send({"type": "message", "client_id": "c-1", "parts": [{"type": "text", "text": text}]})

        # then it is accepted, and comes back as a message of the log
        assert visitor.next("accepted")["client_id"] == "c-1"
        own = visitor.next("message")["message"]
        assert (own["text"], own["direction"]) == (text, "inbound")

        # when an agent answers, with typing before it
        conversation = outside.conversation_with(text)
        typing = outside.call("POST", f"/v1/conversations/{conversation}/typing", {})
        assert (typing.status, typing.json()) == (202, {"shown": True})
        assert visitor.next("typing")["active"] is True
        accepted = outside.reply(conversation, {"type": "text", "text": "Yes, how can I help?"})

        # then the visitor sees it
        received = visitor.next("message")["message"]
        assert (received["id"], received["text"]) == (accepted["message_id"], "Yes, how can I help?")
        assert received["sequence"] == accepted["sequence"]
        eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "sent")

        # when the visitor has read it
        visitor.send({"type": "read", "sequence": accepted["sequence"]})

        # then the agent sees that
        eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "read")


def test_a_visitor_who_was_offline_gets_what_was_missed_in_order_and_nothing_twice(outside: Outside) -> None:
    # given a visitor whose connection is gone after a first message
    visitor = ChatClient(outside)
    text = f"Before the tunnel {uuid.uuid4().hex}"
    with visitor:
        visitor.send({"type": "message", "client_id": "c-1", "parts": [{"type": "text", "text": text}]})
        seen = visitor.next("message")["message"]["sequence"]
    conversation = outside.conversation_with(text)

    # when three answers are given meanwhile
    for number in range(3):
        outside.reply(conversation, {"type": "text", "text": f"answer {number}"})

    # then after the next connection, resuming brings exactly these
    with visitor:
        visitor.send({"type": "resume", "after": seen})
        resumed = []
        while (frame := visitor.any())["type"] != "resumed":
            if frame["type"] == "message":
                resumed.append(frame["message"])
    assert sorted({message["sequence"] for message in resumed}) == [seen + 1, seen + 2, seen + 3]
    by_sequence = {message["sequence"]: message["text"] for message in resumed}
    assert [by_sequence[sequence] for sequence in sorted(by_sequence)] == ["answer 0", "answer 1", "answer 2"]


def test_a_visitor_without_a_socket_writes_and_reads_over_http(outside: Outside) -> None:
    # given a session
    session = outside.call("POST", "/chat/main/sessions", {}).json()
    text = f"No sockets here {uuid.uuid4().hex}"

    # when the same message is posted twice
    body = {"client_id": "h-1", "parts": [{"type": "text", "text": text}]}
    answers = [outside.call("POST", "/chat/main/messages", body, token=session["token"]) for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 202]

    # then it is in the conversation once, and the visitor reads the answer by asking
    conversation = outside.conversation_with(text)
    assert [message["text"] for message in outside.messages(conversation)] == [text]
    outside.reply(conversation, {"type": "text", "text": "We see you."})
    history = outside.call("GET", "/chat/main/messages?after=0", token=session["token"])
    assert [message["text"] for message in history.json()["items"]] == [text, "We see you."]


@pytest.mark.parametrize("kind", ["image", "voice", "video"])
def test_a_file_from_wechat_is_fetched_and_can_be_had(outside: Outside, kind: str) -> None:
    # given a conversation
    openid = outside.wechat_user("Li Na")
    text = f"see {uuid.uuid4().hex}"
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": text})
    conversation = outside.conversation_with(text)
    # when
    outside.wechat(f"customers/{openid}/messages", {"type": kind})

    # then the message is there at once, and its file follows
    def stored() -> dict[str, Any] | None:
        parts = [part for message in outside.messages(conversation) for part in message["parts"]]
        found = [part["media"] for part in parts if part["type"] == kind]
        return dict(found[0]) if found and found[0]["state"] == "stored" else None

    media = eventually(stored)
    assert media["mime_type"].split("/")[0] == {"voice": "audio"}.get(kind, kind)
    assert media["size"] > 0
    assert len(_get(media["url"])) == media["size"]


def _get(url: str) -> bytes:
    from urllib.request import urlopen

    with urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def test_an_image_from_a_visitor_is_uploaded_with_a_form_and_stored(outside: Outside) -> None:
    # given a visitor with a small picture
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
    session = outside.call("POST", "/chat/main/sessions", {}).json()
    wanted = {"filename": "dot.png", "mime_type": "image/png", "size": len(picture)}
    form = outside.call("POST", "/chat/main/uploads", wanted, token=session["token"]).json()

    # when it is uploaded and named in a message
    assert _post_form(form["url"], form["fields"], picture) in (200, 201, 204)
    caption = f"look {uuid.uuid4().hex}"
    parts = [{"type": "text", "text": caption}, {"type": "image", "media": {"media_id": form["media_id"]}}]
    outside.call("POST", "/chat/main/messages", {"client_id": "u-1", "parts": parts}, token=session["token"])

    # then it is stored under what it is
    conversation = outside.conversation_with_part(caption)

    def stored() -> dict[str, Any] | None:
        media: dict[str, Any] = outside.messages(conversation)[0]["parts"][1]["media"]
        return media if media["state"] == "stored" else None

    media = eventually(stored)
    assert (media["mime_type"], media["width"], media["height"]) == ("image/png", 1, 1)
    assert _get(media["url"]) == picture


def _post_form(url: str, fields: dict[str, str], content: bytes) -> int:
    from urllib.request import Request, urlopen

    boundary = uuid.uuid4().hex
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    body = head.encode() + file.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    request = Request(url, data=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"})
    with urlopen(request, timeout=10) as answer:
        return int(answer.status)


def test_a_menu_of_choices_is_answered_by_a_tap(outside: Outside) -> None:
    # given an open conversation on WeChat
    openid = outside.wechat_user("Zhao Min")
    text = f"help {uuid.uuid4().hex}"
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": text})
    conversation = outside.conversation_with(text)

    # when an agent offers a choice, and the customer taps one
    options = [{"id": "yes", "title": "要"}, {"id": "no", "title": "不要"}]
    outside.reply(conversation, {"type": "choices", "text": "要退货吗？", "options": options})
    screen = eventually(lambda: outside.wechat_screen(openid))
    assert screen[-1]["type"] == "msgmenu"
    outside.wechat(f"customers/{openid}/messages", {"type": "choice", "id": "no", "title": "不要"})

    # then the choice is in the log by its id
    def chosen() -> dict[str, Any] | None:
        parts = [part for message in outside.messages(conversation) for part in message["parts"]]
        return next((part for part in parts if part["type"] == "choice"), None)

    assert eventually(chosen) == {"type": "choice", "id": "no", "title": "不要"}


def test_forged_and_malformed_webhooks_are_refused_and_change_nothing(outside: Outside) -> None:
    before = json.dumps(outside.call("GET", "/v1/conversations?limit=100").json()["items"])
    refused = {
        "forged": ("/hooks/wechat/main?timestamp=1&nonce=1&signature=x&msg_signature=x", b"<xml/>"),
        "unknown account": ("/hooks/wechat/nobody", b"<xml/>"),
        "unknown channel": ("/hooks/carrier_pigeon/main", b"coo"),
        "oversized": ("/hooks/wechat/main", b"x" * 200_000),
        "not a webhook": ("/hooks/webchat/main", b"{}"),
    }
    answers = {name: outside.call("POST", path, raw=body) for name, (path, body) in refused.items()}
    assert answers["oversized"].status == 413
    for name, answer in answers.items():
        assert 400 <= answer.status < 500, (name, answer.status, answer.body)
        assert answer.json()["code"], name
    assert json.dumps(outside.call("GET", "/v1/conversations?limit=100").json()["items"]) == before
