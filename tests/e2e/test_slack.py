"""Slack, end to end: events in, signed by slack_sdk; answers out into the thread they belong to."""

from __future__ import annotations

import base64
import time
import uuid
from typing import Any

import pytest

from tests.e2e.outside import Outside, eventually
from tests.e2e.slack_world import SlackWorld, form

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0f01f0005050201"
    "5fd2a1c90000000049454e44ae426082"
)


@pytest.fixture
def slack(outside: Outside) -> SlackWorld:
    return SlackWorld(outside)


def words(text: str) -> str:
    return f"{text} {uuid.uuid4().hex}"


def message_event(slack: SlackWorld, channel: str, user: str, text: str, **more: Any) -> dict[str, Any]:
    ts = f"{time.time():.6f}"
    return {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts, "team": slack.team, **more}


def test_a_direct_message_signed_by_slack_sdk_is_stored_once_however_often_it_comes(
    outside: Outside, slack: SlackWorld
) -> None:
    user = slack.user()
    channel, text = slack.direct(user), words("Hello <@U0DEMO00001> &amp; co")
    body = slack.event(message_event(slack, channel, user, text, channel_type="im"))
    for retry in ({}, {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}, {"x-slack-retry-num": "2"}):
        answer = slack.deliver(body, retry)
        assert (answer.status, answer.body) == (200, b"")
    last = words("Is anybody there?")
    slack.deliver(slack.event(message_event(slack, channel, user, last, channel_type="im")))
    conversation = outside.conversation_with(last)
    texts = [message["text"] for message in outside.messages(conversation)]
    assert len(texts) == 2
    assert "& co" in texts[0]


def test_the_answer_is_posted_into_the_thread_of_the_question(outside: Outside, slack: SlackWorld) -> None:
    # given a customer who asks in a channel
    user = slack.user()
    channel, question = slack.channel(user), words("My order is late")
    asked = slack.act("messages", {"user": user, "channel": channel, "text": question})
    conversation = outside.conversation_with(question)
    # when an agent answers
    accepted = outside.reply(conversation, {"type": "text", "text": "**It left** today & is <on> its way"})
    # then the answer stands in the thread under the question, with nothing that pings anybody
    [posted] = eventually(lambda: slack.from_app(channel))
    assert posted["thread_ts"] == asked["ts"]
    assert "&lt;on&gt;" in posted["text"]
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "delivered")
    # when the customer answers in the thread, it is the same conversation
    more = words("Thank you")
    slack.act("messages", {"user": user, "channel": channel, "text": more, "thread_ts": asked["ts"]})
    assert outside.conversation_with(more) == conversation
    # and still is after it was closed, for the thread says so; a new question is a new conversation
    outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": "closed"})
    late, other = words("One more thing"), words("Something else")
    slack.act("messages", {"user": user, "channel": channel, "text": late, "thread_ts": asked["ts"]})
    assert outside.conversation_with(late) == conversation
    assert outside.call("GET", f"/v1/conversations/{conversation}").json()["status"] == "open"
    outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": "closed"})
    slack.act("messages", {"user": user, "channel": channel, "text": other})
    assert outside.conversation_with(other) != conversation


def test_what_staff_write_in_the_thread_is_an_echo_and_is_not_sent_again(outside: Outside, slack: SlackWorld) -> None:
    user, colleague = slack.user(), slack.user("staff")
    channel, question = slack.channel(user, colleague), words("Help")
    asked = slack.act("messages", {"user": user, "channel": channel, "text": question})
    conversation = outside.conversation_with(question)
    answer = words("I am on it")
    slack.act("messages", {"user": colleague, "channel": channel, "text": answer, "thread_ts": asked["ts"]})
    assert outside.conversation_with(answer) == conversation
    echo = outside.messages(conversation)[-1]
    assert (echo["origin"], echo["direction"], echo["author"]["type"]) == ("echo", "outbound", "agent")
    assert slack.from_app(channel) == []


def test_edits_reactions_and_deletions_are_entries_of_the_log(outside: Outside, slack: SlackWorld) -> None:
    user = slack.user()
    channel, first = slack.direct(user), words("My card is 4111")
    written = slack.act("messages", {"user": user, "text": first})
    conversation = outside.conversation_with(first)
    where = {"user": user, "channel": channel, "ts": written["ts"]}
    second = words("My order is 4111")
    slack.act("edits", {**where, "text": second})
    eventually(lambda: outside.messages(conversation)[0]["text"] == second)
    slack.act("reactions", {**where, "name": "eyes"})
    slack.act("reactions", {**where, "name": "eyes", "added": False})
    slack.act("deletions", where)
    eventually(lambda: outside.messages(conversation)[0].get("deleted_at"))
    assert outside.messages(conversation)[0]["parts"] == []
    log = outside.call("GET", f"/v1/conversations/{conversation}/events?after=0").json()["items"]
    assert [event["type"] for event in log] == [
        "conversation.opened",
        "message.received",
        "message.edited",
        "reaction.added",
        "reaction.removed",
        "message.deleted",
    ]
    assert [event["sequence"] for event in log] == [1, 2, 3, 4, 5, 6]
    assert first not in str(outside.messages(conversation))


