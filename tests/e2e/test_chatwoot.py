"""Given a company whose agents work in Chatwoot, when customers write on any channel, then it all happens there as it
happens here: one contact, one conversation, every message and file once, and answers on their way back."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.chat_client import ChatClient
from tests.e2e.helpdesk_world import PATIENCE, HelpdeskWorld, files, notes, said, say, subscribed
from tests.e2e.outside import Outside, eventually
from tests.support.providers import PNG


@pytest.fixture(scope="module")
def chatwoot(outside: Outside) -> Iterator[HelpdeskWorld]:
    with subscribed(outside, "chatwoot") as world:
        yield world


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:12]


def goes_on_at_wechat(outside: Outside, visitor: ChatClient) -> str:
    """The visitor follows a link code with their phone; their openid."""
    link = next(
        each for each in visitor.link_code()["links"] if each["channel"] == "wechat" and each["account"] == "main"
    )
    openid = str(outside.wechat("customers", {"name": "Li Na", "account": "main"})["openid"])
    outside.wechat(f"customers/{openid}/scan", {"url": link["qr"]})
    visitor.next("channel_switched")
    return openid


def test_a_customer_on_two_channels_is_one_contact_with_one_conversation_and_agents_answer_there(
    outside: Outside, chatwoot: HelpdeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        # given a customer who wrote in the web chat, went on at WeChat, and sent a picture from there
        say(visitor, f"Where is my parcel? {mark}")
        ticket = chatwoot.ticket_with(f"Where is my parcel? {mark}")
        openid = goes_on_at_wechat(outside, visitor)
        outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"什么时候到？{mark}"})
        outside.wechat(f"customers/{openid}/messages", {"type": "image"})

        # then agents see one conversation of one contact, with both messages and the picture, once
        def complete() -> dict[str, Any] | None:
            shown = chatwoot.ticket(ticket["id"])
            return shown if f"什么时候到？{mark}" in said(shown) and files(shown) else None

        shown = eventually(complete, PATIENCE)
        assert [text for text in said(shown) if mark in text] == [
            f"Where is my parcel? {mark}",
            f"什么时候到？{mark}",
        ]
        assert len(files(shown)) == 1
        assert any("WeChat" in note for note in notes(shown))
        conversation = outside.conversation_with(f"Where is my parcel? {mark}")
        customer = outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
        assert len([each for each in chatwoot.people() if each["external_id"] == customer]) == 1

        # when an agent answers there, with a file
        file = {"name": "map.png", "type": "image/png", "content": base64.b64encode(PNG).decode()}
        answered = {"ticket": ticket["id"], "text": f"It left **today**. {mark}", "author": "Ada", "files": [file]}
        chatwoot.act("replies", answered)
        chatwoot.act("replies", {"ticket": ticket["id"], "text": f"Is this Li Na? {mark}", "public": False})
        # then it is on the customer's phone, once, and the note is not
        screen = eventually(lambda: on_screen(outside, openid, "It left today."), PATIENCE)
        eventually(lambda: [each for each in outside.wechat_screen(openid) if each["type"] == "image"], PATIENCE)
        assert len(screen) == 1
        sent = [each for each in outside.messages(conversation) if each["direction"] == "outbound"]
        assert [(each["author"]["name"], each["metadata"]["helpdesk"]) for each in sent] == [("Ada", "chatwoot/demo")]
        # and it did not come back
        assert said(chatwoot.ticket(ticket["id"])).count(f"It left **today**. {mark}") == 1


def test_what_could_not_be_delivered_is_a_mark_at_the_agents_message(
    outside: Outside, chatwoot: HelpdeskWorld, mark: str
) -> None:
    # given a customer whom WeChat will not deliver to
    openid = outside.wechat_user("Wang Fang")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"你好 {mark}"})
    ticket = chatwoot.ticket_with(f"你好 {mark}")
    outside.wechat("fail", {"path": "message/custom/send", "errcode": 45015})
    # when
    chatwoot.act("replies", {"ticket": ticket["id"], "text": f"Hello {mark}"})
    # then
    eventually(lambda: said_status(chatwoot, ticket["id"], f"Hello {mark}") == "failed", PATIENCE)


def on_screen(outside: Outside, openid: str, text: str) -> list[dict[str, Any]]:
    return [each for each in outside.wechat_screen(openid) if text in str(each)]


def said_status(chatwoot: HelpdeskWorld, ticket: str, text: str) -> str:
    return next(str(each["status"]) for each in chatwoot.ticket(ticket)["messages"] if each["text"] == text)
