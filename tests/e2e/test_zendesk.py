"""Given a company whose agents work in Zendesk, when customers write on any channel, then it all happens there as it
happens here: one user, one ticket, every message and file once, and answers on their way back."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.e2e.chat_client import ChatClient
from tests.e2e.helpdesk_world import PATIENCE, HelpdeskWorld, files, notes, said, say, status_of, subscribed
from tests.e2e.mail_world import MailWorld, address, body_of
from tests.e2e.outside import Outside, eventually
from tests.support.providers import PNG


@pytest.fixture(scope="module")
def zendesk(outside: Outside) -> Iterator[HelpdeskWorld]:
    with subscribed(outside, "zendesk") as world:
        yield world


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:12]


def goes_on_by_mail(mail: MailWorld, visitor: ChatClient, sender: str) -> None:
    """The visitor sends the mail that the page's link has begun for them."""
    (link,) = [each["url"] for each in visitor.link_code()["links"] if each["channel"] == "email"]
    parts = urlsplit(link)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    mail.write(sender, fields.get("body", "on by mail"), to=unquote(parts.path), subject=fields.get("subject", "Link"))
    visitor.next("channel_switched")


def until_zendesk_status(zendesk: HelpdeskWorld, ticket: str, status: str) -> None:
    eventually(lambda: zendesk.ticket(ticket)["zendesk_status"] == status, PATIENCE)


def test_a_customer_on_two_channels_is_one_user_with_one_ticket_and_agents_answer_there(
    outside: Outside, zendesk: HelpdeskWorld, mark: str
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
        (user,) = [each for each in zendesk.people() if each["external_id"] == customer]
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


def test_an_agent_who_answers_and_solves_in_one_is_heard_before_the_end(
    outside: Outside, zendesk: HelpdeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        say(visitor, f"Thanks! {mark}")
        first = zendesk.ticket_with(f"Thanks! {mark}")
        conversation = outside.conversation_with(f"Thanks! {mark}")
        # when
        zendesk.act("replies", {"ticket": first["id"], "text": f"Welcome. {mark}", "status": "closed"})
        # then
        eventually(lambda: status_of(outside, conversation) == "closed", PATIENCE)
        assert visitor.message(f"Welcome. {mark}")
        assert [text for text in said(zendesk.ticket(first["id"])) if mark in text][-1] == f"Welcome. {mark}"
        # when it is opened here and closed again, then it is opened and solved there
        for ours, theirs in (("open", "open"), ("closed", "solved")):
            changed = outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": ours})
            assert changed.status == 200, changed.body
            until_zendesk_status(zendesk, first["id"], theirs)


def test_a_ticket_that_is_closed_for_good_goes_on_in_a_follow_up(
    outside: Outside, zendesk: HelpdeskWorld, mark: str
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
