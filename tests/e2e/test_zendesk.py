"""Given a company whose agents work in Zendesk, when customers write on any channel, then it all happens there as it
happens here: one user, one ticket, every message and file once, and answers on their way back."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.e2e.chat_client import ChatClient
from tests.e2e.mail_world import MailWorld, address, body_of
from tests.e2e.outside import Outside, eventually
from tests.e2e.zendesk_world import PATIENCE, ZendeskWorld, files, notes, said, subscribed
from tests.support.providers import PNG


@pytest.fixture(scope="module")
def zendesk(outside: Outside) -> Iterator[ZendeskWorld]:
    with subscribed(outside) as world:
        yield world


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:12]


def say(visitor: ChatClient, text: str) -> None:
    parts = [{"type": "text", "text": text}]
    visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": parts})


def goes_on_by_mail(mail: MailWorld, visitor: ChatClient, sender: str) -> None:
    """The visitor sends the mail that the page's link has begun for them."""
    (link,) = [each["url"] for each in visitor.link_code()["links"] if each["channel"] == "email"]
    parts = urlsplit(link)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    mail.write(sender, fields.get("body", "on by mail"), to=unquote(parts.path), subject=fields.get("subject", "Link"))
    visitor.next("channel_switched")


def test_a_customer_on_two_channels_is_one_user_with_one_ticket_and_agents_answer_there(
    outside: Outside, zendesk: ZendeskWorld, mark: str
) -> None:
    mail, sender = MailWorld(outside), address()
    with ChatClient(outside) as visitor:
        # given a customer who wrote in the web chat, went on by mail, and sent a file from there
        say(visitor, f"Where is my parcel? {mark}")
        ticket = zendesk.ticket_with(f"Where is my parcel? {mark}")
        goes_on_by_mail(mail, visitor, sender)
        mail.write(sender, f"Here is the receipt. {mark}", files={"receipt.png": PNG})

        # then agents see one ticket of one user, with both messages and the file, once
        def complete() -> dict[str, Any] | None:
            shown = zendesk.ticket(ticket["id"])
            return shown if any("receipt." in text for text in said(shown)) and files(shown) else None

        shown = eventually(complete, PATIENCE)
        assert [text for text in said(shown) if mark in text] == [
            f"Where is my parcel? {mark}",
            f"Here is the receipt. {mark}",
        ]
        assert files(shown) == ["receipt.png"]
        assert any("email" in note for note in notes(shown))
        conversation = outside.conversation_with(f"Where is my parcel? {mark}")
        assert shown["external_id"] == conversation
        customer = outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
        (user,) = [each for each in zendesk.users() if each["external_id"] == customer]
        assert (user["id"], user["emails"]) == (shown["contact"], [sender])

        # when an agent answers there, with a file, and agents talk among themselves
        file = {"name": "map.png", "type": "image/png", "content": base64.b64encode(PNG).decode()}
        answered = {"ticket": ticket["id"], "text": f"It left today. {mark}", "author": "Ada", "files": [file]}
        zendesk.act("replies", {"ticket": ticket["id"], "text": f"Is this Ann? {mark}", "public": False})
        zendesk.act("replies", answered)
        # then it is in the customer's mailbox, once, and the note is not
        received = mail.received(sender, f"It left today. {mark}")
        assert [name for part in received.walk() if (name := part.get_filename())] == ["map.png"]
        assert len([each for each in mail.inbox(sender) if mark in body_of(each)]) == 1
        sent = [each for each in outside.messages(conversation) if each["direction"] == "outbound"]
        assert [(each["author"]["name"], each["metadata"]["helpdesk"]) for each in sent] == [("Ada", "zendesk/demo")]
        # and it did not come back
        assert said(zendesk.ticket(ticket["id"])).count(f"It left today. {mark}") == 1


def test_solving_there_closes_here_and_a_customer_who_writes_again_is_heard(
    outside: Outside, zendesk: ZendeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        say(visitor, f"Thanks! {mark}")
        first = zendesk.ticket_with(f"Thanks! {mark}")
        conversation = outside.conversation_with(f"Thanks! {mark}")
        # when an agent answers and solves in one
        zendesk.act("replies", {"ticket": first["id"], "text": f"Welcome. {mark}", "status": "closed"})
        # then the answer comes, and after it the end
        eventually(lambda: status_of(outside, conversation) == "closed", PATIENCE)
        assert visitor.message(f"Welcome. {mark}")
        assert [text for text in said(zendesk.ticket(first["id"])) if mark in text][-1] == f"Welcome. {mark}"
        # when the customer writes again
        say(visitor, f"One more thing. {mark}")
        again = zendesk.ticket_with(f"One more thing. {mark}")
        assert again["status"] == "open"
        assert again["contact"] == first["contact"]
        latest = outside.conversation_with(f"One more thing. {mark}")
        # and when it is closed here, then it is solved there
        closed = outside.call("PATCH", f"/v1/conversations/{latest}", {"status": "closed"})
        assert closed.status == 200, closed.body
        zendesk.until_status(again["id"], "solved")
        outside.call("PATCH", f"/v1/conversations/{latest}", {"status": "open"})
        zendesk.until_status(again["id"], "open")
        # and nothing goes on by itself
        time.sleep(2)
        assert status_of(outside, latest) == "open"
        assert zendesk.ticket(again["id"])["zendesk_status"] == "open"


def test_a_ticket_that_is_closed_for_good_goes_on_in_a_follow_up(
    outside: Outside, zendesk: ZendeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        say(visitor, f"before {mark}")
        first = zendesk.ticket_with(f"before {mark}")
        zendesk.act("statuses", {"ticket": first["id"], "status": "archived"})
        # when
        say(visitor, f"after {mark}")
        # then
        later = zendesk.ticket_with(f"after {mark}")
        assert (later["followup_of"], later["external_id"]) == (first["id"], first["external_id"])


def test_what_could_not_be_delivered_is_a_note_that_no_customer_sees(
    outside: Outside, zendesk: ZendeskWorld, mark: str
) -> None:
    # given a customer whom WeChat will not deliver to
    openid = outside.wechat_user("Wang Fang")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"你好 {mark}"})
    ticket = zendesk.ticket_with(f"你好 {mark}")
    outside.wechat("fail", {"path": "message/custom/send", "errcode": 45015})
    # when
    zendesk.act("replies", {"ticket": ticket["id"], "text": f"Hello {mark}"})
    # then
    (note,) = eventually(lambda: notes(zendesk.ticket(ticket["id"])), PATIENCE)
    assert "did not reach the customer" in note
    assert outside.wechat_screen(openid) == []


def test_a_zendesk_that_loses_answers_and_asks_for_time_has_everything_once(
    outside: Outside, zendesk: ZendeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        say(visitor, f"one {mark}")
        ticket = zendesk.ticket_with(f"one {mark}")
        # given the answer to the next message is lost, and the call after it is too many
        path = f"/tickets/{ticket['id']}.json"
        zendesk.act("fail", {"path": path, "when": "after", "http_status": 502})
        zendesk.act("fail", {"path": path, "http_status": 429, "headers": {"Retry-After": "2"}})
        # when
        for number in ("two", "three"):
            say(visitor, f"{number} {mark}")
        # then
        eventually(lambda: len(said(zendesk.ticket(ticket["id"]))) >= 3, 60)
        assert said(zendesk.ticket(ticket["id"])) == [f"{number} {mark}" for number in ("one", "two", "three")]


def status_of(outside: Outside, conversation: str) -> str:
    return str(outside.call("GET", f"/v1/conversations/{conversation}").json()["status"])
