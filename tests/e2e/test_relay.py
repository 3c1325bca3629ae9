"""Given subscribers on this machine that verify what they are sent, when customers write, then each hears of all that
it asked for, in order, whatever became of it or of its neighbours in the meantime."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from tests.e2e.chat_client import ChatClient
from tests.e2e.consumer import Answer, Consumer, Subscribed, consuming
from tests.e2e.outside import Outside, WeChatServer, eventually

Say = Callable[[str], str]


@pytest.fixture(scope="module")
def everything(outside: Outside) -> Iterator[Subscribed]:
    """A subscriber who was there before anybody wrote, and wants everything."""
    with consuming(outside) as subscribed:
        subscribed.until_known()
        yield subscribed


@pytest.fixture
def say(visitor: ChatClient) -> Say:
    """Somebody writes in the web chat; the text that they wrote."""

    def said(text: str) -> str:
        marked = f"{text} {uuid.uuid4().hex[:8]}"
        visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": marked}]})
        visitor.message(marked)
        return marked

    return said


def conversation_of(consumer: Consumer, text: str) -> str:
    """The conversation of a message that a consumer has taken."""
    (event,) = [
        each for each in consumer.events() if ((each.get("data") or {}).get("message") or {}).get("text") == text
    ]
    return str(event["subject"])


def test_a_subscriber_hears_of_two_channels_in_order_signed_and_each_event_once(
    everything: Subscribed, outside: Outside, say: Say
) -> None:
    # given
    consumer = everything.consumer
    server, openid = WeChatServer(outside), outside.wechat_user("Wang Fang")
    over_wechat = [f"你好 {uuid.uuid4().hex}" for _ in range(3)]
    # when
    over_chat = []
    for number, text in enumerate(over_wechat):
        assert server.push(openid, text, 9_100_000 + number).status == 200
        over_chat.append(say("hello"))
    consumer.until(*over_wechat, *over_chat)
    # then
    for texts in (over_wechat, over_chat):
        sequences = consumer.sequences(conversation_of(consumer, texts[0]))
        assert sequences == list(range(1, len(sequences) + 1))
        assert [message["text"] for message in consumer.until(*texts)] == texts
    # and
    assert all(delivery.verified_by(everything.secret) for delivery in consumer.deliveries)
    ids = [delivery.headers["webhook-id"] for delivery in consumer.deliveries]
    assert len(set(ids)) == len(ids)
    assert ids == [event["id"] for event in consumer.events()]
    with pytest.raises(WebhookVerificationError):
        consumer.deliveries[0].verified_by("whsec_" + "A" * 44)


def test_a_reply_and_what_became_of_it_are_told_after_each_other(everything: Subscribed, outside: Outside) -> None:
    # given
    text = f"在吗？ {uuid.uuid4().hex}"
    WeChatServer(outside).push(outside.wechat_user("Li Na"), text, 9_200_001)
    everything.consumer.until(text)
    conversation_id = conversation_of(everything.consumer, text)
    # when
    accepted = outside.reply(conversation_id, {"type": "text", "text": "您好！"})

    # then
    def statuses() -> list[dict[str, Any]]:
        events = everything.consumer.events(conversation_id)
        return [event["data"] for event in events if event["type"] == "message.status_changed"]

    eventually(statuses)
    assert [(each["sequence"], each["status"]) for each in statuses()] == [(accepted["sequence"], "sent")]
    types = [event["type"] for event in everything.consumer.events(conversation_id)]
    assert types.index("message.sent") < types.index("message.status_changed")


def test_what_is_filtered_out_is_not_told(outside: Outside, say: Say) -> None:
    with consuming(outside, types=["message.received"], channels=["webchat"]) as subscribed:
        subscribed.until_known()
        # when
        elsewhere = f"别处 {uuid.uuid4().hex}"
        WeChatServer(outside).push(outside.wechat_user("Chen"), elsewhere, 9_300_001)
        outside.conversation_with(elsewhere)
        texts = [say("first"), say("second")]
        # then
        subscribed.consumer.until(*texts)
        assert {event["type"] for event in subscribed.consumer.events()} == {"message.received"}
        assert elsewhere not in str(subscribed.consumer.events())


def test_a_consumer_that_was_down_hears_of_everything_in_order_when_it_is_back(outside: Outside, say: Say) -> None:
    with consuming(outside) as subscribed:
        subscribed.until_known()
        # given
        subscribed.consumer.stop()
        texts = [say("one"), say("two")]
        (first, *_) = eventually(subscribed.attempts)
        assert (first["delivered"], first["code"]) == (False, "unreachable")
        assert subscribed.shown()["health"]["status"] == "failing"
        # when
        subscribed.consumer.start()
        # then
        texts.append(say("three"))
        assert [message["text"] for message in subscribed.consumer.until(*texts, patience=45)] == texts
        sequences = subscribed.consumer.sequences(conversation_of(subscribed.consumer, texts[0]))
        assert sequences == list(range(1, len(sequences) + 1))
        eventually(lambda: subscribed.shown()["health"]["status"] == "ok")
        assert subscribed.attempts()[0]["delivered"] is True


def test_a_consumer_that_takes_its_time_holds_up_nobody_else(
    outside: Outside, everything: Subscribed, say: Say
) -> None:
    with consuming(outside) as slow:
        slow.until_known()
        # given
        slow.consumer.open_gate.clear()
        first = say("does anybody")
        eventually(lambda: slow.consumer.waiting)
        # when
        texts = [first, say("hear"), say("me")]
        # then
        everything.consumer.until(*texts)
        assert slow.consumer.events() == []
        # and
        slow.consumer.open_gate.set()
        assert [message["text"] for message in slow.consumer.until(*texts)] == texts


def test_an_endpoint_that_is_gone_is_told_nothing_more(outside: Outside, say: Say) -> None:
    with consuming(outside) as subscribed:
        subscribed.until_known()
        subscribed.consumer.answer = Answer(410)
        # when
        say("farewell")
        # then
        eventually(lambda: subscribed.shown()["status"] == "disabled")
        assert subscribed.shown()["reason"] == "gone"
        # and when it is there again, and somebody says so, then it hears of what it has missed
        subscribed.consumer.answer = Answer()
        missed = say("are you back?")
        subscribed.change(status="active")
        subscribed.consumer.until(missed, patience=30)


def test_a_redirect_leads_nowhere_and_is_tried_again(outside: Outside, say: Say) -> None:
    elsewhere = Consumer()
    with consuming(outside) as subscribed:
        subscribed.until_known()
        subscribed.consumer.answer = Answer(302, {"location": elsewhere.url})
        # when
        text = say("where to?")
        eventually(subscribed.attempts)
        # then
        assert subscribed.attempts()[-1]["delivered"] is False
        subscribed.consumer.answer = Answer()
        subscribed.consumer.until(text, patience=45)
    elsewhere.stop()
    assert elsewhere.deliveries == []


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/hook",
        "https://127.0.0.1/hook",
        "http://localhost:8080/hook",
        "http://desk.example/hook",
        "https://desk.internal/hook",
        "https://[fd00:ec2::254]/hook",
        "https://2130706433/hook",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_public_cannot_be_subscribed(outside: Outside, url: str) -> None:
    answer = outside.call("POST", "/v1/subscriptions", {"url": url})

    assert answer.status == 422
    assert answer.json()["code"] == "bad_url"


def test_a_conversation_is_told_again_from_where_somebody_says(everything: Subscribed, say: Say) -> None:
    # given
    texts = [say("a"), say("b"), say("c")]
    everything.consumer.until(*texts)
    conversation_id = conversation_of(everything.consumer, texts[0])
    before = everything.consumer.sequences(conversation_id)
    # when
    answer = everything.ask("replay", 202, conversation_id=conversation_id, after=2)
    # then
    assert answer["queued"] is True
    eventually(lambda: len(everything.consumer.sequences(conversation_id)) >= len(before) * 2 - 2)
    assert everything.consumer.sequences(conversation_id) == before + before[2:]
    ids = [event["id"] for event in everything.consumer.events(conversation_id) if "sequence" in event]
    assert len(set(ids)) == len(before)


def test_an_event_that_is_refused_for_good_is_passed_over_and_what_follows_comes_at_once(
    outside: Outside, say: Say
) -> None:
    with consuming(outside) as subscribed:
        subscribed.until_known()
        consumer = subscribed.consumer
        # given
        first = say("this is fine")
        consumer.until(first)
        consumer.refused = "not this"
        say("not this")
        following = [say("but this"), say("and this")]
        (stuck,) = eventually(lambda: subscribed.shown()["failing_conversations"])
        assert (stuck["status"], stuck["code"]) == (422, "http_422")
        place = {"conversation_id": stuck["conversation_id"], "sequence": stuck["sequence"]}
        assert following[0] not in str(consumer.events())
        # when another is named, then nothing happens
        wrong = {**place, "sequence": stuck["sequence"] + 1}
        refusal = outside.call("POST", f"{subscribed.path}/skip", wrong)
        assert (refusal.status, refusal.json()["code"]) == (409, "not_failing_there")
        # when it is passed over
        assert subscribed.ask("skip", 202, **place)["event_id"] == stuck["event_id"]
        # then
        assert [message["text"] for message in consumer.until(*following)] == following
        [skipped] = subscribed.shown()["skipped"]
        assert {name: skipped[name] for name in place} == place
        assert (skipped["event_id"], skipped["code"]) == (stuck["event_id"], "http_422")
        eventually(lambda: subscribed.shown()["failing_conversations"] == [])
        # and a replay tells it all the same
        consumer.refused = None
        subscribed.ask("replay", 202, conversation_id=stuck["conversation_id"], after=stuck["sequence"] - 1)
        eventually(lambda: stuck["event_id"] in [event["id"] for event in consumer.events()])


def test_everything_since_a_time_is_told_again(outside: Outside, say: Say) -> None:
    # given
    earlier = say("earlier")
    outside.conversation_with(earlier)
    time.sleep(0.01)
    with consuming(outside) as subscribed:
        since = subscribed.created["created_at"]
        later = say("later")
        # when
        subscribed.consumer.until(later, patience=30)
        count = len(subscribed.consumer.events())
        assert subscribed.ask("replay", 202, since=since)["queued"] is True
        # then
        eventually(lambda: len(subscribed.consumer.events()) > count, 20)
        told = [((event.get("data") or {}).get("message") or {}).get("text") for event in subscribed.consumer.events()]
        assert told.count(later) == 2
        assert earlier not in told


def test_a_subscription_that_is_paused_keeps_its_place(outside: Outside, say: Say) -> None:
    with consuming(outside) as subscribed:
        subscribed.until_known()
        # given
        before = say("before")
        subscribed.consumer.until(before)
        subscribed.change(status="paused")
        # when
        during = [say("during"), say("still")]
        eventually(lambda: subscribed.shown()["pending"])
        assert before in str(subscribed.consumer.events())
        assert not any(text in str(subscribed.consumer.events()) for text in during)
        subscribed.change(status="active")
        # then
        assert [message["text"] for message in subscribed.consumer.until(*during, patience=30)] == during
        sequences = subscribed.consumer.sequences(conversation_of(subscribed.consumer, before))
        assert sequences == list(range(1, len(sequences) + 1))


def test_a_ping_says_what_the_endpoint_answers(everything: Subscribed, outside: Outside) -> None:
    ping = everything.ask("test", 200)

    assert (ping["delivered"], ping["status"]) == (True, 204)
    delivery = everything.consumer.deliveries[-1]
    assert delivery.event["type"] == "subscription.test"
    assert delivery.verified_by(everything.secret)
    # and
    with consuming(outside) as subscribed:
        subscribed.consumer.answer = Answer(500)
        refused = subscribed.ask("test", 200)
    assert (refused["delivered"], refused["status"]) == (False, 500)


def test_while_a_secret_is_replaced_both_of_them_verify(outside: Outside) -> None:
    with consuming(outside) as subscribed:
        # when
        rotated = subscribed.ask("secret/rotate", 200)
        subscribed.ask("test", 200)
        # then
        (delivery,) = subscribed.consumer.deliveries
        assert rotated["secret"] != subscribed.secret
        assert delivery.verified_by(rotated["secret"])
        assert delivery.verified_by(subscribed.secret)
        # and one that has leaked is used no more
        last = subscribed.ask("secret/rotate", 200, expire_previous_after=0)
        subscribed.ask("test", 200)
        assert subscribed.consumer.deliveries[-1].verified_by(last["secret"])
        for secret in (subscribed.secret, rotated["secret"]):
            with pytest.raises(WebhookVerificationError):
                subscribed.consumer.deliveries[-1].verified_by(secret)


def test_a_subscriber_may_verify_with_a_public_key(outside: Outside) -> None:
    with consuming(outside, signing="ed25519") as subscribed:
        subscribed.ask("test", 200)

        (delivery,) = subscribed.consumer.deliveries
        assert delivery.verified_by_key(subscribed.created["public_key"])
        assert "secret" not in subscribed.created


def test_a_subscription_that_was_taken_away_is_told_nothing(outside: Outside, everything: Subscribed, say: Say) -> None:
    with consuming(outside) as subscribed:
        subscribed.until_known()
        assert outside.call("DELETE", subscribed.path).status == 204
        # when
        text = say("still there?")
        everything.consumer.until(text)
        # then
        assert subscribed.consumer.events() == []
        assert outside.call("GET", subscribed.path).status == 404
