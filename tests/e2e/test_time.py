"""What time brings, on the whole stack: a send window that is about to shut, and a message that stays unread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.e2e.chat_client import ChatClient
from tests.e2e.elapsed import Elapsed
from tests.e2e.outside import Outside, eventually

HOUR = 3600
CLOSING = "window.closing"


def test_a_window_that_is_about_to_shut_on_a_customer_who_waits_is_announced_once(outside: Outside, mark: str) -> None:
    # given a customer who wrote on WeChat 46 and a half hours ago and was not answered
    conversation = _writes_on_wechat(outside, mark)
    elapsed = Elapsed(outside, conversation, 46.5 * HOUR)

    with outside.subscriber() as receive:
        elapsed.windows()

        # when the schedule ticks
        elapsed.tick()

        # then the log and the stream say that the window shuts, in an hour and a half
        [closing] = _announced(outside, conversation)
        told = eventually(lambda: [event for event in receive() if event["type"] == CLOSING])
        assert [event["id"] for event in told] == [closing["id"]]
        data = closing["data"]
        assert (data["route"]["channel"], data["route"]["can_reply"]) == ("wechat", True)
        wait = datetime.fromisoformat(data["closes_at"]) - datetime.fromisoformat(closing["time"])
        assert HOUR < wait.total_seconds() <= 1.5 * HOUR

    # and when it ticks again, it is not said again
    elapsed.windows()
    elapsed.tick()
    assert _announced(outside, conversation) == [closing]


def test_nothing_is_announced_of_a_customer_who_was_answered(outside: Outside, mark: str) -> None:
    conversation = _writes_on_wechat(outside, mark)
    outside.reply(conversation, {"type": "text", "text": f"Here I am. {mark}"})
    elapsed = Elapsed(outside, conversation, 46.5 * HOUR)

    elapsed.windows()
    elapsed.tick()

    assert _announced(outside, conversation) == []


def test_a_message_that_stays_unread_goes_out_by_the_next_route_as_well(outside: Outside, mark: str) -> None:
    # given a customer on WeChat, who has written in the web chat since and has left the page
    openid = outside.wechat_user("Li Na")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"on WeChat {mark}"})
    known = outside.conversation_with(f"on WeChat {mark}")
    with ChatClient(outside) as visitor:
        visitor.send({"type": "message", "client_id": mark, "parts": [{"type": "text", "text": f"on the web {mark}"}]})
        conversation = outside.conversation_with(f"on the web {mark}")
    merged = outside.call(
        "POST", f"/v1/customers/{_customer(outside, known)}/merge", {"into": _customer(outside, conversation)}
    )
    assert merged.status == 200, merged.body

    # when they do not read what they are answered within the time that the agent gave them
    answer = {"type": "text", "text": f"Your parcel is here. {mark}"}
    accepted = outside.reply(conversation, answer, route={"channel": "webchat"}, fallback=["wechat"], unread_after=600)
    sequence = accepted["sequence"]
    eventually(lambda: outside.status_of(conversation, sequence)["status"] == "sent")
    elapsed = Elapsed(outside, conversation, 601)
    elapsed.message(sequence)
    elapsed.remind(sequence)

    # then they get it on WeChat, and the message says so
    eventually(lambda: any(answer["text"] in str(each) for each in outside.wechat_screen(openid)))
    attempts = eventually(lambda: _two_attempts(outside, conversation, sequence))
    assert [(each["channel"], each["status"], each.get("reason")) for each in attempts] == [
        ("webchat", "sent", "unread"),
        ("wechat", "sent", None),
    ]


def _writes_on_wechat(outside: Outside, mark: str) -> str:
    openid = outside.wechat_user("Li Na")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"hello {mark}"})
    return outside.conversation_with(f"hello {mark}")


def _announced(outside: Outside, conversation: str) -> list[dict[str, Any]]:
    events = outside.call("GET", f"/v1/conversations/{conversation}/events?limit=100").json()["items"]
    return [event for event in events if event["type"] == CLOSING]


def _customer(outside: Outside, conversation: str) -> str:
    return str(outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"])


def _two_attempts(outside: Outside, conversation: str, sequence: int) -> list[dict[str, Any]] | None:
    attempts: list[dict[str, Any]] = outside.status_of(conversation, sequence).get("attempts", [])
    return attempts if len(attempts) == 2 and attempts[1]["status"] == "sent" else None