def test_choices_are_buttons_and_a_tap_comes_back_as_the_choice(outside: Outside, slack: SlackWorld) -> None:
    user = slack.user()
    channel, question = slack.direct(user), words("Where is it?")
    slack.act("messages", {"user": user, "text": question})
    conversation = outside.conversation_with(question)
    options = [{"id": "home", "title": "At home"}, {"id": "shop", "title": "In the shop"}]
    outside.reply(conversation, {"type": "choices", "text": "Where shall we deliver?", "options": options})
    [posted] = eventually(lambda: slack.from_app(channel))
    buttons = [element for block in posted["blocks"] for element in block.get("elements", [])]
    assert [button["text"]["text"] for button in buttons if button["type"] == "button"] == ["At home", "In the shop"]
    chosen = next(button for button in buttons if button["text"]["text"] == "In the shop")
    slack.act("taps", {"user": user, "channel": channel, "ts": posted["ts"], "action_id": chosen["action_id"]})
    choice = eventually(
        lambda: next((each for each in outside.messages(conversation) if each["parts"][0]["type"] == "choice"), None)
    )
    assert (choice["parts"][0]["id"], choice["parts"][0]["title"]) == ("shop", "In the shop")


def test_files_go_both_ways(outside: Outside, slack: SlackWorld) -> None:
    user = slack.user()
    channel, text = slack.direct(user), words("Look")
    file = {"name": "photo.png", "data": base64.b64encode(PNG).decode()}
    slack.act("messages", {"user": user, "text": text, "files": [file]})
    conversation = outside.conversation_with_part(text)

    def stored() -> dict[str, Any] | None:
        media: dict[str, Any] = outside.messages(conversation)[0]["parts"][-1]["media"]
        return media if media["state"] == "stored" else None

    assert eventually(stored)["size"] == len(PNG)
    form_fields = outside.call("POST", "/v1/media", {"mime_type": "image/png", "size": len(PNG)}).json()
    outside.upload(form_fields, PNG)
    media = {"media_id": form_fields["media_id"], "filename": "map.png", "mime_type": "image/png", "size": len(PNG)}
    outside.reply(conversation, {"type": "text", "text": "Here"}, {"type": "image", "media": media})
    posted = eventually(lambda: [each for each in slack.from_app(channel) if each.get("files")])
    assert posted[0]["files"][0]["name"] == "map.png"


def test_a_busy_slack_is_waited_for(outside: Outside, slack: SlackWorld) -> None:
    user = slack.user()
    channel, question = slack.direct(user), words("Quick")
    slack.act("messages", {"user": user, "text": question})
    conversation = outside.conversation_with(question)
    slack.act("fail", {"path": "chat.postMessage", "retry_after": 2})
    began = time.monotonic()
    accepted = outside.reply(conversation, {"type": "text", "text": "Answer"})
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "delivered", 20)
    assert time.monotonic() - began >= 2
    assert len(slack.from_app(channel)) == 1


def test_what_slack_did_not_send_changes_nothing(outside: Outside, slack: SlackWorld) -> None:
    aside = outside.waiting("inbound-dlq.fifo")
    user = slack.user()
    channel, text = slack.direct(user), words("forged")
    body = slack.event(message_event(slack, channel, user, text, channel_type="im"))
    assert slack.deliver(body, {"x-slack-signature": f"v0={'0' * 64}"}).status == 401
    assert slack.deliver(body, at=time.time() - 400).status == 401
    assert outside.call("POST", "/hooks/slack/main", raw=body.encode()).status in (400, 401)
    assert slack.deliver("x" * 1_200_000).status == 413
    strange = ["not json", "[]", '{"type":"event_callback"}', form({"type": "block_actions"}), "payload=%7B", "\x00"]
    for each in strange:
        assert slack.deliver(each).status == 200, each
    handshake = slack.deliver('{"token":"z","challenge":"abc","type":"url_verification"}')
    assert (handshake.status, handshake.body) == (200, b"abc")
    last = words("after all that")
    slack.deliver(slack.event(message_event(slack, channel, user, last, channel_type="im")))
    conversation = outside.conversation_with(last)
    assert text not in [message["text"] for message in outside.messages(conversation)]
    assert outside.waiting("inbound-dlq.fifo") == aside
